/** What sampling is: a job, and the chunks of finished tallies that it is turned into. */
import { checkConditional, OUTCOMES, type Outcome, type TableFault } from '../problem/conditional.ts';
import type { Problem } from '../problem/problem.ts';
import { checkInteger } from '../input/schema.ts';
import { InputError } from '../input/inputError.ts';
import {
  CLASS_SAMPLER_ID,
  MAX_GROUP_INDEX,
  MAX_SEED,
  SAMPLER_ID,
  SLICED_SAMPLER_ID,
  type SamplerId,
} from '../math/random/stream.ts';
import { checkSliced } from './slicedLimits.ts';
import { BATCH_COUNT, countCells, secondMomentBound, type Level, type PromptTally } from './tally.ts';

export const MAX_GROUP_SIZE = 1024;
/** Token counters of one prompt at level `full`, at most (contract). */
export const MAX_COUNTER_BYTES = 64 * 2 ** 20;

/** Groups firstGroup .. firstGroup + groupCount − 1 of one prompt. */
export interface GroupRange {
  readonly prompt: number;
  readonly firstGroup: number;
  readonly groupCount: number;
}

/** A deliberate mistake in the sampler, for negative controls. */
export type Fault = KernelFault | TableFault;

/** One in the kernels (faults.ts) */
export type KernelFault = 'strict-threshold' | 'scaled-word' | 'thinned-planes';
const TABLE_FAULTS: ReadonlySet<Fault> = new Set(['neighbour-state', 'swapped-tables']);

/** A fault as the kernels know it. */
export function kernelFault(fault: Fault | undefined): KernelFault | undefined {
  return fault === undefined || TABLE_FAULTS.has(fault) ? undefined : (fault as KernelFault);
}

/** A fault as the conditional tables know it. */
export function tableFault(fault: Fault | undefined): TableFault | undefined {
  return fault !== undefined && TABLE_FAULTS.has(fault) ? (fault as TableFault) : undefined;
}

/**
 * How many trajectories of a group are correct by design: the first c are drawn from the table of correct ones, the others
 * from that of wrong ones. `each`: all numbers in turn, 128 groups (one of each batch) of c = 0, then of c = 1, to n, and again.
 */
export type Given = number | 'each';

/** c of a group that is sampled by classes. */
export function givenOf(given: Given, groupSize: number, group: number): number {
  return given === 'each' ? Math.floor(group / BATCH_COUNT) % (groupSize + 1) : given;
}

/** Which outcomes the trajectories of a design have. */
export function outcomesOf(given: Given, groupSize: number): Outcome[] {
  return OUTCOMES.filter((outcome) => given === 'each' || (outcome === 1 ? given > 0 : given < groupSize));
}

/** Samplers of whole trajectories, whatever comes out. */
export type PlainSamplerId = typeof SAMPLER_ID | typeof SLICED_SAMPLER_ID;

export interface SamplingJob {
  readonly problem: Problem;
  /** n, 1..1024 */
  readonly groupSize: number;
  readonly level: Level;
  /** 0 .. 2^53 − 1 */
  readonly seed: number;
  /** separates the draws of experiments that share a seed, u32 */
  readonly drawId: number;
  readonly ranges: readonly GroupRange[];
  /** absent in plain sampling; with it the sampler is `cdf@1/classes` */
  readonly given?: Given;
  /** tokens that jobs of this shape will sample in all, where the caller knows: compilation is weighed against it */
  readonly tokensAhead?: number;
  /** absent: `cdf@1`. Other draws, so another tally: never chosen for a job, only asked for */
  readonly sampler?: PlainSamplerId;
  /** absent in every honest run */
  readonly fault?: Fault;
}

/** Exact tallies of a range that is finished for good: what survives whatever happens next. */
export interface Chunk {
  readonly range: GroupRange;
  readonly tally: PromptTally;
}

export type SamplerEvent =
  | { readonly kind: 'compiling' }
  /** tokens sampled so far in this call, finished or not */
  | { readonly kind: 'progress'; readonly tokenCount: number }
  | { readonly kind: 'chunks'; readonly chunks: readonly Chunk[] };

export interface Sampler {
  /**
   * Samples a job. Chunks arrive in any order and cover the ranges exactly once, each within one of them; stopping the iteration early
   * (`break`, `return`) ends the work within one dispatch and loses only what was not yet in a chunk.
   */
  sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void>;
}

/** The sampler's id: part of a tally's identity. */
export const samplerId = ({
  given,
  sampler = SAMPLER_ID,
}: Pick<SamplingJob, 'given' | 'sampler'>): SamplerId => (given === undefined ? sampler : CLASS_SAMPLER_ID);

