/** Whether a kernel is written for a job's shape, and which: every choice draws the same words and gives the same step but for rounding. */
import { trajectoriesPerStream } from '../../../math/random/stream.ts';
import { paramCount, type TrainingJob } from '../../training.ts';
import { paddedWords } from './rowByRow/learnText.ts';
import { MOST_UNROLLED } from './rowByRow/drawText.ts';
import { memoryWords, type RowShape } from './rowByRow/shape.ts';
import { quadsOf } from './unrolled/countText.ts';
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
  // 48 cells of several tokens take some 0.6 s to compile, and so do 64 of one; a thread's arrays are in the nearest cache.
  software: { mostCells: 48, mostBanditCells: 64, mostKeptWords: 4096, hasRows: true },
  // A thread's arrays are in the farthest memory, and long ones leave few threads on a core.
  hardware: { mostCells: 64, mostBanditCells: 64, mostKeptWords: 128, hasRows: false },
} as const;

/** Parameters in variables, at most. */
const MOST_VARIABLES = 96;
/** Accepted sequences that a generated kernel compares with, at most. */
const MOST_COMPARED = 8;
/** Words of one-token trajectories in values together, and their comparisons with thresholds, at most. */
const MOST_WORDS = 16;
const MOST_COMPARISONS = 256;
/** Tokens that leave a byte's highest bit free, and one number above them. */
const BYTE_VOCAB = 127;

/** @returns null where the general kernel must do */
export function generatedKernel(
  job: TrainingJob,
  adapter: 'software' | 'hardware',
  choice: TrainingKernel,
): GeneratedKernel | null {
  if (choice === 'workgroup' || choice === 'storage' || job.simko !== null) return null;
  const { mostKeptWords, mostCells, mostBanditCells, hasRows } = KINDS[adapter];
  if (choice === 'auto') {
    const shape = unrolledShape(job, job.problem.horizon === 1 ? mostBanditCells : mostCells);
    if (shape && shape.quadCount * (shape.horizon + 1) <= mostKeptWords) return { form: 'unrolled', shape };
    if (!hasRows) return null;
  }
  const shape = rowShape(job);
  return memoryWords(shape) <= KINDS.software.mostKeptWords ? { form: 'rows', shape } : null;
}

function unrolledShape(job: TrainingJob, mostCells: number): UnrolledShape | null {
  const { problem, batchSize } = job;
  const { vocab, horizon, features, prompts, rowCount } = problem;
  if (rowCount * vocab > mostCells || (features && paramCount(problem) > MOST_VARIABLES)) return null;
  const isApart = !features && batchSize === prompts.length;
  return {
    ...commonShape(job),
    order: isApart ? 'prompts' : 'steps',
    theta: features || isApart ? 'variables' : 'state',
    verifier: horizon === 1 ? { kind: 'tokens' } : verifierForm(job),
    ...(horizon === 1
      ? wordsTogether(job)
      : { chunk: 4, chunks: 'uneven', quadCount: quadsOf(wordCount(job, 4)) }),
  };
}

function rowShape(job: TrainingJob): RowShape {
  const { vocab, horizon, prompts } = job.problem;
  const lanes = vocab <= BYTE_VOCAB ? 4 : 2;
  const verifier = verifierForm(job);
  return {
    ...commonShape(job),
    promptCount: prompts.length,
    verifier: verifier.kind === 'sequences' && horizon > MOST_UNROLLED ? { kind: 'table' } : verifier,
    lanes,
    wordCount: paddedWords(wordCount(job, lanes)),
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

/** Words that hold a group's trajectories, so many to each; those of different streams share none. */
function wordCount({ problem, groupSize }: TrainingJob, lanes: number): number {
  const streamLength = trajectoriesPerStream(groupSize, problem.horizon);
  const lastLength = ((groupSize - 1) % streamLength) + 1;
  return (
    Math.floor((groupSize - 1) / streamLength) * Math.ceil(streamLength / lanes) +
    Math.ceil(lastLength / lanes)
  );
}

/** One-token trajectories: as few chunks as hold a stream, and these as small as possible. */
function wordsTogether({
  problem,
  groupSize,
}: TrainingJob): Pick<UnrolledShape, 'chunk' | 'chunks' | 'quadCount'> {
  const { vocab, horizon } = problem;
  const streamLength = trajectoriesPerStream(groupSize, horizon);
  const most = Math.max(1, Math.min(MOST_WORDS, Math.floor(MOST_COMPARISONS / vocab)));
  const chunk = Math.ceil(streamLength / Math.ceil(streamLength / most));
  const isEven = streamLength % chunk === 0 && (groupSize % streamLength) % chunk === 0;
  return { chunk, chunks: chunk === groupSize ? 'one' : isEven ? 'even' : 'uneven', quadCount: 0 };
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
