/** Training jobs chosen for their paths, for every engine, and what one step of each must be. */
import { expect } from 'vitest';
import { ReplicaTwin, twinTables } from '../../src/engine/twin/twinTrainer.ts';
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

// Each is here for a path of its own: verifier by token, by comparison, by sum, by table; own and shared parameters;
// theta in variables and in the state buffer; context; long groups of several streams; every optional rule.
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

/** Masses as the kernel handed them over, where a row of one token alone would not fit its words. */
function givenMasses(masses: Uint32Array, vocab: number): Float64Array {
  const given = Float64Array.from(masses);
  for (let first = 0; first < given.length; first += vocab) {
    const row = given.subarray(first, first + vocab);
    const sum = row.reduce((total, mass) => total + mass, 0);
    if (sum === 2 ** 32 - 1) row[row.indexOf(2 ** 32 - 1)] = 2 ** 32;
  }
  return given;
}

/**
 * How far float32 may carry one step from the twin's. A gradient is a sum of at most 2 n terms no larger than the
 * largest weight: weights are rounded once, products and sums each once, the policy twice, the factor twice, and every
 * prompt adds once more; that is below 20 roundings of 2^-24 each. log is within 2^-21 (WGSL 15.7.4), and meets
 * the bonus once for itself and once in the entropy.
 */
function stepBound(job: TrainingJob, c: number, theta: number): number {
  const unit = 2 ** -24;
  const weight = Math.max(Math.abs(job.weights.correct[c]), Math.abs(job.weights.wrong[c]));
  const feature = Math.max(1, ...(job.problem.features ?? []).flat().map(Math.abs));
  const terms = 2 * job.groupSize * weight * Math.max(1, job.simko?.penalty ?? 1);
  const gradient =
    (feature *
      (20 * unit * terms + job.entropyBonus * (2 ** -19 + 40 * unit * Math.log(job.problem.vocab)))) /
    job.temperature;
  return job.optimiser.learningRate * gradient + 4 * unit * Math.abs(theta);
}

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
  const segments = await segmentsOf(trainer, job);
  const params = paramCount(problem);
  const cells = problem.prompts.length * problem.rowCount * problem.vocab;
  const shared = twinTables(job);
  const words = new Uint32Array(job.batchSize);
  let moved = 0;
  // A job may come in several blocks of replicas.
  for (const { firstReplica, replicaCount, theta, masses, outcomes } of segments)
    for (let index = 0; index < replicaCount; index += 1) {
      const twin = new ReplicaTwin(shared, firstReplica + index);
      const own = givenMasses(masses!.subarray(index * cells, (index + 1) * cells), problem.vocab);
      twin.step(0, words, own);
      for (let b = 0; b < job.batchSize; b += 1) {
        expect(outcomes![b * replicaCount + index]).toBe(words[b]);
      }
      const c = words.map((word) => word & 0xffff);
      for (let i = 0; i < params; i += 1) {
        const expected = twin.theta[i];
        const start = job.initialTheta![i];
        const tolerance =
          job.optimiser.kind === 'adam'
            ? // Its first step is the rate times ±1 (from a gradient far above epsilon), or nothing; where the gradient is
              // rounding alone, either sign is right.
              Math.abs(Math.abs(expected - start) - 0.01) < 1e-5
              ? 0.01 * 16 * 2 ** -24 + 4 * 2 ** -24 * Math.abs(expected)
              : 0.021
            : Math.max(...Array.from(c, (count) => stepBound(job, count, expected)));
        expect(Math.abs(theta![index * params + i] - expected)).toBeLessThanOrEqual(tolerance);
        if (expected !== start) moved += 1;
      }
    }
  expect(moved).toBeGreaterThan(0);
}
