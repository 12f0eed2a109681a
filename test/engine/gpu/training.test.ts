import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReplicaTwin, twinTables } from '../../../src/engine/twin/twinTrainer.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { TRAINING_KERNELS, type TrainingKernel } from '../../../src/engine/gpu/training/generatedKernel.ts';
import { openEngine } from '../../browser.ts';
import { arms, cases, expectStepOfTheTwin, problemOf, sequences } from '../trainingCases.ts';
import { randomProblem } from '../../problems.ts';
import { finalTheta, segmentsOf, tableOf, trainingJob } from '../../training.ts';

const engines = new Map<TrainingKernel, Engine>();
beforeAll(async () => {
  for (const trainingKernel of TRAINING_KERNELS) {
    engines.set(trainingKernel, await openEngine({ engine: { trainingKernel } }));
  }
});
afterAll(async () => {
  for (const engine of engines.values()) await engine.close();
});
const engine = (kernel: TrainingKernel = 'auto'): Engine => engines.get(kernel)!;

describe.each(TRAINING_KERNELS)('one step of the kernel, kernel %s,', (kernel) => {
  test.each(cases)('equals the twin given its masses: %s', async (_, shape, changes) => {
    await expectStepOfTheTwin(engine(kernel), shape, changes);
  });
});

describe('masses', () => {
  test('are integers of 2^32 in each row, within float32 of the softmax', async () => {
    const problem = problemOf({ vocab: 6, horizon: 1, context: 'none', accept: arms, promptCount: 1 });
    const job = trainingJob(problem, { masses: 'kept', initialTheta: [0.3, -2, 1, 0, 3, -0.5] });
    const twin = new ReplicaTwin(twinTables(job), 0);
    twin.step(0, new Uint32Array(1));
    for (const kernel of TRAINING_KERNELS) {
      const [segment] = await segmentsOf(engine(kernel), job);
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
    for (const kernel of TRAINING_KERNELS) {
      const [segment] = await segmentsOf(engine(kernel), job);
      expect(Math.abs(segment.masses![vocab - 1] / 2 ** 32 / rare - 1)).toBeLessThan(2e-4);
    }
  });
});

test.each(TRAINING_KERNELS)('kernel %s leaves a policy of one token where it is', async (kernel) => {
  const problem = problemOf({
    ...{ vocab: 1, horizon: 3, context: 'none', promptCount: 1 },
    accept: { sequences: [[0, 0, 0]] },
  });
  const job = trainingJob(problem, { stepCount: 3 });
  const [segment] = await segmentsOf(engine(kernel), job);
  expect(Array.from(segment.correctCounts).filter((count) => count > 0)).toEqual([64, 64, 64]);
  expect((await finalTheta(engine(kernel), job)).every((value) => value === 0)).toBe(true);
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

  test.each(TRAINING_KERNELS)('kernel %s: replicas 0..99 of 100 equal those of 10000', async (kernel) => {
    const few = await finalTheta(engine(kernel), job);
    const many = await finalTheta(engine(kernel), { ...job, replicaCount: 10_000 });
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

  test.each(['workgroup', 'storage'] as const)('in variables equals one in kernel %s', async (kernel) => {
    const [a, b] = [await segmentsOf(engine(), job), await segmentsOf(engine(kernel), job)];
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
