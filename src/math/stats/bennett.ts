/**
 * Bennett's inequality: tails of sums of independent, bounded, centred variables, without the normal approximation.
 *
 *   P(|S| ≥ d) ≤ 2 exp(−(W/M²) h(M d / W)),   h(u) = (1 + u) ln(1 + u) − u
 *
 * W the variance of the sum, M a bound of one summand's size (Bennett 1962). Where few groups carry weight the normal
 * tail is wrong by orders of magnitude; this one is a bound always, and close to the normal one where that holds.
 */

/** h(u) for u ≥ 0, without cancellation near 0. */
function bennettRate(u: number): number {
  if (u < 1e-4) return (u * u) / 2 - (u * u * u) / 6;
  return (1 + u) * Math.log1p(u) - u;
}

/**
 * Two-sided p-value of a sum's deviation from its exact mean.
 *
 * @param deviation d ≥ 0
 * @param variance W ≥ 0 of the sum; 0 asks for equality up to `rounding`
 * @param bound M ≥ 0 of one summand
 * @param rounding how far the sum may be off by float64 arithmetic alone
 */
export function bennettPValue(deviation: number, variance: number, bound: number, rounding = 0): number {
  const excess = Math.max(0, deviation - rounding);
  if (excess === 0) return 1;
  if (variance === 0 || bound === 0) return 0;
  return Math.min(1, 2 * Math.exp(-(variance / (bound * bound)) * bennettRate((bound * excess) / variance)));
}

/**
 * The deviation of a mean of `count` summands that reaches a p-value.
 *
 * @param variance of one summand
 * @param bound M of one summand
 * @param level the p-value, in (0, 1)
 */
export function criticalDeviation(count: number, variance: number, bound: number, level: number): number {
  if (variance === 0 || bound === 0) return 0;
  // Solve (W/M²) h(u) = ln(2/level) for u by bisection on a bracket that h's growth guarantees.
  const wanted = (Math.log(2 / level) * bound * bound) / (count * variance);
  let low = 0;
  let high = 1;
  while (bennettRate(high) < wanted) high *= 2;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (bennettRate(middle) < wanted) low = middle;
    else high = middle;
  }
  return (high * variance) / bound;
}

/** Least number of summands whose mean is known closely enough: `isEnough` must stay true once it is. */
export function leastCount(isEnough: (count: number) => boolean, limit: number): number {
  if (!isEnough(limit)) return Infinity;
  let low = 0;
  let high = limit;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
