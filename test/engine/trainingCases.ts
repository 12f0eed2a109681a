/** Training jobs chosen for their paths, for every engine, and what one step of each must be. */
import { expect } from 'vitest';
import { stepDifference } from '../../src/engine/stepCheck.ts';
import {
  adam,
  DEFAULT_SIMKO,
  paramCount,
  sgd,
  type Trainer,
  type TrainingJob,
} from '../../src/engine/training.ts';
import type { Accept } from '../../src/problem/automaton.ts';
import type { ContextKind, Problem } from '../../src/problem/problem.ts';
import { openStream } from '../../src/math/random/stream.ts';
import { baseLogits } from '../../src/theory/trainedPolicy.ts';
import { randomProblem } from '../problems.ts';
import { segmentsOf, trainingJob } from '../training.ts';

export interface Shape {
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  readonly accept: Accept;
  readonly promptCount: number;
  readonly features?: readonly (readonly number[])[];
}

export function problemOf({ features, ...shape }: Shape): Problem {
  const problem = randomProblem(shape);
  return features ? { ...problem, source: { ...problem.source, features }, features } : problem;
}

/** Offsets in [−1, 1]: theta anywhere but at its start. */
export function randomTheta(problem: Problem): number[] {
  const next = openStream(8, 8, 0, 0, 0);
  return Array.from({ length: paramCount(problem) }, () => Math.fround((2 * next()) / 2 ** 32 - 1));
}

export const sequences: Accept = {
  sequences: [
    [0, 1, 2],
    [2, 2, 0],
    [3, 0, 0],
  ],
};
export const parity: Accept = { sum: { modulus: 3, residue: 1 } };
export const machine: Accept = {
  automaton: {
    start: 0,
    accept: [1],
    next: [
      [0, 1, 2, 1],
      [1, 2, 0, 1],
      [2, 2, 1, 0],
    ],
  },
};
export const arms: Accept = { sequences: [[0], [3], [4]] };
const mixing = [
  [1, 0.5],
  [-0.75, 0],
  [0.3, 2],
];

/** A trajectory of many tokens that may be drawn at each position, for none has a probability of 0. */
const long: Shape = { vocab: 2, horizon: 35, context: 'none', accept: parity, promptCount: 1 };
const probabilities = problemOf(long).source.prompts[0].probabilities as readonly (readonly number[])[];
const likely = probabilities.map(([first, second]) => (second > first ? 1 : 0));

/** Parameters under which all tokens of a problem are equally likely: half of a fair coin's mass is 2^31. */
const coin: Shape = { vocab: 2, horizon: 2, context: 'none', accept: parity, promptCount: 1 };
const fair = Array.from(baseLogits(problemOf(coin)), (logit) => -Math.fround(logit));

