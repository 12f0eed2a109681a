/**
 * What a training job needs on a GPU, from its configuration alone: which kernel trains it, where a replica's memory lies
 * and what is in it, how many replicas are on the GPU together, and where a run is cut into segments.
 */
import { InputError } from '../../../input/inputError.ts';
import { paramCount, type TrainingJob } from '../../training.ts';
import type { PlanLimits } from '../sampling/plan.ts';
import { MAX_CELLS, MAX_VARIABLES, type UnrolledShape, type UnrolledVerifier } from './unrolledUpdate.ts';

/** Workgroup memory that every adapter has. */
const WORKGROUP_BYTES = 16384;
/** Threads of a workgroup: the most whose replicas' memory fits; smaller ones would leave lanes idle. */
const WORKGROUP_SIZES = [32, 16] as const;
/** Replicas that need no workgroup memory run in workgroups of this size. */
const USUAL_WORKGROUP_SIZE = 32;
/** Accepted sequences that an unrolled kernel compares with, at most. */
const MAX_COMPARED = 8;
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

/**
 * Which kernel trains, and where it keeps a replica's memory. `auto`: in variables where the shape allows it, else in
 * workgroup memory where that holds it, else in storage.
 */
export type TrainingMemory = 'auto' | 'variables or storage' | 'workgroup' | 'storage';

export interface TrainingPlan {
  readonly layout: MemoryLayout;
  /** `variables`: the unrolled kernel */
  readonly memory: 'variables' | 'workgroup' | 'storage';
  /** null where a shape is too large, or has token-level rules */
  readonly unrolled: UnrolledShape | null;
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
  memory: TrainingMemory = 'auto',
): TrainingPlan {
  const { problem, groupSize, batchSize } = job;
  const layout = memoryLayout(job);
  const params = paramCount(problem);
  const stateWords = params * (job.optimiser.kind === 'adam' ? 3 : 1);
  const unrolled = memory === 'auto' || memory === 'variables or storage' ? unrolledShape(job) : null;
  const fitting = WORKGROUP_SIZES.find((size) => size * layout.slotCount * 4 <= WORKGROUP_BYTES);
  const mayUseWorkgroup = memory === 'auto' || memory === 'workgroup';
  const inWorkgroup = unrolled === null && mayUseWorkgroup && fitting !== undefined;
  const bindingWords = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize) / 4;
  const massWords = job.masses === 'kept' ? problem.prompts.length * problem.rowCount * problem.vocab : 0;
  const wordsPerReplica = Math.max(
    stateWords,
    unrolled || inWorkgroup ? 0 : layout.slotCount,
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
    unrolled,
    memory: unrolled ? 'variables' : inWorkgroup ? 'workgroup' : 'storage',
    workgroupSize: inWorkgroup ? fitting : USUAL_WORKGROUP_SIZE,
    stateWords,
    blockReplicas,
    segmentSteps: Math.max(1, Math.floor(MAX_OUTCOME_WORDS / (batchSize * blockReplicas))),
  };
}

/** The shape for the unrolled kernel, or null where the general one must do. */
function unrolledShape(job: TrainingJob): UnrolledShape | null {
  const { problem, simko } = job;
  const { vocab, horizon, context, features, prompts } = problem;
  const params = paramCount(problem);
  if (simko !== null || problem.rowCount * vocab > MAX_CELLS) return null;
  if (features && params > MAX_VARIABLES) return null;
  return {
    vocab,
    horizon,
    context,
    prompts: prompts.length === 1 ? 'one' : 'several',
    blocks: features ? features[0].length : 'own',
    theta: features || prompts.length === 1 ? 'variables' : 'state',
    isAdam: job.optimiser.kind === 'adam',
    hasEntropyBonus: job.entropyBonus > 0,
    writesMasses: job.masses === 'kept',
    verifier: unrolledVerifier(job),
  };
}

function unrolledVerifier({ problem, modes }: TrainingJob): UnrolledVerifier {
  if (problem.horizon === 1) return { kind: 'tokens' };
  const accepts = problem.source.prompts.map(({ accept }) => accept);
  if (accepts.every((accept) => 'sum' in accept) && modes.every((own) => own.length === 0))
    return { kind: 'sum' };
  const counts = accepts.map((accept) => ('sequences' in accept ? accept.sequences.length : Infinity));
  const count = Math.max(...counts);
  return count <= MAX_COMPARED ? { kind: 'sequences', count } : { kind: 'table' };
}
