import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReplicaTwin, twinTables } from '../../../src/engine/twin/twinTrainer.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { adam, DEFAULT_SIMKO, paramCount, sgd, type TrainingJob } from '../../../src/engine/training.ts';
import type { TrainingMemory } from '../../../src/engine/gpu/training/trainingPlan.ts';
import type { Accept } from '../../../src/problem/automaton.ts';
import type { ContextKind, Problem } from '../../../src/problem/problem.ts';
import { openStream } from '../../../src/math/random/stream.ts';
import { openEngine } from '../../browser.ts';
import { randomProblem } from '../../problems.ts';
import { finalTheta, segmentsOf, tableOf, trainingJob } from '../../training.ts';

const MEMORIES = ['auto', 'workgroup', 'storage'] as const satisfies readonly TrainingMemory[];
const engines = new Map<TrainingMemory, Engine>();
beforeAll(async () => {
  for (const trainingMemory of MEMORIES) {
    engines.set(trainingMemory, await openEngine({ engine: { trainingMemory } }));
  }
});
afterAll(async () => {
  for (const engine of engines.values()) await engine.close();
});
const engine = (memory: TrainingMemory = 'auto'): Engine => engines.get(memory)!;

interface Shape {
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  readonly accept: Accept;
  readonly promptCount: number;
  readonly features?: readonly (readonly number[])[];
}

function problemOf({ features, ...shape }: Shape): Problem {
  const problem = randomProblem(shape);
  return features ? { ...problem, source: { ...problem.source, features }, features } : problem;
}

/** Offsets in [−1, 1]: theta anywhere but at its start. */
function randomTheta(problem: Problem): number[] {
  const next = openStream(8, 8, 0, 0, 0);
  return Array.from({ length: paramCount(problem) }, () => Math.fround((2 * next()) / 2 ** 32 - 1));
}