// Each is here for a path of its own: verifier by token, by comparison, by sum, by table; own and shared parameters;
// theta in variables, in a thread's arrays and in the state buffer; context; long groups of several streams; words, parts and
// chunks that are not full; every optional rule.
export const cases: readonly (readonly [string, Shape, Partial<TrainingJob>])[] = [
  ['one bandit', { vocab: 6, horizon: 1, context: 'none', accept: arms, promptCount: 1 }, {}],
  [
    'a bandit, long groups',
    { vocab: 16, horizon: 1, context: 'none', accept: arms, promptCount: 1 },
    { groupSize: 150 },
  ],
  ['two bandits', { vocab: 6, horizon: 1, context: 'none', accept: arms, promptCount: 2 }, {}],
  ['sequences', { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 1 }, {}],
  ['a sum', { vocab: 5, horizon: 4, context: 'none', accept: parity, promptCount: 2 }, { groupSize: 40 }],
  ['an automaton', { vocab: 4, horizon: 5, context: 'none', accept: machine, promptCount: 2 }, {}],
  ['context', { vocab: 4, horizon: 3, context: 'previous', accept: sequences, promptCount: 2 }, {}],
  [
    'a bandit, streams that are no whole number of chunks',
    { vocab: 20, horizon: 1, context: 'none', accept: arms, promptCount: 1 },
    { groupSize: 77 },
  ],
  [
    'a bandit, a chunk that is not full',
    { vocab: 16, horizon: 1, context: 'none', accept: arms, promptCount: 2 },
    { groupSize: 29 },
  ],
  [
    'sequences, chunks that are not full, several streams',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 2 },
    { groupSize: 46 },
  ],
  [
    'context, a last chunk that is not full',
    { vocab: 3, horizon: 3, context: 'previous', accept: parity, promptCount: 1 },
    { groupSize: 75 },
  ],
  [
    'groups whose counts take half a word',
    { vocab: 5, horizon: 3, context: 'none', accept: parity, promptCount: 1 },
    { groupSize: 150 },
  ],
  [
    'a token that nearly all of a long group take',
    { vocab: 4, horizon: 1, context: 'none', accept: { sequences: [[0], [1]] }, promptCount: 1 },
    { groupSize: 200, initialTheta: [0, 0, 0, 6] },
  ],
  [
    'context, groups whose counts take half a word',
    { vocab: 4, horizon: 3, context: 'previous', accept: sequences, promptCount: 1 },
    { groupSize: 150 },
  ],
  [
    'tokens of one bit, at more positions than a comparison holds',
    { ...long, accept: { sequences: [likely, likely.map((token, t) => (t === 0 ? 1 - token : token))] } },
    { initialTheta: likely.flatMap((token) => [0, 1].map((v) => (v === token ? 3 : -1))) },
  ],
  ['fair coins', coin, { initialTheta: fair, entropyBonus: 0.3 }],
  [
    'a group of two',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 1 },
    { groupSize: 2 },
  ],
  ['72 cells of one row', { vocab: 72, horizon: 1, context: 'none', accept: arms, promptCount: 1 }, {}],
  [
    '72 cells, many rows',
    { vocab: 8, horizon: 9, context: 'none', accept: parity, promptCount: 2 },
    { groupSize: 6 },
  ],
  [
    '74 cells of one row, which its parts do not divide',
    { vocab: 37, horizon: 2, context: 'none', accept: parity, promptCount: 3 },
    { batchSize: 2 },
  ],
  [
    '256 cells of one row',
    { vocab: 256, horizon: 1, context: 'none', accept: arms, promptCount: 1 },
    { groupSize: 21 },
  ],
  [
    '256 cells, rows in parts, Adam, an entropy bonus',
    { vocab: 32, horizon: 8, context: 'none', accept: parity, promptCount: 1 },
    { groupSize: 37, optimiser: adam(0.01), entropyBonus: 0.3 },
  ],
  [
    'more positions than are written out',
    { vocab: 4, horizon: 19, context: 'none', accept: machine, promptCount: 1 },
    { groupSize: 5, entropyBonus: 0.3 },
  ],
  [
    'context, 84 cells, shared parameters',
    { vocab: 4, horizon: 6, context: 'previous', accept: machine, promptCount: 3, features: mixing },
    { groupSize: 13, entropyBonus: 0.3 },
  ],
  ['many cells', { vocab: 90, horizon: 2, context: 'none', accept: parity, promptCount: 1 }, {}],
  [
    'shared parameters',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 3, features: mixing },
    {},
  ],
  [
    'shared parameters with context and Adam',
    { vocab: 4, horizon: 3, context: 'previous', accept: sequences, promptCount: 3, features: mixing },
    { optimiser: adam(0.01) },
  ],
  [
    'Adam',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 1 },
    { optimiser: adam(0.01) },
  ],
  [
    'Adam, two prompts',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 2 },
    { optimiser: adam(0.01) },
  ],
  [
    'Adam, shared parameters',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 3, features: mixing },
    { optimiser: adam(0.01) },
  ],
  [
    'an entropy bonus',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 2 },
    { entropyBonus: 0.3 },
  ],
  [
    'an entropy bonus with context',
    { vocab: 4, horizon: 3, context: 'previous', accept: sequences, promptCount: 2 },
    { entropyBonus: 0.3 },
  ],
  [
    'temperature',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 2 },
    { temperature: 0.7 },
  ],
  [
    'a batch of some prompts',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 3 },
    { batchSize: 2 },
  ],
  [
    'SimKO',
    { vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 2 },
    { simko: { ...DEFAULT_SIMKO, share: 0.2 } },
  ],
  [
    'SimKO on a bandit',
    { vocab: 8, horizon: 1, context: 'none', accept: arms, promptCount: 1 },
    { simko: { quantile: 0.5, topCount: 2, share: 0.3, penalty: 1.5 } },
  ],
  [
    'SimKO with context',
    { vocab: 4, horizon: 3, context: 'previous', accept: sequences, promptCount: 2 },
    { simko: { quantile: 0.5, topCount: 3, share: 0.3, penalty: 2 } },
  ],
];

/** One step of a job differs from the twin's, given the masses that it drew from, by rounding alone. */
export async function expectStepOfTheTwin(
  trainer: Trainer,
  shape: Shape,
  changes: Partial<TrainingJob>,
): Promise<void> {
  const problem = problemOf(shape);
  const job = trainingJob(problem, {
    masses: 'kept',
    replicaCount: 100,
    initialTheta: randomTheta(problem),
    optimiser: sgd(1),
    ...changes,
  });
  let replicas = 0;
  let moved = 0;
  // A job may come in several blocks of replicas.
  for (const segment of await segmentsOf(trainer, job)) {
    expect(stepDifference(job, segment)).toBeNull();
    expectWholeRows(segment.masses!, problem.vocab, job.batchSize < problem.prompts.length);
    replicas += segment.replicaCount;
    const params = paramCount(problem);
    moved += segment.theta!.filter((value, i) => value !== job.initialTheta![i % params]).length;
  }
  expect(replicas).toBe(job.replicaCount);
  expect(moved).toBeGreaterThan(0);
}

/** Masses of each row make 2^32, that of one token alone being 2^32 - 1; rows of a prompt without a group may be empty. */
function expectWholeRows(masses: Uint32Array, vocab: number, mayBeEmpty: boolean): void {
  const sums = new Set<number>();
  for (let first = 0; first < masses.length; first += vocab) {
    sums.add(masses.subarray(first, first + vocab).reduce((sum, mass) => sum + mass, 0));
  }
  sums.delete(2 ** 32 - 1);
  if (mayBeEmpty) sums.delete(0);
  expect([...sums]).toEqual([2 ** 32]);
}
