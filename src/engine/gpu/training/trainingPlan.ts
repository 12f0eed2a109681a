/**
 * What a training job needs on a GPU, from its configuration alone: which kernel trains it, where a replica's memory lies
 * and what is in it, how many replicas are on the GPU together, and where a run is cut into segments.
 */
import { InputError } from '../../../input/inputError.ts';
import { paramCount, type TrainingJob } from '../../training.ts';
import type { PlanLimits } from '../sampling/plan.ts';
import { generatedKernel, type GeneratedKernel, type TrainingKernel } from './generatedKernel.ts';

/** Workgroup memory that every adapter has. */
const WORKGROUP_BYTES = 16384;
/** Threads of a workgroup: the most whose replicas' memory fits; smaller ones would leave lanes idle. */
const WORKGROUP_SIZES = [32, 16] as const;
/** Replicas that need no workgroup memory run in workgroups of this size. */
const USUAL_WORKGROUP_SIZE = 32;
/** Outcome words between two readbacks, at most. */
const MAX_OUTCOME_WORDS = 2 ** 22;
/** Words of theta handed over at once, at most: 64 MiB. */
const MAX_SNAPSHOT_WORDS = 2 ** 24;

/** Slots of a replica's memory, theta at 0; parts that a job does not need are empty. */
export interface MemoryLayout {
  readonly gradientFirst: number;
  readonly momentsFirst: number;
  readonly thresholdFirst: number;
  readonly largestFirst: number;
  readonly countFirst: number;
  readonly forkFirst: number;
  readonly entropyFirst: number;
  readonly trailFirst: number;
  readonly slotCount: number;
}

export interface TrainingPlan {
  readonly layout: MemoryLayout;
  /** `own`: a generated kernel, in variables and arrays of each thread */
  readonly memory: 'own' | 'workgroup' | 'storage';
  /** null where a shape is too large, or has token-level rules */
  readonly generated: GeneratedKernel | null;
  readonly workgroupSize: number;
  /** theta, and Adam's two moments of it */
  readonly stateWords: number;
  /** replicas on the GPU together */
  readonly blockReplicas: number;
  /** steps between two readbacks, at most */
  readonly segmentSteps: number;
}

export function memoryLayout(job: TrainingJob): MemoryLayout {
  const { problem, optimiser, simko } = job;
  const params = paramCount(problem);
  const cells = problem.rowCount * problem.vocab;
  let slotCount = params;
  const take = (words: number): number => {
    slotCount += words;
    return slotCount - words;
  };
  return {
    gradientFirst: take(problem.features ? params : 0),
    momentsFirst: take(optimiser.kind === 'adam' ? 2 * params : 0),
    thresholdFirst: take(cells),
    largestFirst: take(problem.rowCount),
    countFirst: take(cells),
    forkFirst: take(simko ? cells : 0),
    entropyFirst: take(simko ? problem.rowCount : 0),
    trailFirst: take(problem.horizon),
    slotCount,
  };
}

/** @throws InputError if one replica does not fit */
export function planTraining(
  job: TrainingJob,
  limits: PlanLimits,
  adapter: 'software' | 'hardware',
  choice: TrainingKernel = 'auto',
): TrainingPlan {
  const { problem, groupSize, batchSize } = job;
  const layout = memoryLayout(job);
  const params = paramCount(problem);
  const stateWords = params * (job.optimiser.kind === 'adam' ? 3 : 1);
  const generated = generatedKernel(job, adapter, choice);
  const fitting = WORKGROUP_SIZES.find((size) => size * layout.slotCount * 4 <= WORKGROUP_BYTES);
  // What a software adapter calls workgroup memory is no nearer than any other: there the general kernel took three times
  // as long with it.
  const mayUseWorkgroup = choice === 'workgroup' || (choice === 'auto' && adapter === 'hardware');
  const inWorkgroup = generated === null && mayUseWorkgroup && fitting !== undefined;
  const bindingWords = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize) / 4;
  const massWords = job.masses === 'kept' ? problem.prompts.length * problem.rowCount * problem.vocab : 0;
  const wordsPerReplica = Math.max(
    stateWords,
    generated || inWorkgroup ? 0 : layout.slotCount,
    massWords,
    batchSize,
  );
  const blockReplicas = Math.min(
    job.replicaCount,
    Math.floor(bindingWords / wordsPerReplica),
    Math.max(1, Math.floor(MAX_SNAPSHOT_WORDS / Math.max(params, massWords))),
    Math.max(1, Math.floor(MAX_OUTCOME_WORDS / batchSize)),
  );
  if (blockReplicas < 1) {
    throw new InputError(
      'training',
      `a replica within ${bindingWords} words of GPU memory`,
      `${wordsPerReplica} (${params} parameters, group size ${groupSize})`,
      'use a smaller problem',
    );
  }
  return {
    layout,
    generated,
    memory: generated ? 'own' : inWorkgroup ? 'workgroup' : 'storage',
    workgroupSize: inWorkgroup ? fitting : USUAL_WORKGROUP_SIZE,
    stateWords,
    blockReplicas,
    segmentSteps: Math.max(1, Math.floor(MAX_OUTCOME_WORDS / (batchSize * blockReplicas))),
  };
}
