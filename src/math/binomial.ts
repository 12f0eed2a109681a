/**
 * The distribution of the number of successes in a group.
 */
import { choose, toNumber, fraction } from './fraction.ts';

const logChooseRows = new Map<number, Float64Array>();

function logChooseRow(n: number): Float64Array {
  const cached = logChooseRows.get(n);
  if (cached) return cached;
  const row = Float64Array.from({ length: n + 1 }, (_, c) => Math.log(toNumber(fraction(choose(n, c)))));
  logChooseRows.set(n, row);
  return row;
}

/**
 * Binomial probabilities P(c) = C(n, c) p^c q^(n−c), with p and q given apart so that neither loses digits.
 *
 * A success (or a failure) of probability 0 gives an exact 0, never an underflow: what cannot happen stays out of sums.
 *
 * @param n trials, 0..1024 (C(n, n/2) must fit a float64)
 * @returns [n + 1]
 */
export function binomialProbabilities(n: number, p: number, q: number): Float64Array {
  const probabilities = new Float64Array(n + 1);
  if (p === 0 || q === 0) {
    probabilities[p === 0 ? 0 : n] = 1;
    return probabilities;
  }
  const logP = p < 0.5 ? Math.log(p) : Math.log1p(-q);
  const logQ = q < 0.5 ? Math.log(q) : Math.log1p(-p);
  const logChoose = logChooseRow(n);
  for (let c = 0; c <= n; c += 1) {
    probabilities[c] = Math.exp(logChoose[c] + c * logP + (n - c) * logQ);
  }
  return probabilities;
}
