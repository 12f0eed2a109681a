/** Order statistics of a sample. */

/** By linear interpolation between neighbours of the sorted values (Hyndman & Fan 1996, type 7). */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const place = level * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/**
 * Quantiles of values in any order, without sorting all of them (Hoare 1961): the same numbers as `quantile`.
 *
 * @param levels rising
 */
export function quantilesOf(values: Float64Array, levels: readonly number[]): number[] {
  const part = values.slice();
  const last = part.length - 1;
  let from = 0;
  return levels.map((level) => {
    const place = level * last;
    const rank = Math.floor(place);
    select(part, rank, from, last);
    from = rank;
    if (rank === last) return part[rank];
    let above = part[rank + 1];
    for (let i = rank + 2; i <= last; i += 1) if (part[i] < above) above = part[i];
    return part[rank] + (place - rank) * (above - part[rank]);
  });
}

/** Moves the value of this rank to its place, smaller ones before it and larger ones behind. */
function select(values: Float64Array, rank: number, from: number, to: number): void {
  let [low, high] = [from, to];
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i] < pivot) i += 1;
      while (values[j] > pivot) j -= 1;
      if (i > j) break;
      [values[i], values[j]] = [values[j], values[i]];
      i += 1;
      j -= 1;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return;
  }
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
