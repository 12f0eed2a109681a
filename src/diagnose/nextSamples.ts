/** How many samples a wanted error takes, and what pass@k beyond n would be under the fitted distributions of p. */
import { studentQuantile } from '../math/stats/tails.ts';
import { logGamma, type BetaFit, type Mixture } from './difficulty.ts';
import { mixtureVariance } from './passAtKCurve.ts';

/** Samples a problem, at most, that are looked at. */
const MOST_SAMPLES = 2 ** 14;

/**
 * The least n at which half an interval over samples is at most so wide: t √(E Var[estimate | p] / problems), by the fitted distribution.
 * Null where no n up to 16,384 is enough.
 */
export function samplesFor(
  mixture: Mixture,
  problemCount: number,
  k: number,
  level: number,
  points: number,
): number | null {
  const t = studentQuantile(1 - level, Math.max(1, problemCount - 1));
  const isEnough = (n: number): boolean =>
    t * Math.sqrt(mixtureVariance(n, k, mixture) / problemCount) <= points / 100;
  let high = k;
  while (!isEnough(high)) {
    if (high >= MOST_SAMPLES) return null;
    high = Math.min(MOST_SAMPLES, 2 * high);
  }
  let low = Math.max(k, Math.floor(high / 2));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** pass@k of a k beyond n: no estimate, but what a fitted distribution of p says. */
export interface Extrapolation {
  /** E[1 − (1 − p)^k] under the mixture: p below 1/n is as good as unknown to it */
  readonly mixture: number;
  /** under the beta distribution: 1 − B(a, b + k)/B(a, b) */
  readonly beta: number;
}

export function extrapolate({ probs, weights }: Mixture, { a, b }: BetaFit, k: number): Extrapolation {
  let sum = 0;
  probs.forEach((p, g) => {
    sum += weights[g] * (p >= 1 ? 1 : -Math.expm1(k * Math.log1p(-p)));
  });
  const log = logGamma(b + k) - logGamma(a + b + k) - logGamma(b) + logGamma(a + b);
  return { mixture: sum, beta: -Math.expm1(log) };
}
