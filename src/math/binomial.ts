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
  return binomialLogProbabilities(n, p, q).map(Math.exp);
}

/** ln P(c), −Infinity where c cannot happen: sums of them do not underflow. The parameters as above. */
export function binomialLogProbabilities(n: number, p: number, q: number): Float64Array {
  if (p === 0 || q === 0) {
    const logs = new Float64Array(n + 1).fill(-Infinity);
    logs[p === 0 ? 0 : n] = 0;
    return logs;
  }
  const logP = p < 0.5 ? Math.log(p) : Math.log1p(-q);
  const logQ = q < 0.5 ? Math.log(q) : Math.log1p(-p);
  return logChooseRow(n).map((logChoose, c) => logChoose + c * logP + (n - c) * logQ);
}
