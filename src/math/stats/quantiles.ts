/** Order statistics of a sample. */

/** By linear interpolation between neighbours of the sorted values (Hyndman & Fan 1996, type 7). */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const place = level * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** The middle of a sample and the band that holds its middle 80 %. */
export interface Band {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function bandOf(values: ArrayLike<number>): Band {
  const sorted = Float64Array.from(values).sort();
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
}