/** The same range of groups for every prompt. */
export function everyPrompt(problem: Problem, firstGroup: number, groupCount: number): GroupRange[] {
  return problem.prompts.map((_, prompt) => ({ prompt, firstGroup, groupCount }));
}

/** @throws InputError where a number of the job is out of range */
export function checkJob(job: SamplingJob): void {
  checkInteger(job.groupSize, 1, MAX_GROUP_SIZE, 'group size');
  checkInteger(job.seed, 0, MAX_SEED, 'seed');
  checkInteger(job.drawId, 0, 2 ** 32 - 1, 'draw id');
  checkCounters(job);
  checkGiven(job);
  checkSampler(job);
  for (const { prompt, firstGroup, groupCount } of job.ranges) {
    checkInteger(prompt, 0, job.problem.prompts.length - 1, 'prompt index');
    checkInteger(firstGroup, 0, MAX_GROUP_INDEX - 1, 'first group');
    checkInteger(
      groupCount,
      0,
      MAX_GROUP_INDEX - firstGroup,
      'groups',
      `group indices end at ${MAX_GROUP_INDEX}`,
    );
    if (job.level === 'groups') continue;
    const perBatch = Math.ceil(groupCount / BATCH_COUNT);
    if (perBatch * secondMomentBound(job.groupSize, job.problem.horizon) >= 2 ** 63) {
      throw new InputError(
        'groups',
        `sums of second moments below 2^63 (group size ${job.groupSize}, horizon ${job.problem.horizon})`,
        String(groupCount),
        "ask for fewer groups, or for level 'groups'",
      );
    }
  }
}

/** @throws InputError where a design by classes cannot be drawn */
function checkGiven({ given, fault, groupSize, problem }: SamplingJob): void {
  if (given === undefined) {
    if (tableFault(fault))
      throw new Error(`fault ${fault}: there are no conditional tables in plain sampling`);
    return;
  }
  if (given !== 'each') checkInteger(given, 0, groupSize, 'given');
  checkConditional(problem, outcomesOf(given, groupSize));
}

/** @throws InputError where `sliced@1` is asked for something that it does not have */
function checkSampler({ problem, level, ranges, given, fault, sampler = SAMPLER_ID }: SamplingJob): void {
  const isSliced = sampler === SLICED_SAMPLER_ID;
  const kernel = kernelFault(fault);
  if ((kernel === 'thinned-planes' && !isSliced) || (kernel === 'scaled-word' && isSliced))
    throw new Error(`fault ${kernel}: ${sampler} has nothing that it changes`);
  if (!isSliced) return;
  if (given !== undefined)
    throw new InputError('given', `nothing, for ${sampler} draws whatever comes out`, String(given));
  const prompts = new Set(ranges.filter(({ groupCount }) => groupCount > 0).map(({ prompt }) => prompt));
  checkSliced(problem, level, [...prompts]);
}

/** What is left of `ranges` after the `finished` ones are taken out. */
export function remainingRanges(
  ranges: readonly GroupRange[],
  finished: readonly GroupRange[],
): GroupRange[] {
  return ranges.flatMap((range) => {
    const end = range.firstGroup + range.groupCount;
    const done = finished
      .filter(
        (part) =>
          part.prompt === range.prompt && part.firstGroup >= range.firstGroup && part.firstGroup < end,
      )
      .sort((a, b) => a.firstGroup - b.firstGroup);
    const left: GroupRange[] = [];
    let next = range.firstGroup;
    for (const part of done) {
      if (part.firstGroup > next)
        left.push({ ...range, firstGroup: next, groupCount: part.firstGroup - next });
      next = Math.max(next, part.firstGroup + part.groupCount);
    }
    if (end > next) left.push({ ...range, firstGroup: next, groupCount: end - next });
    return left;
  });
}

/** @throws InputError where the token counters of one prompt would pass the contract's limit */
function checkCounters({ problem, groupSize, level }: SamplingJob): void {
  const bytes = level === 'full' ? countCells(problem, groupSize) * 4 : 0;
  if (bytes <= MAX_COUNTER_BYTES) return;
  throw new InputError(
    "level 'full'",
    `at most ${mebibytes(MAX_COUNTER_BYTES)} of token counters per prompt`,
    `${mebibytes(bytes)} ((${groupSize} + 1) x 2 x ${problem.rowCount} rows x ${problem.vocab} tokens x 4 bytes)`,
    'ask for --level moments, which fits, or for a smaller group size',
  );
}

/** A size as a person reads it. */
export function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`;
}

/** What a word becomes under the fault `scaled-word`: it loses one part in 64. */
export const scaledWord = (word: number): number => word - (word >>> 6);

/** What a plane becomes under the fault `thinned-planes`: a bit stays only where the lane above has one too. */
export const thinnedPlane = (plane: number): number => (plane & (plane >>> 1)) >>> 0;
