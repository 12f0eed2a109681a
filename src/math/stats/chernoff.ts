/**
 * Tails of sums of independent, centred variables from their cumulants: for every L > 0
 *
 *   P(S ≥ d) ≤ exp(−(L d − ψ(L))),   ψ(L) = ln E exp(L S) = Σ_i ln E exp(L X_i)
 *
 * (Chernoff 1952). Any L gives a bound, so a search that stops early is only wider. Where only a summand's variance and
 * greatest size are known, Bennett's lemma bounds its part of ψ: with |X| ≤ B and variance V, E exp(LX) ≤ exp((V/B²)(e^(LB) − 1 − LB)).
 */

/** ψ of a sum, or an upper bound of it; Infinity where there is none. */
export type Cumulant = (argument: number) => number;

/** Independent summands of one kind in a sum. */
export interface SumTerm {
  /** W, of all of them together */
  readonly variance: number;
  /** B, greatest size of one of them */
  readonly bound: number;
}

/** Beyond this the exponential is as good as infinite. */
const LARGEST_EXPONENT = 600;

/** e^x − 1 − x for x ≥ 0, without cancellation near 0. */
function excessExponential(x: number): number {
  if (x > LARGEST_EXPONENT) return Infinity;
  return x < 1e-3 ? x * x * (0.5 + x * (1 / 6 + x / 24)) : Math.expm1(x) - x;
}

/** Bennett's bound of ψ for a sum of several kinds of summands, each with its own bound. Those that do not vary drop out. */
export function bennettCumulant(terms: readonly SumTerm[]): Cumulant {
  const varying = terms.filter(({ variance, bound }) => variance > 0 && bound > 0);
  return (argument) =>
    varying.reduce(
      (sum, { variance, bound }) => sum + (variance / (bound * bound)) * excessExponential(argument * bound),
      0,
    );
}

/** Half-width of the search for L, in natural logarithms about the normal approximation's. */
const SEARCH_BELOW = 14;
const SEARCH_ABOVE = 5;
const SEARCH_STEPS = 32;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The least value of a function that falls and then rises, of an argument near `centre` (by factors). */
function leastNear(centre: number, value: (argument: number) => number): number {
  let low = Math.log(centre) - SEARCH_BELOW;
  let high = Math.log(centre) + SEARCH_ABOVE;
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let atLeft = value(Math.exp(left));
  let atRight = value(Math.exp(right));
  let least = Math.min(atLeft, atRight);
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    if (atLeft <= atRight) {
      high = right;
      [right, atRight] = [left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = value(Math.exp(left));
      least = Math.min(least, atLeft);
    } else {
      low = left;
      [left, atLeft] = [right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = value(Math.exp(right));
      least = Math.min(least, atRight);
    }
  }
  return least;
}

/**
 * Two-sided p-value: twice the bound of the tail on the side of the deviation.
 *
 * @param deviation d ≥ 0
 * @param variance of the sum; 0 asks for equality up to `rounding`
 * @param cumulant ψ on that side: of S where the sum is too large, of −S where it is too small
 * @param rounding how far the sum may be off by float64 arithmetic alone
 */
export function chernoffPValue(
  deviation: number,
  variance: number,
  cumulant: Cumulant,
  rounding = 0,
): number {
  const excess = Math.max(0, deviation - rounding);
  if (excess === 0) return 1;
  if (variance === 0) return 0;
  const exponent = leastNear(excess / variance, (argument) => cumulant(argument) - argument * excess);
  return Math.min(1, 2 * Math.exp(exponent));
}

/** The deviation whose p-value is `level`: min over L of (ln(2/level) + ψ(L)) / L. */
export function criticalByCumulant(level: number, variance: number, cumulant: Cumulant): number {
  if (variance === 0) return 0;
  const wanted = Math.log(2 / level);
  return leastNear(
    Math.sqrt((2 * wanted) / variance),
    (argument) => (wanted + cumulant(argument)) / argument,
  );
}
