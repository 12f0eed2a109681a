/**
 * The bootstrap's percentile interval of a median (Efron 1979): what it would have been with the same values drawn again. The
 * draws are seeded: the same values give the same interval.
 */
import { openStream } from '../random/stream.ts';

export interface BootstrapMedian {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly seed: number;
  readonly resamples?: number;
  /** e.g. 0.95 */
  readonly level?: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @throws RangeError where there are no values */
export function bootstrapMedian(
  values: readonly number[],
  { seed, resamples = 10_000, level = 0.95 }: BootstrapOptions,
): BootstrapMedian {
  if (values.length === 0) throw new RangeError('bootstrap: expected values, got none; give one or more');
  const words = openStream(seed, 0, 0, 0, 0);
  const place = (): number => Math.floor((words() / 2 ** 32) * values.length);
  const medians = Array.from({ length: resamples }, () => median(values.map(() => values[place()])));
  medians.sort((a, b) => a - b);
  const tail = (1 - level) / 2;
  return {
    median: median(values),
    low: medians[Math.floor(tail * (resamples - 1))],
    high: medians[Math.ceil((1 - tail) * (resamples - 1))],
  };
}
