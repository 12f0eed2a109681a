import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CpuTrainer } from '../../src/kernels/cpuTrainer.ts';
import type { Engine } from '../../src/kernels/engine.ts';
import { sgd, type TrainingJob, type TrainingSegment, type Trainer } from '../../src/kernels/training.ts';
import { findEstimator } from '../../src/math/estimatorSpec.ts';
import { defaultModes } from '../../src/math/modes.ts';
import { compileProblem } from '../../src/math/problem.ts';
import { weightTable } from '../../src/math/weightTables.ts';
import { evenBandit, modes } from '../../src/math/workloads.ts';
import { openEngine } from '../browser.ts';

let gpu: Engine;
beforeAll(async () => {
  gpu = await openEngine();
});
afterAll(() => gpu.close());

async function segmentsOf(trainer: Trainer, job: TrainingJob): Promise<TrainingSegment[]> {
  const segments: TrainingSegment[] = [];
  for await (const event of trainer.train(job)) if (event.kind === 'segment') segments.push(event.segment);
  return segments;
}

test('speed', async () => {
  for (const [V, T, n, R, S] of [[16,1,16,4096,200],[16,1,64,4096,100],[16,4,16,4096,100],[8,4,16,4096,100],[6,1,8,8192,200],[41,1,16,4096,100]] as const) {
    const problem = compileProblem(
      T === 1 ? evenBandit(V, 2, [0.3]) : modes({ vocab: V, horizon: T, context: 'none', successProbs: [0.3], seed: 1 }, [2, 1]),
    );
    const job: TrainingJob = {
      problem,
      modes: defaultModes(problem),
      groupSize: n,
      batchSize: 1,
      weights: weightTable(findEstimator('rloo')!, n, null),
      simko: null,
      entropyBonus: 0,
      optimiser: sgd(0.05),
      temperature: 1,
      stepCount: S,
      snapshotSteps: [S],
      firstReplica: 0,
      replicaCount: R,
      seed: 3,
      experiment: 7,
      outcomes: 'tallies',
      masses: 'dropped',
    };
    await segmentsOf(gpu, { ...job, replicaCount: 64 });
    let start = performance.now();
    const [a] = await segmentsOf(gpu, job);
    const gpuMs = performance.now() - start;
    const few = R / 32;
    start = performance.now();
    const [b] = await segmentsOf(new CpuTrainer(), { ...job, replicaCount: few });
    const cpuMs = performance.now() - start;
    const rate = (ms: number, r: number) => (r * S * 1000) / ms;
    console.log({ V, T, n, gpuMs, gpu: rate(gpuMs, R), cpu: rate(cpuMs, few), tokG: rate(gpuMs, R) * n * T, ratio: rate(gpuMs, R) / rate(cpuMs, few) });
    let worst = 0;
    for (let i = 0; i < b!.theta!.length; i++) worst = Math.max(worst, Math.abs(a!.theta![i]! - b!.theta![i]!));
    console.log('worst theta diff', worst);
  }
});
