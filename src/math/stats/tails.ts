/**
 * Exact tails of the binomial and of Student's distribution, from the regularised incomplete beta function
 * (DLMF 8.17.5 and 8.17; the function itself is stdlib's).
 */
import betainc from '@stdlib/math-base-special-betainc';

/**
 * Two-sided p-value of x successes in N trials of chance p: twice the smaller tail, at most 1.
 *
 *   P(X ≥ x) = I_p(x, N − x + 1)
 */
export function binomialPValue(successes: number, trials: number, prob: number): number {
  if (prob <= 0) return successes === 0 ? 1 : 0;
  if (prob >= 1) return successes === trials ? 1 : 0;
  return Math.min(1, 2 * Math.min(upperTail(successes, trials, prob), lowerTail(successes, trials, prob)));
}

/** P(X ≥ x) */
export function upperTail(successes: number, trials: number, prob: number): number {
  if (successes <= 0) return 1;
  if (successes > trials) return 0;
  return betainc(prob, successes, trials - successes + 1, true, false);
}

/** P(X ≤ x) */
export function lowerTail(successes: number, trials: number, prob: number): number {
  if (successes < 0) return 0;
  if (successes >= trials) return 1;
  return betainc(prob, successes + 1, trials - successes, true, true);
}

/**
 * An upper bound of the two-sided binomial p-value (Chernoff): 2 exp(−N KL(x/N ‖ p)). Cheap, so that the exact tail is
 * only computed where it could matter.
 */
export function binomialPValueBound(successes: number, trials: number, prob: number): number {
  if (trials === 0) return 1;
  if (prob <= 0 || prob >= 1) return binomialPValue(successes, trials, prob);
  const rate = successes / trials;
  const hit = rate === 0 ? 0 : rate * Math.log(rate / prob);
  const miss = rate === 1 ? 0 : (1 - rate) * Math.log((1 - rate) / (1 - prob));
  return Math.min(1, 2 * Math.exp(-trials * Math.max(0, hit + miss)));
}

/** Two-sided p-value of Student's t: I_{ν/(ν+t²)}(ν/2, ½). */
export function studentPValue(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? 1 : 0;
  return betainc(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5, true, false);
}

/** The t with a two-sided p-value of `level`. */
export function studentQuantile(level: number, degreesOfFreedom: number): number {
  let low = 0;
  let high = 1;
  while (studentPValue(high, degreesOfFreedom) > level) high *= 2;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (studentPValue(middle, degreesOfFreedom) > level) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Clopper & Pearson's interval (1934) of a binomial chance: it holds the chance with probability `level` or more.
 *
 * @param level e.g. 0.95
 */
export function binomialInterval(
  successes: number,
  trials: number,
  level: number,
): { readonly low: number; readonly high: number } {
  const tail = (1 - level) / 2;
  const solve = (isLow: (prob: number) => boolean): number => {
    let [low, high] = [0, 1];
    for (let step = 0; step < 60; step += 1) {
      const middle = (low + high) / 2;
      if (isLow(middle)) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return {
    low: successes === 0 ? 0 : solve((prob) => upperTail(successes, trials, prob) < tail),
    high: successes === trials ? 1 : solve((prob) => lowerTail(successes, trials, prob) > tail),
  };
}
