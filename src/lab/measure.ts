/**
 * From a tally to estimates: the only place where an estimator's weights meet counts.
 *
 *   Σ_groups G_j = Σ_c Σ_r w_r(c) [ N(c, r, row, token) − N(c, r, row) π(token | row) ]
 */
import type { WeightTable } from '../estimators/weightTables.ts';
import { TOTAL_MASS } from '../problem/masses.ts';
import { unbiasedPassAtK } from '../math/passAtK.ts';
import type { Problem, Prompt } from '../problem/problem.ts';
import type { PromptTally } from '../engine/tally.ts';

/** A sum over groups, and how far float64 arithmetic alone can have moved it. */
export interface MeasuredGradient {
  /** [rowCount, vocab], mean of G over the groups */
  readonly mean: Float64Array;
  readonly rounding: number;
}

/** @param tally of level `full` */
export function measuredGradient(
  problem: Problem,
  prompt: Prompt,
  tally: Pick<PromptTally, 'groups' | 'counts'>,
  groupCount: number,
  table: WeightTable,
): MeasuredGradient {
  const { vocab, rowCount } = problem;
  const cells = rowCount * vocab;
  const counts = tally.counts;
  if (!counts) throw new RangeError("tally: expected level 'full', got a tally without token counts");
  const weighted = new Float64Array(cells);
  let weightedSize = 0;
  for (let c = 0; c <= table.n; c += 1) {
    if (tally.groups[c] === 0) continue;
    for (const [outcome, weight] of [
      [0, table.wrong[c]],
      [1, table.correct[c]],
    ] as const) {
      if (weight === 0) continue;
      const first = (c * 2 + outcome) * cells;
      for (let cell = 0; cell < cells; cell += 1) weighted[cell] += weight * counts[first + cell];
      weightedSize += Math.abs(weight) * tally.groups[c] * (outcome === 1 ? c : table.n - c);
    }
  }
  const mean = new Float64Array(cells);
  for (let row = 0; row < rowCount; row += 1) {
    let rowWeight = 0;
    for (let cell = row * vocab; cell < (row + 1) * vocab; cell += 1) rowWeight += weighted[cell];
    for (let cell = row * vocab; cell < (row + 1) * vocab; cell += 1) {
      mean[cell] = (weighted[cell] - rowWeight * (prompt.masses[cell] / TOTAL_MASS)) / groupCount;
    }
  }
  // Each of at most 2(n+1) + V additions rounds at the size of the sum of absolute terms.
  const operations = 2 * (table.n + 1) + 2 * vocab;
  return { mean, rounding: (operations * Number.EPSILON * weightedSize) / groupCount };
}

/** Mean of ρ(n, c, k) over the groups. */
export function measuredPassAtK(tally: PromptTally, groupCount: number, k: number): number {
  const n = tally.groups.length - 1;
  let sum = 0;
  tally.groups.forEach((groups, c) => {
    if (groups > 0) sum += groups * unbiasedPassAtK(n, c, k);
  });
  return sum / groupCount;
}
