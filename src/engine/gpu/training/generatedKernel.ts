/** Whether a kernel is written for a job's shape, and which: every choice draws the same words and gives the same step but for rounding. */
import { trajectoriesPerStream } from '../../../math/random/stream.ts';
import { paramCount, type TrainingJob } from '../../training.ts';
import { MOST_UNROLLED } from './rowByRow/drawText.ts';
import { memoryWords, type RowShape } from './rowByRow/shape.ts';
import type { UnrolledShape, UnrolledVerifier } from './unrolled/shape.ts';

/**
 * Which kernel trains, and where it keeps a replica's memory. `auto`: a generated one where there is one for the shape, else the
 * general one in workgroup memory where that holds it, else in storage. The others are forced where a shape allows it, `rows`
 * being the generated kernel that goes row by row.
 */
export const TRAINING_KERNELS = ['auto', 'rows', 'workgroup', 'storage'] as const;
export type TrainingKernel = (typeof TRAINING_KERNELS)[number];

/** A kernel written for the job's shape. */
export type GeneratedKernel =
  | { readonly form: 'unrolled'; readonly shape: UnrolledShape }
  | { readonly form: 'rows'; readonly shape: RowShape };

/** What the adapter's kind decides. */
const KINDS = {
  // 80 cells take some 0.5 s to compile; a thread's arrays are in the nearest cache.
  software: { mostCells: 80, hasRows: true },
  // A thread's arrays are in the farthest memory, and long ones leave few threads on a core.
  hardware: { mostCells: 64, hasRows: false },
} as const;

/** A thread's arrays of words that are in the nearest cache of a processor, at most. */
const MOST_KEPT_WORDS = 4096;
/** Parameters in variables, at most. */
const MOST_VARIABLES = 96;
/** Accepted sequences that a generated kernel compares with, at most. */
const MOST_COMPARED = 8;
/** Trajectories in values together, and the thresholds that their words may be compared with, at most. */
const MOST_WORDS = 16;
const MOST_CANDIDATES = 256;
/** Greatest groups whose counts leave the highest bit free in lanes of 8 and of 16 bits. */
const MOST_IN_BYTES = 127;
const MOST_IN_HALVES = 32767;

/** @returns null where the general kernel must do */
export function generatedKernel(
  job: TrainingJob,
  adapter: 'software' | 'hardware',
  choice: TrainingKernel,
): GeneratedKernel | null {
  if (choice === 'workgroup' || choice === 'storage' || job.simko !== null) return null;
  const { mostCells, hasRows } = KINDS[adapter];
  if (choice === 'auto') {
    const shape = unrolledShape(job, mostCells);
    if (shape) return { form: 'unrolled', shape };
    if (!hasRows) return null;
  }
  const shape = rowShape(job);
  return memoryWords(shape) <= MOST_KEPT_WORDS && job.groupSize <= MOST_IN_HALVES
    ? { form: 'rows', shape }
    : null;
}

function unrolledShape(job: TrainingJob, mostCells: number): UnrolledShape | null {
  const { problem, batchSize, groupSize } = job;
  const { vocab, horizon, features, prompts, rowCount } = problem;
  if (rowCount * vocab > mostCells || (features && paramCount(problem) > MOST_VARIABLES)) return null;
  if (groupSize > MOST_IN_HALVES) return null;
  const lanes = groupSize <= MOST_IN_BYTES ? 4 : 2;
  const isApart = !features && batchSize === prompts.length;
  return {
    ...commonShape(job),
    order: isApart ? 'prompts' : 'steps',
    theta: features || isApart ? 'variables' : 'state',
    verifier: horizon === 1 ? { kind: 'tokens' } : verifierForm(job),
    hasModes: job.modes.some((own) => own.length > 0),
    lanes,
    ...together(job),
  };
}

function rowShape(job: TrainingJob): RowShape {
  const { horizon, prompts } = job.problem;
  const verifier = verifierForm(job);
  return {
    ...commonShape(job),
    promptCount: prompts.length,
    verifier: verifier.kind === 'sequences' && horizon > MOST_UNROLLED ? { kind: 'table' } : verifier,
  };
}

function commonShape({ problem, optimiser, entropyBonus, masses }: TrainingJob) {
  const { vocab, horizon, context, features } = problem;
  return {
    vocab,
    horizon,
    context,
    blocks: features ? features[0].length : 'own',
    isAdam: optimiser.kind === 'adam',
    hasEntropyBonus: entropyBonus > 0,
    writesMasses: masses === 'kept',
  } as const;
}

/** As few chunks as hold a stream, and these as small as possible. */
function together({ problem, groupSize }: TrainingJob): Pick<UnrolledShape, 'chunk' | 'chunks'> {
  const { vocab, horizon, rowCount } = problem;
  const streamLength = trajectoriesPerStream(groupSize, horizon);
  const most = Math.max(1, Math.min(MOST_WORDS, Math.floor(MOST_CANDIDATES / (rowCount * vocab))));
  const chunk = Math.ceil(streamLength / Math.ceil(streamLength / most));
  const isEven = streamLength % chunk === 0 && (groupSize % streamLength) % chunk === 0;
  return { chunk, chunks: chunk === groupSize ? 'one' : isEven ? 'even' : 'uneven' };
}

/** The form in which a generated kernel takes verifiers of several tokens. */
function verifierForm({ problem, modes }: TrainingJob): UnrolledVerifier {
  const accepts = problem.source.prompts.map(({ accept }) => accept);
  if (accepts.every((accept) => 'sum' in accept) && modes.every((own) => own.length === 0))
    return { kind: 'sum' };
  const counts = accepts.map((accept) => ('sequences' in accept ? accept.sequences.length : Infinity));
  const count = Math.max(...counts);
  return count <= MOST_COMPARED ? { kind: 'sequences', count } : { kind: 'table' };
}
