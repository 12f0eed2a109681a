/**
 * Whether whole groups in one kernel are the way for a job, and by which kernel: from the job's shape, the adapter and how much
 * there is to do. Every choice gives the same tallies.
 */
import { secondMomentBound } from '../../../tally.ts';
import type { SamplingJob } from '../../../sampler.ts';
import { trajectoriesPerStream } from '../../../../math/random/stream.ts';
import {
  cellCount,
  lanesOf,
  MOST_OWN_POSITIONS,
  MOST_POSITIONS,
  tokenBitsOf,
  type Search,
  type WholeGroupShape,
} from './shape.ts';
import { nearbyWords } from './tallyText.ts';
import { isExactRemainder } from './tables.ts';

/** What a plan says before the tables are made. */
export type PlannedShape = Omit<WholeGroupShape, 'hasCrowdedBuckets' | 'hasSpareTokens'>;

/** `auto` chooses; the others are forced where a shape allows it. */
export const KERNEL_CHOICES = ['auto', 'whole', 'separate'] as const;
export type KernelChoice = (typeof KERNEL_CHOICES)[number];

/** The adapter, as far as kernels are chosen by it. */
export interface AdapterKind {
  readonly isSoftware: boolean;
  readonly workgroupSize: number;
}

/** What the adapter's kind decides. */
interface Kind {
  /** Tokens from which on a kernel of its own is worth its compilation. */
  readonly leastTokens: number;
  /** Words that a thread may keep in memory of its own. */
  readonly mostKeptWords: number;
  readonly mostCells: number;
  readonly comparesThresholds: boolean;
  readonly counters: WholeGroupShape['counters'];
}

const KINDS = {
  // A thread's arrays are in the processor's nearest cache, and an atomic costs the same wherever it is.
  software: {
    leastTokens: 2 ** 21,
    mostKeptWords: 2048,
    mostCells: 1024,
    comparesThresholds: true,
    counters: 'global',
  },
  // Thresholds in values and long arrays would leave few threads on a core; global atomics of one cell wait for each other.
  hardware: {
    leastTokens: 2 ** 28,
    mostKeptWords: 128,
    mostCells: 256,
    comparesThresholds: false,
    counters: 'workgroup',
  },
} as const satisfies Record<string, Kind>;

/** Groups up to this size are compared trajectory by trajectory; of larger ones a histogram costs less. */
const MOST_PAIRED = 24;
/** Thresholds in values, at most: more would be spilled to memory. */
const MOST_BOUNDS = 128;
const MOST_COMPARED_VOCAB = 16;
/** A packed guide has 64 buckets for each token… */
const PACKED_BITS_BEYOND_VOCAB = 6;
/** …or fewer, but so many that an entry holds what it must below CROWDED. */
const LEAST_PACKED_BITS_BEYOND_VOCAB = 3;
/** Entries of the guides of one prompt, and of all, at most: what caches and memory hold. */
const MOST_PROMPT_ENTRIES = 2 ** 13;
const MOST_ENTRIES = 2 ** 22;
/** Of a guide for bisection, whose entries are narrower: two buckets for each token, within 64 MiB for all rows. */
const BISECT_BITS_BEYOND_VOCAB = 1;
const MOST_BISECT_ENTRIES = 2 ** 24;
/** Workgroup memory that every adapter has. */
const WORKGROUP_BYTES = 16384;

export function tokensOf({ problem, groupSize, ranges, tokensAhead = 0 }: SamplingJob): number {
  const groups = ranges.reduce((sum, { groupCount }) => sum + groupCount, 0);
  return Math.max(tokensAhead, groups * groupSize * problem.horizon);
}

/**
 * @param drawnRowCount rows that tokens are drawn from, all prompts together
 * @returns the shape of the kernel; null where the separate kernels must do
 */
export function wholeGroupShape(
  job: SamplingJob,
  drawnRowCount: number,
  adapter: AdapterKind,
): PlannedShape | null {
  const { problem, groupSize, level, given } = job;
  const { vocab, horizon, context, prompts } = problem;
  const kind = adapter.isSoftware ? KINDS.software : KINDS.hardware;
  const rows = given !== undefined ? 'node' : context === 'previous' ? 'previous' : 'position';
  const moments = groupSize <= MOST_PAIRED ? 'pairs' : 'histogram';
  if (level !== 'groups' && !fitsMoments(job, moments, kind)) return null;
  if (level !== 'groups' && context === 'previous' && !fitsMeetings(job, moments)) return null;
  const mayCompare = kind.comparesThresholds && rows === 'position';
  const { search, guideBits } = searchFor(vocab, horizon, drawnRowCount, prompts.length, mayCompare);
  const isNearby =
    kind.counters === 'workgroup' &&
    moments === 'pairs' &&
    rows !== 'previous' &&
    nearbyWords({ vocab, horizon, groupSize }) * 4 <= WORKGROUP_BYTES &&
    nearbyGroups(groupSize) >= adapter.workgroupSize;
  return {
    vocab,
    horizon,
    groupSize,
    streamLength: trajectoriesPerStream(groupSize, horizon),
    level,
    rows,
    search,
    guideBits,
    verifier: sumsAreExact(job) ? 'sum' : 'table',
    moments,
    counters: isNearby ? 'workgroup' : 'global',
    isNarrow: secondMomentBound(groupSize, horizon) < 2 ** 31,
  };
}

