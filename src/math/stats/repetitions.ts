/**
 * What repeated measurements of one quantity say: their median with its interval, values far from the others, and whether they
 * rise or fall as they go on. All of it is a function of the values alone.
 */
import { bootstrapMedian, median } from './bootstrap.ts';

export interface Interval {
  readonly median: number;
  /** ends of the interval for the median, 95 % */
  readonly low: number;
  readonly high: number;
}

/** Seed of the resampling: the same values give the same interval wherever they are looked at. */
const RESAMPLING_SEED = 95;
const RESAMPLES = 2_000;

/** @throws RangeError where there are no values */
export const medianInterval = (values: readonly number[]): Interval =>
  bootstrapMedian(values, { seed: RESAMPLING_SEED, resamples: RESAMPLES, level: 0.95 });

/** Tukey's outer fences (Exploratory Data Analysis, 1977): further than this many interquartile ranges from a quartile. */
const FENCE = 3;

/** How many values lie beyond the outer fences. */
export function outlierCount(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const quartile = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };
  const [first, third] = [quartile(0.25), quartile(0.75)];
  const reach = FENCE * (third - first);
  return values.filter((value) => value < first - reach || value > third + reach).length;
}

/** Two-sided, of no trend: below it a drift is said. */
const DRIFT_P = 0.01;

/**
 * By how much values change from the first to the last, as a share of their median (Theil–Sen slope times n − 1), where
 * Kendall's tau is further from 0 than chance would have it once in a hundred series without trend; null where it is not.
 */
export function drift(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  let score = 0;
  const slopes: number[] = [];
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      score += Math.sign(values[j] - values[i]);
      slopes.push((values[j] - values[i]) / (j - i));
    }
  }
  if (tauTail(n, Math.abs(score)) > DRIFT_P) return null;
  const middle = median(values);
  return middle === 0 ? null : (median(slopes) * (n - 1)) / middle;
}

/**
 * P(|S| ≥ score) for S = concordant less discordant pairs of a random order of n values, exactly: the number of orders with i
 * inversions is the coefficient of x^i in Π_j (1 + x + … + x^(j−1)).
 */
export function tauTail(n: number, score: number): number {
  const pairs = (n * (n - 1)) / 2;
  let orders = [1];
  for (let j = 2; j <= n; j += 1) {
    const next = new Array<number>(orders.length + j - 1).fill(0);
    orders.forEach((share, inversions) => {
      for (let added = 0; added < j; added += 1) next[inversions + added] += share / j;
    });
    orders = next;
  }
  return orders.reduce(
    (sum, share, inversions) => (Math.abs(pairs - 2 * inversions) >= score ? sum + share : sum),
    0,
  );
}
