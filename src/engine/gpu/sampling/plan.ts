/**
 * What a job needs on a GPU, from its configuration alone: checked against the adapter before anything is allocated.
 * A job that does not fit is refused in one line that says what would.
 */
import { InputError } from '../../../input/inputError.ts';
import type { Automaton } from '../../../problem/automaton.ts';
import { guideBitsFor } from './drawnRows.ts';
import { trajectoriesPerStream } from '../../../math/random/stream.ts';
import { MAX_COUNTER_BYTES, mebibytes, type SamplingJob } from '../../sampler.ts';
import {
  BATCH_COUNT,
  countCells,
  LEVELS,
  SECOND_MOMENTS,
  secondMomentBound,
  type Level,
} from '../../tally.ts';

/** Packed words of a batch held for the tally kernels, at most; a batch is at least one group. */
const MAX_SCRATCH_WORDS = 2 ** 24;
/** Streams of a batch, at most. */
const MAX_SCRATCH_STREAMS = 2 ** 21;
/** Comparisons of packed words that one thread of tally_moments makes, about: long groups are spread over threads. */
const COMPARISONS_PER_SLICE = 2 ** 14;

export interface PlanLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
}

export interface JobPlan {
  readonly streamLength: number;
  readonly streamCount: number;
  readonly guideBits: number;
  /** tokens are packed 4, 8 or 16 bits wide */
  readonly tokenBits: number;
  readonly tokensPerWord: number;
  /** packed words of a trajectory */
  readonly wordCount: number;
  /** trajectories that one thread of tally_moments pairs up, and how many such slices a group has */
  readonly sliceLength: number;
  readonly sliceCount: number;
  /** counters of one prompt, in words */
  readonly groupsWords: number;
  readonly secondWords: number;
  readonly countsWords: number;
  /** prompts whose counters are on the GPU together; the others wait their turn */
  readonly promptsPerTurn: number;
  /** groups in a batch, at most: what the scratch arrays hold */
  readonly maxBatchGroups: number;
  /** groups of one prompt between two readbacks, at most: no counter overflows before */
  readonly maxChunkGroups: number;
}

/**
 * @param drawnRowCount rows that tokens are drawn from (drawnRows.ts); absent: those of the policies
 * @throws InputError if the job does not fit
 */
export function planJob(job: SamplingJob, limits: PlanLimits, drawnRowCount = policyRows(job)): JobPlan {
  const { problem, groupSize, level, ranges } = job;
  const { vocab, horizon } = problem;
  const bindingBytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const has = (wanted: Level): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);
  const groupsWords = groupSize + 1;
  const secondWords = has('moments') ? BATCH_COUNT * (groupSize + 1) * SECOND_MOMENTS * 2 : 0;
  const countsWords = has('full') ? countCells(problem, groupSize) : 0;
  const tokenBits = vocab <= 16 ? 4 : vocab <= 256 ? 8 : 16;
  const tokensPerWord = 32 / tokenBits;
  const wordCount = Math.ceil(horizon / tokensPerWord);
  const tableBytes = Math.max(drawnRowCount, policyRows(job)) * vocab * 4;
  const largest = Math.max(tableBytes, secondWords * 4, countsWords * 4, groupSize * wordCount * 4);
  if (largest > bindingBytes) {
    throw new InputError(
      'this adapter',
      `storage bindings of ${mebibytes(largest)} for this problem`,
      `a limit of ${mebibytes(bindingBytes)}`,
      'use fewer prompts or a smaller vocabulary, or --engine twin',
    );
  }
  const streamLength = trajectoriesPerStream(groupSize, horizon);
  const streamCount = Math.ceil(groupSize / streamLength);
  const scratchGroups = Math.min(
    MAX_SCRATCH_STREAMS / streamCount,
    has('moments') ? Math.min(MAX_SCRATCH_WORDS, bindingBytes / 4) / (groupSize * wordCount) : Infinity,
  );
  const comparisons = (groupSize * groupSize * wordCount) / 2;
  const sliceLength = Math.max(1, Math.ceil(groupSize / Math.ceil(comparisons / COMPARISONS_PER_SLICE)));
  const wordsPerPrompt = Math.max(groupsWords, secondWords, countsWords);
  const largestRange = Math.max(1, ...ranges.map(({ groupCount }) => groupCount));
  return {
    streamLength,
    streamCount,
    guideBits: guideBitsFor(vocab, drawnRowCount),
    tokenBits,
    tokensPerWord,
    wordCount,
    sliceLength,
    sliceCount: Math.ceil(groupSize / sliceLength),
    groupsWords,
    secondWords,
    countsWords,
    promptsPerTurn: Math.max(
      1,
      Math.min(
        problem.prompts.length,
        Math.floor(Math.min(bindingBytes, MAX_COUNTER_BYTES) / 4 / wordsPerPrompt),
      ),
    ),
    maxBatchGroups: Math.max(1, Math.min(largestRange, Math.floor(scratchGroups))),
    maxChunkGroups: Math.floor(
      Math.min(
        (2 ** 32 - 1) / groupSize,
        has('moments') ? 2 ** 63 / secondMomentBound(groupSize, horizon) : Infinity,
      ),
    ),
  };
}

const policyRows = ({ problem }: SamplingJob): number => problem.prompts.length * problem.rowCount;

/** All distinct verifiers of a problem, joined: what is uploaded, and where each one starts. */
export function joinAutomata(automata: readonly Automaton[]): {
  readonly next: Uint32Array<ArrayBuffer>;
  readonly accepting: Uint32Array<ArrayBuffer>;
  readonly offsets: ReadonlyMap<Automaton, { readonly next: number; readonly state: number }>;
} {
  const distinct = [...new Set(automata)];
  const next = new Uint32Array(distinct.reduce((total, automaton) => total + automaton.next.length, 0));
  const accepting = new Uint32Array(distinct.reduce((total, automaton) => total + automaton.stateCount, 0));
  const offsets = new Map<Automaton, { next: number; state: number }>();
  let at = { next: 0, state: 0 };
  for (const automaton of distinct) {
    offsets.set(automaton, at);
    next.set(automaton.next, at.next);
    accepting.set(automaton.accepting, at.state);
    at = { next: at.next + automaton.next.length, state: at.state + automaton.stateCount };
  }
  return { next, accepting, offsets };
}