const sequences: Accept = {
  sequences: [
    [0, 1, 2],
    [2, 2, 0],
    [3, 0, 0],
  ],
};
const parity: Accept = { sum: { modulus: 3, residue: 1 } };
const machine: Accept = {
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
const arms: Accept = { sequences: [[0], [3], [4]] };
const mixing = [
  [1, 0.5],
  [-0.75, 0],
  [0.3, 2],
];

// Each is here for a path of its own: verifier by token, by comparison, by sum, by table; own and shared parameters;
// theta in variables and in the state buffer; context; long groups of several streams; every optional rule.
const cases: readonly (readonly [string, Shape, Partial<TrainingJob>])[] = [
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

describe.each(MEMORIES)('one step of the kernel, memory %s,', (memory) => {
  test.each(cases)('equals the twin given its masses: %s', async (_, shape, changes) => {
    const problem = problemOf(shape);
    const job = trainingJob(problem, {
      masses: 'kept',
      replicaCount: 100,
      initialTheta: randomTheta(problem),
      optimiser: sgd(1),
      ...changes,
    });
    const [segment] = await segmentsOf(engine(memory), job);
    const { theta, masses, outcomes } = segment;
    const params = paramCount(problem);
    const cells = problem.prompts.length * problem.rowCount * problem.vocab;
    const shared = twinTables(job);
    const words = new Uint32Array(job.batchSize);
    let moved = 0;
    for (let replica = 0; replica < job.replicaCount; replica += 1) {
      const twin = new ReplicaTwin(shared, replica);
      const own = givenMasses(masses!.subarray(replica * cells, (replica + 1) * cells), problem.vocab);
      twin.step(0, words, own);
      for (let b = 0; b < job.batchSize; b += 1) {
        expect(outcomes![b * job.replicaCount + replica]).toBe(words[b]);
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
        expect(Math.abs(theta![replica * params + i] - expected)).toBeLessThanOrEqual(tolerance);
        if (expected !== start) moved += 1;
      }
    }
    expect(moved).toBeGreaterThan(0);
  });
});

describe('masses', () => {
  test('are integers of 2^32 in each row, within float32 of the softmax', async () => {
    const problem = problemOf({ vocab: 6, horizon: 1, context: 'none', accept: arms, promptCount: 1 });
    const job = trainingJob(problem, { masses: 'kept', initialTheta: [0.3, -2, 1, 0, 3, -0.5] });
    const twin = new ReplicaTwin(twinTables(job), 0);
    twin.step(0, new Uint32Array(1));
    for (const memory of MEMORIES) {
      const [segment] = await segmentsOf(engine(memory), job);
      const row = Array.from(segment.masses!.subarray(0, 6));
      expect(row.reduce((sum, mass) => sum + mass, 0)).toBe(2 ** 32);
      row.forEach((mass, v) => {
        // exp is within 3 + 2|x| ulp (WGSL 15.7.4), the sum and the quotient add a few more.
        expect(Math.abs(mass - twin.masses[v])).toBeLessThanOrEqual(1 + 40 * 2 ** -24 * twin.masses[v]);
      });
    }
  });

  test('a token of mass 1e-6 keeps its mass: thresholds are integer sums, not float ones', async () => {
    const rare = 1e-6;
    const vocab = 41;
    const problem = randomProblem({
      vocab,
      horizon: 1,
      context: 'none',
      accept: { sequences: [[vocab - 1]] },
      promptCount: 1,
    });
    const row = Array.from({ length: vocab }, (_, v) => (v === vocab - 1 ? rare : (1 - rare) / (vocab - 1)));
    const source = {
      ...problem.source,
      prompts: [{ id: 'p0', probabilities: [row], accept: { sequences: [[vocab - 1]] } }],
    };
    const job = trainingJob({ ...problem, source }, { masses: 'kept' });
    for (const memory of MEMORIES) {
      const [segment] = await segmentsOf(engine(memory), job);
      expect(Math.abs(segment.masses![vocab - 1] / 2 ** 32 / rare - 1)).toBeLessThan(2e-4);
    }
  });
});

describe('a run', () => {
  const problem = problemOf({ vocab: 4, horizon: 3, context: 'none', accept: sequences, promptCount: 2 });
  const job = trainingJob(problem, { stepCount: 40, snapshotSteps: [0, 7, 40], replicaCount: 100 });

  test('of the same seed gives the same snapshots, and another seed others', async () => {
    const first = await segmentsOf(engine(), job);
    expect(await segmentsOf(engine(), job)).toEqual(first);
    const other = await segmentsOf(engine(), { ...job, seed: job.seed + 1 });
    expect(other.at(-1)!.theta).not.toEqual(first.at(-1)!.theta);
  });

  test.each(MEMORIES)('memory %s: replicas 0..99 of 100 equal those of 10000', async (memory) => {
    const few = await finalTheta(engine(memory), job);
    const many = await finalTheta(engine(memory), { ...job, replicaCount: 10_000 });
    expect(many.subarray(0, few.length)).toEqual(few);
  });

  test('of replicas 50..99 equals that part of replicas 0..99', async () => {
    const all = await finalTheta(engine(), job);
    const part = await finalTheta(engine(), { ...job, firstReplica: 50, replicaCount: 50 });
    expect(all.subarray(all.length / 2)).toEqual(part);
  });

  test('does not depend on where submissions and segments are cut', async () => {
    const whole = await finalTheta(engine(), job);
    const hasty = await openEngine({ engine: { submitMs: 1 } });
    try {
      expect(await finalTheta(hasty, job)).toEqual(whole);
    } finally {
      await hasty.close();
    }
    expect(await finalTheta(engine(), { ...job, snapshotSteps: [1, 2, 3, 20, 40] })).toEqual(whole);
  });

  test.each(['workgroup', 'storage'] as const)('in variables equals one in memory %s', async (memory) => {
    const [a, b] = [await segmentsOf(engine(), job), await segmentsOf(engine(memory), job)];
    const [x, y] = [a.at(-1)!.theta!, b.at(-1)!.theta!];
    // Both round alike step by step unless a compiler reorders them; a flipped draw would show as a tenth.
    const far = x.filter((value, i) => Math.abs(value - y[i]) > 1e-3).length;
    expect(far / x.length).toBeLessThan(0.01);
  });

  test('snapshots, outcomes and tallies of one run fit together', async () => {
    const segments = await segmentsOf(engine(), job);
    expect(segments.map(({ firstStep, endStep }) => [firstStep, endStep])).toEqual([
      [0, 0],
      [0, 7],
      [7, 40],
    ]);
    expect(segments[0].theta!.every((value) => value === 0)).toBe(true);
    const { outcomes, correctCounts, modeCounts } = segments[2];
    const counts = new Array<number>(9).fill(0);
    let found = 0;
    for (let replica = 0; replica < 100; replica += 1) {
      const word = outcomes![5 * 100 + replica];
      counts[word & 0xffff] += 1;
      if (((word >>> 16) & 0b010) !== 0) found += 1;
    }
    expect(Array.from(correctCounts.subarray(5 * 9, 6 * 9))).toEqual(counts);
    expect(modeCounts[5 * 15 + 1]).toBe(found);
  });

  test('of weights with one sign flipped is another run', async () => {
    const weights = tableOf('rloo', 8);
    const wrong = weights.wrong.map((weight, c) => (c === 1 ? -weight : weight));
    const mutant = await finalTheta(engine(), { ...job, weights: { correct: weights.correct, wrong } });
    expect(mutant).not.toEqual(await finalTheta(engine(), job));
  });
});
