/**
 * Tallies: what the samplers count. Integers only, kept by the number c of correct trajectories of a group, so that
 * every estimator's gradient is a weighted sum of them afterwards, and merging is addition.
 */
import type { Problem } from '../problem/problem.ts';

/** `groups`: how many groups had c successes. `moments`: and the sums S. `full`: and token counts. */
export type Level = 'groups' | 'moments' | 'full';
export const LEVELS: readonly Level[] = ['groups', 'moments', 'full'];

/** Second moments are kept in this many batches (group index mod 128), for a standard error of their own. */
export const BATCH_COUNT = 128;
/** S11, S10, S00 */
export const SECOND_MOMENTS = 3;

export interface PromptTally {
  /** [n + 1], number of groups with c correct trajectories */
  readonly groups: Float64Array;
  /** [128, n + 1, 3], sums of (S11, S10, S00) over the groups of a batch with c correct trajectories */
  readonly second?: BigInt64Array;
  /** [n + 1, 2, rowCount, vocab], token counts by c and outcome (0 wrong, 1 correct) */
  readonly counts?: Float64Array;
}

export function emptyTally(problem: Problem, groupSize: number, level: Level): PromptTally {
  return {
    groups: new Float64Array(groupSize + 1),
    ...(level === 'groups'
      ? {}
      : { second: new BigInt64Array(BATCH_COUNT * (groupSize + 1) * SECOND_MOMENTS) }),
    ...(level === 'full' ? { counts: new Float64Array(countCells(problem, groupSize)) } : {}),
  };
}

/** Number of token counters of one prompt at level `full`. */
export function countCells(problem: Problem, groupSize: number): number {
  return (groupSize + 1) * 2 * problem.rowCount * problem.vocab;
}

/** Adds `source` to `target` in place. Both must come from the same problem, group size and level. */
export function addTally(target: PromptTally, source: PromptTally): void {
  addNumbers(target.groups, source.groups);
  if (target.counts && source.counts) addNumbers(target.counts, source.counts);
  if (target.second && source.second) {
    for (let i = 0; i < target.second.length; i += 1) {
      if (source.second[i] !== 0n) target.second[i] += source.second[i];
    }
  }
}

function addNumbers(target: Float64Array, source: Float64Array): void {
  for (let i = 0; i < target.length; i += 1) target[i] += source[i];
}

/**
 * Bound of |S| of one group: 2 n² T 2^16. Sums are 64-bit, so a batch may hold fewer than 2^63 over this of them.
 */
export function secondMomentBound(groupSize: number, horizon: number): number {
  return 2 * groupSize * groupSize * horizon * 2 ** 16;
}
