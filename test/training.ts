/** Training jobs for tests, with what a test does not care about filled in. */
import { sgd, type Trainer, type TrainingJob, type TrainingSegment } from '../src/engine/training.ts';
import { findEstimator } from '../src/estimators/estimatorSpec.ts';
import { defaultModes } from '../src/problem/modes.ts';
import type { Problem } from '../src/problem/problem.ts';
import { weightTable, type WeightTable } from '../src/estimators/weightTables.ts';

export function tableOf(id: string, n: number, k = 2): WeightTable {
  const estimator = findEstimator(id);
  if (!estimator) throw new Error(`no estimator ${id}`);
  return weightTable(estimator, n, estimator.usesK ? k : null);
}

export function trainingJob(problem: Problem, changes: Partial<TrainingJob> = {}): TrainingJob {
  const groupSize = changes.groupSize ?? 8;
  return {
    problem,
    modes: defaultModes(problem),
    groupSize,
    batchSize: problem.prompts.length,
    weights: tableOf('rloo', groupSize),
    simko: null,
    entropyBonus: 0,
    optimiser: sgd(0.1),
    temperature: 1,
    stepCount: 1,
    snapshotSteps: [changes.stepCount ?? 1],
    firstReplica: 0,
    replicaCount: 64,
    seed: 11,
    drawId: 5,
    outcomes: 'each',
    masses: 'dropped',
    ...changes,
  };
}

export async function segmentsOf(trainer: Trainer, job: TrainingJob): Promise<TrainingSegment[]> {
  const segments: TrainingSegment[] = [];
  for await (const event of trainer.train(job)) if (event.kind === 'segment') segments.push(event.segment);
  return segments;
}

/** theta after the last step: [replicas, params] */
export async function finalTheta(trainer: Trainer, job: TrainingJob): Promise<Float32Array> {
  const segments = await segmentsOf(trainer, job);
  const blocks = segments.filter(({ endStep, theta }) => endStep === job.stepCount && theta !== null);
  const all = new Float32Array(blocks.reduce((sum, { theta }) => sum + (theta?.length ?? 0), 0));
  let next = 0;
  for (const { theta } of blocks) {
    if (!theta) continue;
    all.set(theta, next);
    next += theta.length;
  }
  return all;
}
