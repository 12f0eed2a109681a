/**
 * The smallest exact variance of any unbiased count-based estimator of ∇J_k at one policy: a reference line, not an
 * estimator, for it needs to know the policy.
 *
 * Unbiasedness fixes w1(m+1) − w0(m) = D(m) = (k/n) C(n−1−m, k−1)/C(n−1, k−1) and leaves w0 free: a baseline b(c), one
 * number for each c. With r = min(p, q) and d = g/r,
 *
 *   Var = Σ_c P(c) [ c v_1 (b(c−1) + D(c−1))² + (n−c) v_0 b(c)² + |d|² (r h(c) − r α_k)² ]
 *   r h(c) = (r/p) c (b(c−1) + D(c−1)) − (r/q) (n−c) b(c)
 *
 * Each term of the sum holds two neighbouring unknowns, so the least sum is found from c = 0 up, as a function
 * A (x − X)² + C of the last unknown x: squares are only ever completed to squares, nothing cancels.
 */
import { binomialProbabilities } from '../math/binomial.ts';
import { choose, fraction, toNumber } from '../math/fraction.ts';
import { passAtKWeight } from '../math/passAtK.ts';
import type { PromptTheory } from './promptTheory.ts';

/** Contract: the id of the reference line, which no table over c of the catalogue is. */
export const ORACLE_MINIMUM = 'oracle-minimum';

/** curvature (x − centre)² + least */
interface Parabola {
  readonly curvature: number;
  readonly centre: number;
  readonly least: number;
}

function add(a: Parabola, b: Parabola): Parabola {
  const curvature = a.curvature + b.curvature;
  if (curvature === 0) return { curvature, centre: 0, least: a.least + b.least };
  const share = a.curvature / curvature;
  const apart = a.centre - b.centre;
  return {
    curvature,
    centre: share * a.centre + (1 - share) * b.centre,
    least: a.least + b.least + share * b.curvature * apart * apart,
  };
}

/**
 * min over x of first(x) + weight (slope x + y)²: what is left is a parabola in y.
 */
function eliminate(first: Parabola, weight: number, slope: number): Parabola {
  const stiffness = weight * slope * slope;
  const sum = first.curvature + stiffness;
  return {
    curvature: sum === 0 ? weight : weight * (first.curvature / sum),
    centre: -slope * first.centre,
    least: first.least,
  };
}

/** D(m), m = 0..n−1: what unbiasedness for ∇J_k asks of w1(m+1) − w0(m). k ≤ n. */
export function unbiasedDifferences(n: number, k: number): Float64Array {
  const all = choose(n - 1, k - 1) * BigInt(n);
  return Float64Array.from({ length: n }, (_, m) =>
    toNumber(fraction(BigInt(k) * choose(n - 1 - m, k - 1), all)),
  );
}

/** Least trace of Cov G over all unbiased members. @param k ≤ n */
export function oracleMinimumVariance(theory: PromptTheory, n: number, k: number): number {
  const { successProb: p, failureProb: q } = theory;
  const rarer = Math.min(p, q);
  const alpha = rarer * passAtKWeight(p, k, q);
  const differences = unbiasedDifferences(n, k);
  const probabilities = binomialProbabilities(n, p, q);
  const directionSq = theory.direction.reduce((sum, mean) => sum + mean * mean, 0);
  const correctVariance = theory.correct?.scoreVariance ?? 0;
  const wrongVariance = theory.wrong?.scoreVariance ?? 0;
  // The least sum so far as a function of b(c − 1); at c = 0 there is no such unknown.
  let soFar: Parabola = { curvature: 0, centre: 0, least: 0 };
  for (let c = 0; c <= n; c += 1) {
    const prob = probabilities[c];
    if (prob === 0) {
      // b(c) has met no term yet: anything goes.
      soFar = { curvature: 0, centre: 0, least: soFar.least };
      continue;
    }
    const fromCorrect = c === 0 ? 0 : (rarer / p) * c;
    const fromWrong = c === n ? 0 : -(rarer / q) * (n - c);
    if (c > 0) {
      const required = { curvature: prob * c * correctVariance, centre: -differences[c - 1], least: 0 };
      soFar = add(soFar, required);
    }
    // (fromCorrect (b(c−1) + D) + fromWrong b(c) − α)² with x = b(c−1), y = the rest.
    const offset = (c === 0 ? 0 : fromCorrect * differences[c - 1]) - alpha;
    const rest = eliminate(soFar, prob * directionSq, fromCorrect);
    if (c === n) return rest.least + valueAt(rest, offset);
    const own = { curvature: prob * (n - c) * wrongVariance, centre: 0, least: 0 };
    // Without a gradient (p = 0) nothing but its own term ties b(c) down.
    soFar =
      rest.curvature === 0
        ? { ...own, least: rest.least }
        : add(own, {
            curvature: rest.curvature * fromWrong * fromWrong,
            centre: (rest.centre - offset) / fromWrong,
            least: rest.least,
          });
  }
  return soFar.least;
}

/** The part of a parabola above its least value. */
function valueAt({ curvature, centre }: Parabola, x: number): number {
  return curvature * (x - centre) * (x - centre);
}
