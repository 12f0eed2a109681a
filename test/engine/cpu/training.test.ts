import { describe, expect, test } from 'vitest';
import { openKernels } from '../../../src/engine/cpu/kernels.ts';
import { sgd } from '../../../src/engine/training.ts';
import { finalTheta, segmentsOf, trainingJob } from '../../training.ts';
import { cases, expectStepOfTheTwin, problemOf, randomTheta, sequences } from '../trainingCases.ts';
import { inlineEngine } from './inlineThreads.ts';

describe.each(['simd', 'scalar'] as const)('one step of the kernel, %s,', (form) => {
  const engine = inlineEngine({ form });
  test.each(cases)('equals the twin given its masses: %s', async (_, shape, changes) => {
    await expectStepOfTheTwin(engine, shape, changes);
  });
});

describe('a run', () => {
  const problem = problemOf({
    vocab: 4,
    horizon: 3,
    context: 'none',
    accept: sequences,
    promptCount: 2,
  });
  const job = trainingJob(problem, { stepCount: 40, snapshotSteps: [0, 7, 40], replicaCount: 101 });

  test.each(cases)('gives the same bits with SIMD and without: %s', async (_, shape, changes) => {
    const own = problemOf(shape);
    const many = trainingJob(own, {
      ...{ stepCount: 20, snapshotSteps: [0, 3, 20], replicaCount: 9, firstReplica: 2 },
      ...{ initialTheta: randomTheta(own), optimiser: sgd(0.3), ...changes },
    });
    const [simd, scalar] = [inlineEngine(), inlineEngine({ form: 'scalar', threadCount: 1 })];
    expect(await segmentsOf(scalar, many)).toEqual(await segmentsOf(simd, many));
  });

  test('of replicas 50..99 equals that part of replicas 0..100', async () => {
    const engine = inlineEngine();
    const all = await finalTheta(engine, job);
    const part = await finalTheta(engine, { ...job, firstReplica: 50, replicaCount: 50 });
    const params = all.length / 101;
    expect(part).toEqual(all.subarray(50 * params, 100 * params));
  });

  test('comes in blocks of replicas, each in the order of steps', async () => {
    const segments = await segmentsOf(inlineEngine({ threadCount: 3 }), job);
    const order = segments.map(({ firstReplica, firstStep, endStep }) => [firstReplica, firstStep, endStep]);
    const sorted = [...order].sort((a, b) => a[0] - b[0] || a[2] - b[2]);
    expect(order).toEqual(sorted);
    expect(new Set(order.map(([first]) => first)).size).toBe(2);
    expect(order.filter(([first]) => first === 0)).toEqual([
      [0, 0, 0],
      [0, 0, 7],
      [0, 7, 40],
    ]);
  });
});

describe.each(['simd', 'scalar'] as const)('elementary functions, %s', (form) => {
  const kernels = openKernels(form);
  test('exp and log are within three units in the last place', () => {
    let worst = 0;
    for (let i = 0; i <= 20_000; i += 1) {
      const x = Math.fround((-85 * i) / 20_000);
      worst = Math.max(worst, Math.abs(kernels.expOfReal(x) / Math.exp(x) - 1));
      const y = Math.fround(2 ** ((-32 * i) / 20_000) * 0.999);
      const log = Math.log(y);
      worst = Math.max(worst, Math.abs(kernels.logOfReal(y) - log) / Math.max(Math.abs(log), 2 ** -24));
    }
    expect(worst).toBeLessThan(3 * 2 ** -23);
    expect(kernels.expOfReal(0)).toBe(1);
    expect(kernels.logOfReal(1)).toBe(0);
    expect(kernels.expOfReal(-1e9)).toBeLessThan(2 ** -120);
  });
});