/** Groups that 16 bits can count the tokens of. */
export const nearbyGroups = (groupSize: number): number => Math.floor(0xffff / groupSize);

/** With context the separate kernels take some four times as long for second moments and counts as without. */
const CONTEXT_FACTOR = 4;

export function leastTokens({ problem, level }: SamplingJob, isSoftware: boolean): number {
  const { leastTokens: least } = isSoftware ? KINDS.software : KINDS.hardware;
  return problem.context === 'previous' && level !== 'groups' ? least / CONTEXT_FACTOR : least;
}

function fitsMoments(
  { problem, groupSize }: SamplingJob,
  moments: WholeGroupShape['moments'],
  kind: Kind,
): boolean {
  const { vocab, horizon } = problem;
  // Sums of masses, and of both halves of a histogram's counters over a trajectory.
  if (groupSize * horizon >= 2 ** 16) return false;
  if (moments === 'pairs') {
    return vocab <= 2 ** 15 && groupSize * lanesOf(problem).keptWords <= kind.mostKeptWords;
  }
  return horizon <= MOST_OWN_POSITIONS && cellCount(problem) <= kind.mostCells;
}

/** With context, groups are compared trajectory by trajectory and position by position, in sums of 32 bits. */
function fitsMeetings(
  { problem, groupSize, given }: SamplingJob,
  moments: WholeGroupShape['moments'],
): boolean {
  const isNarrow = secondMomentBound(groupSize, problem.horizon) < 2 ** 31;
  return given === undefined && moments === 'pairs' && isNarrow && problem.horizon <= MOST_POSITIONS;
}

function searchFor(
  vocab: number,
  horizon: number,
  rowCount: number,
  promptCount: number,
  mayCompare: boolean,
): { readonly search: Search; readonly guideBits: number } {
  const hasFewBounds = vocab <= MOST_COMPARED_VOCAB && horizon * (vocab - 1) <= MOST_BOUNDS;
  if (mayCompare && hasFewBounds && horizon <= MOST_OWN_POSITIONS) {
    return { search: 'compare', guideBits: 0 };
  }
  const vocabBits = tokenBitsOf(vocab);
  const most = Math.min(MOST_ENTRIES, MOST_PROMPT_ENTRIES * promptCount);
  let guideBits = vocabBits + PACKED_BITS_BEYOND_VOCAB;
  while (guideBits > vocabBits + LEAST_PACKED_BITS_BEYOND_VOCAB && rowCount * 2 ** guideBits > most)
    guideBits -= 1;
  if (guideBits <= 24 && rowCount * 2 ** guideBits <= MOST_ENTRIES) return { search: 'packed', guideBits };
  let bisectBits = vocabBits + BISECT_BITS_BEYOND_VOCAB;
  while (bisectBits > 0 && rowCount * 2 ** bisectBits > MOST_BISECT_ENTRIES) bisectBits -= 1;
  return { search: 'bisect', guideBits: bisectBits };
}

function sumsAreExact({ problem }: SamplingJob): boolean {
  const greatest = problem.horizon * (problem.vocab - 1);
  return problem.source.prompts.every(
    ({ accept }) => 'sum' in accept && isExactRemainder(accept.sum.modulus, greatest),
  );
}

/** Groups that a thread takes in turn, at most. */
const MOST_ROUNDS = 64;
/** Tickets of a submission that keep all processors at work to its end. */
const WANTED_TICKETS = { software: 64, hardware: 8192 } as const;

export function mostGroupsPerTicket(
  { counters, groupSize }: Pick<WholeGroupShape, 'counters' | 'groupSize'>,
  workgroupSize: number,
): number {
  const rounds = counters === 'workgroup' ? Math.floor(nearbyGroups(groupSize) / workgroupSize) : Infinity;
  return Math.min(MOST_ROUNDS, rounds) * workgroupSize;
}

/** Groups of a ticket: enough to repay what a thread reads first, few enough that no processor is idle. */
export function groupsPerTicket(
  groupCount: number,
  shape: Pick<WholeGroupShape, 'counters' | 'groupSize'>,
  { isSoftware, workgroupSize }: AdapterKind,
): number {
  const tickets = isSoftware ? WANTED_TICKETS.software : WANTED_TICKETS.hardware;
  const rounds = Math.max(1, Math.ceil(groupCount / (tickets * workgroupSize)));
  return Math.min(rounds * workgroupSize, mostGroupsPerTicket(shape, workgroupSize));
}
