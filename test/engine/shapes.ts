/** Jobs chosen for their edges, for every engine. */
import { everyPrompt, type SamplingJob } from '../../src/engine/sampler.ts';
import type { Level } from '../../src/engine/tally.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { conditionalTables } from '../../src/problem/conditional.ts';
import { randomProblem, type Shape } from '../problems.ts';

export function job(
  problem: Problem,
  groupSize: number,
  level: Level,
  firstGroup: number,
  groupCount: number,
): SamplingJob {
  return {
    problem,
    groupSize,
    level,
    seed: 5,
    drawId: 0,
    ranges: everyPrompt(problem, firstGroup, groupCount),
  };
}

// Each shape is here for something: packed widths 4, 8, 16 bits; partial last words; partial last streams; streams of
// more than 32 trajectories; groups of more than 32; slices of long groups; horizons beyond a stream's 64 words; every search and
// tally of the kernel of whole groups.
export const shapes: readonly (readonly [string, Shape, number, number])[] = [
  [
    '4-bit tokens, a partial last word',
    { vocab: 5, horizon: 11, context: 'none', accept: { sum: { modulus: 3, residue: 1 } } },
    10,
    300,
  ],
  [
    'streams of more than 32 trajectories',
    { vocab: 16, horizon: 1, context: 'none', accept: { sum: { modulus: 2, residue: 0 } } },
    70,
    300,
  ],
  [
    '8-bit tokens with context',
    { vocab: 40, horizon: 6, context: 'previous', accept: { sum: { modulus: 5, residue: 2 } } },
    9,
    200,
  ],
  [
    '4-bit tokens with context over several words',
    { vocab: 3, horizon: 19, context: 'previous', accept: { sum: { modulus: 4, residue: 3 } } },
    33,
    100,
  ],
  [
    '16-bit tokens',
    { vocab: 300, horizon: 3, context: 'none', accept: { sum: { modulus: 7, residue: 0 } } },
    5,
    200,
  ],
  [
    '16-bit tokens with context',
    {
      vocab: 260,
      horizon: 3,
      context: 'previous',
      accept: { sum: { modulus: 7, residue: 0 } },
      promptCount: 1,
    },
    4,
    100,
  ],
  [
    'a horizon beyond one stream',
    { vocab: 4, horizon: 130, context: 'none', accept: { sum: { modulus: 2, residue: 1 } } },
    3,
    100,
  ],
  [
    'groups of several slices',
    { vocab: 3, horizon: 20, context: 'none', accept: { sum: { modulus: 2, residue: 1 } }, promptCount: 1 },
    256,
    12,
  ],
  [
    'groups of several slices with context',
    {
      vocab: 3,
      horizon: 20,
      context: 'previous',
      accept: { sum: { modulus: 2, residue: 1 } },
      promptCount: 1,
    },
    256,
    6,
  ],
  [
    'the longest groups whose sums fit 32 bits',
    { vocab: 2, horizon: 1, context: 'none', accept: { sum: { modulus: 2, residue: 1 } } },
    127,
    200,
  ],
  [
    'the shortest groups whose sums do not',
    { vocab: 2, horizon: 1, context: 'previous', accept: { sum: { modulus: 2, residue: 1 } } },
    128,
    200,
  ],
  [
    'one token only',
    { vocab: 1, horizon: 2, context: 'none', accept: { sum: { modulus: 1, residue: 0 } } },
    3,
    130,
  ],
  [
    'a histogram of looked-up tokens',
    { vocab: 20, horizon: 6, context: 'none', accept: { sum: { modulus: 4, residue: 1 } } },
    40,
    150,
  ],
  [
    'more rows than packed guides hold',
    {
      vocab: 600,
      horizon: 130,
      context: 'none',
      accept: { sum: { modulus: 3, residue: 1 } },
      promptCount: 5,
    },
    2,
    40,
  ],
  [
    'compared thresholds at all positions that are written out',
    { vocab: 3, horizon: 32, context: 'none', accept: { sum: { modulus: 2, residue: 1 } } },
    5,
    200,
  ],
  [
    'few tokens at more positions than are written out',
    { vocab: 2, horizon: 50, context: 'none', accept: { sum: { modulus: 3, residue: 1 } } },
    4,
    200,
  ],
  [
    'small groups of trajectories of several words',
    { vocab: 300, horizon: 7, context: 'none', accept: { sum: { modulus: 7, residue: 0 } } },
    3,
    200,
  ],
  [
    'context, tokens that fill a lane but for a bit',
    { vocab: 100, horizon: 5, context: 'previous', accept: { sum: { modulus: 3, residue: 0 } } },
    24,
    40,
  ],
  [
    'context, all positions that are written out',
    { vocab: 16, horizon: 16, context: 'previous', accept: { sum: { modulus: 2, residue: 0 } } },
    16,
    60,
  ],
  [
    'context, one position',
    { vocab: 5, horizon: 1, context: 'previous', accept: { sum: { modulus: 2, residue: 0 } } },
    6,
    200,
  ],
  [
    'pairs of tokens',
    {
      vocab: 2,
      horizon: 2,
      context: 'previous',
      accept: {
        sequences: [
          [0, 1],
          [1, 1],
        ],
      },
    },
    8,
    150,
  ],
];

/** The same as problems whose prompts have both outcomes: what is sampled given the outcome. */
export function classShapes(): [name: string, problem: Problem, groupSize: number][] {
  return shapes
    .filter(([name]) => name !== 'one token only')
    .map(([name, shape, groupSize]) => {
      for (let seed = 3; ; seed += 1) {
        const problem = randomProblem(shape, seed);
        const areMixed = problem.prompts.every((prompt) =>
          conditionalTables(problem, prompt).masses.every((masses) => masses !== null),
        );
        if (areMixed) return [name, problem, groupSize];
      }
    });
}
