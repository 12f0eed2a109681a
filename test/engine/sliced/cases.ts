/** Policies of exact masses and jobs chosen for the edges of `sliced@1`, for the twin, the generated text and the GPU. */
import { everyPrompt, type SamplingJob } from '../../../src/engine/sampler.ts';
import { compileProblem, type Problem } from '../../../src/problem/problem.ts';
import type { Accept } from '../../../src/problem/automaton.ts';
import { randomProblem } from '../../problems.ts';

const TOTAL = 2 ** 32;

/** Masses with the thresholds given, which lie in 0 .. 2^32. */
const between = (...thresholds: number[]): number[] =>
  [...thresholds, TOTAL].map((end, v) => end - (thresholds[v - 1] ?? 0));

/** @param rows [T, V] masses; each row adds up to 2^32 */
export function problemOf(rows: readonly (readonly number[])[], accept: Accept): Problem {
  const probabilities = rows.map((row) => row.map((mass) => mass / TOTAL));
  return compileProblem({
    format: 'passk-problem@1',
    vocab: rows[0].length,
    horizon: rows.length,
    context: 'none',
    prompts: [{ id: 'p', probabilities, accept }],
  });
}

const even = (modulus: number, residue = 0): Accept => ({ sum: { modulus, residue } });

/** Rows that a comparison of planes could get wrong: [V] masses each. */
export const ROWS: Readonly<Record<string, readonly number[]>> = {
  'one threshold': between(2 ** 30 + 12345),
  'one threshold in the middle, which has one bit': between(2 ** 31),
  'zero masses at the front, in the middle and at the end': [0, 0, 2 ** 30, 0, 2 ** 31, 2 ** 30, 0, 0],
  'one token alone': [0, TOTAL, 0],
  'a first token of mass 1': between(1),
  'a last token of mass 1': between(TOTAL - 1),
  'neighbouring thresholds, which differ in the last bit': between(
    2 ** 31,
    2 ** 31 + 1,
    2 ** 31 + 2,
    2 ** 31 + 3,
  ),
  'neighbours whose carry reaches the first bit': between(2 ** 31 - 1, 2 ** 31),
  'thresholds that share all bits up front': between(
    ...Array.from({ length: 7 }, (_, v) => 0x5a500000 + v * 0x11111),
  ),
  'all thresholds above the rest of the range': between(TOTAL - 4, TOTAL - 3, TOTAL - 2, TOTAL - 1),
  'powers of two': between(...Array.from({ length: 31 }, (_, v) => 2 ** (v + 1))),
  'as many tokens as there may be, alike': Array.from({ length: 32 }, () => 2 ** 27),
};

/** What sampling may get wrong: groups beside words of 32, long groups, horizons, verifiers, crowded rows. */
export const PROBLEMS: readonly (readonly [name: string, problem: Problem, groupSize: number])[] = [
  ['one trajectory of one token', problemOf([ROWS['one threshold']], { sequences: [[1]] }), 1],
  [
    'a token of mass 1 among zeros, 31 trajectories',
    problemOf([[0, TOTAL - 1, 0, 1, 0]], { sequences: [[1], [3]] }),
    31,
  ],
  [
    'sequences over rows with zeros, 32 trajectories',
    problemOf(
      [ROWS['zero masses at the front, in the middle and at the end'], [0, 2 ** 31, 0, 0, 0, 0, 2 ** 31, 0]],
      {
        sequences: [
          [2, 6],
          [4, 1],
          [5, 1],
        ],
      },
    ),
    32,
  ],
  ['an odd horizon beyond 8, 33 trajectories', randomProblem(none(3, 9, even(3, 2))), 33],
  ['groups of 1024', randomProblem(none(4, 2, even(2, 1), 1)), 1024],
  ['several streams, the last one shorter', randomProblem(none(6, 11, even(5, 4))), 12],
  ['modulo 1', randomProblem(none(3, 4, even(1))), 5],
  ['modulo 64, a sum below it', randomProblem(none(32, 2, even(64, 40), 1)), 6],
  ['modulo 63, and as many tokens as there may be', randomProblem(none(32, 3, even(63, 11), 1)), 4],
  [
    'thresholds that share all bits up front, where words fall',
    problemOf(
      Array.from({ length: 2 }, () => ROWS['thresholds that share all bits up front']),
      even(3),
    ),
    64,
  ],
  [
    'tokens of mass 1, 65 trajectories',
    problemOf([ROWS['neighbouring thresholds, which differ in the last bit']], even(2)),
    65,
  ],
  [
    'an automaton with ways apart and together',
    randomProblem(
      none(4, 5, {
        automaton: {
          start: 2,
          accept: [0, 3],
          next: [
            [0, 1, 2, 3],
            [1, 1, 0, 2],
            [3, 2, 1, 0],
            [3, 3, 1, 1],
          ],
        },
      }),
    ),
    7,
  ],
  [
    'an automaton that accepts nothing',
    randomProblem(
      none(2, 3, {
        automaton: {
          start: 0,
          accept: [1],
          next: [
            [0, 0],
            [1, 1],
          ],
        },
      }),
    ),
    3,
  ],
];

function none(
  vocab: number,
  horizon: number,
  accept: Accept,
  promptCount = 2,
): Parameters<typeof randomProblem>[0] {
  return { vocab, horizon, context: 'none', accept, promptCount };
}

/** First groups: within a word, and where the index of a group, then that of a word, passes 2^32. */
export const FIRST_GROUPS = [0, 37, 2 ** 32 - 50, 2 ** 37 - 70] as const;

export function slicedJob(
  problem: Problem,
  groupSize: number,
  firstGroup: number,
  groupCount: number,
): SamplingJob {
  return {
    problem,
    groupSize,
    level: 'groups',
    seed: 2 ** 53 - 6,
    drawId: 0,
    sampler: 'sliced@1',
    ranges: everyPrompt(problem, firstGroup, groupCount),
  };
}
