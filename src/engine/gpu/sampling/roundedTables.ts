/** What `tally_moments` weighs tokens by: the rounded masses of all policies. */
import type { Problem } from '../../../problem/problem.ts';
import { roundedPolicy } from '../../secondMoments.ts';
import type { Level } from '../../tally.ts';

export interface RoundedTables {
  /** [prompts * rowCount, vocab], A; empty at level `groups` */
  readonly tokenMass: Uint32Array<ArrayBuffer>;
  /** [prompts * rowCount], B; empty at level `groups` */
  readonly collision: Uint32Array<ArrayBuffer>;
}

export function roundedTables(problem: Problem, level: Level): RoundedTables {
  const { vocab, rowCount, prompts } = problem;
  const rows = level === 'groups' ? 0 : prompts.length * rowCount;
  const tokenMass = new Uint32Array(rows * vocab);
  const collision = new Uint32Array(rows);
  if (rows === 0) return { tokenMass, collision };
  prompts.forEach((prompt, index) => {
    const rounded = roundedPolicy(problem, prompt);
    tokenMass.set(rounded.tokenMass, index * rowCount * vocab);
    collision.set(rounded.collision, index * rowCount);
  });
  return { tokenMass, collision };
}
