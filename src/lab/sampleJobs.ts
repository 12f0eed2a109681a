/**
 * Jobs of an experiment, sampled in turn: tallies by range, progress over all of them, and a stop at the watcher's signal
 * that keeps what is finished.
 */
import { samplerId, type GroupRange, type Sampler, type SamplingJob } from '../engine/sampler.ts';
import { addTally, emptyTally, type PromptTally } from '../engine/tally.ts';
import { massesSha256, problemSha256 } from '../problem/problem.ts';
import { conditionalSha256 } from '../problem/conditional.ts';
import { promptTallySha256 } from './checks.ts';
import type { FamilySummary, SamplingResult, TallyRecord } from './results.ts';
import type { RunWatcher } from './watcher.ts';

/** A range of groups with what was counted of it. */
export interface SampledRange {
  readonly range: GroupRange;
  readonly tally: PromptTally;
  /** range.groupCount, or fewer after a stop */
  readonly groupCount: number;
}

export interface SampledJobs {
  /** [jobs][ranges of the job] */
  readonly jobs: readonly (readonly SampledRange[])[];
  readonly complete: boolean;
  readonly groupCount: number;
  readonly tokenCount: number;
  readonly samplingMs: number;
}

const tokensOf = (job: SamplingJob, groupCount: number): number =>
  groupCount * job.groupSize * job.problem.horizon;

const groupsOf = (ranges: readonly GroupRange[]): number =>
  ranges.reduce((sum, { groupCount }) => sum + groupCount, 0);

/** Asked afresh each time: it changes while work is awaited. */
export const isAborted = ({ signal }: RunWatcher): boolean => signal.aborted;

export async function sampleJobs(
  jobs: readonly SamplingJob[],
  sampler: Sampler,
  watcher: RunWatcher,
): Promise<SampledJobs> {
  const totalTokens = jobs.reduce((sum, job) => sum + tokensOf(job, groupsOf(job.ranges)), 0);
  const start = performance.now();
  const sampled: SampledRange[][] = [];
  let before = 0;
  for (const job of jobs) {
    const tallies = job.ranges.map(() => emptyTally(job.problem, job.groupSize, job.level));
    if (!isAborted(watcher)) {
      for await (const event of sampler.sample(job)) {
        if (event.kind === 'chunks') {
          for (const { range, tally } of event.chunks)
            addTally(tallies[rangeIndex(job.ranges, range)], tally);
        } else {
          watcher.onProgress({
            stage: event.kind === 'progress' ? 'sampling' : 'compiling',
            tokenCount: before + (event.kind === 'progress' ? event.tokenCount : 0),
            totalTokens,
          });
        }
        if (isAborted(watcher)) break;
      }
    }
    before += tokensOf(job, groupsOf(job.ranges));
    sampled.push(
      job.ranges.map((range, i) => ({
        range,
        tally: tallies[i],
        groupCount: tallies[i].groups.reduce((sum, groups) => sum + groups, 0),
      })),
    );
  }
  const counts = sampled.map((ranges) => ranges.reduce((sum, { groupCount }) => sum + groupCount, 0));
  return {
    jobs: sampled,
    complete: !isAborted(watcher),
    groupCount: counts.reduce((sum, count) => sum + count, 0),
    tokenCount: counts.reduce((sum, count, i) => sum + tokensOf(jobs[i], count), 0),
    samplingMs: performance.now() - start,
  };
}

/** The range of the job that a chunk's groups are part of. */
function rangeIndex(ranges: readonly GroupRange[], part: GroupRange): number {
  return ranges.findIndex(
    ({ prompt, firstGroup, groupCount }) =>
      prompt === part.prompt && part.firstGroup >= firstGroup && part.firstGroup < firstGroup + groupCount,
  );
}

/**
 * Groups 0 .. blockCount × blockSize − 1 of every prompt as blocks: independent repetitions, for a jackknife. All prompts'
 * first blocks come first: samplers hand over what they hold when a prompt's next range begins.
 *
 * @param blockSizes [prompts], groups in a block
 */
export function blockRanges(blockCount: number, blockSizes: readonly number[]): GroupRange[] {
  return Array.from({ length: blockCount }, (_, block) =>
    blockSizes.map((blockSize, prompt) => ({
      prompt,
      firstGroup: block * blockSize,
      groupCount: blockSize,
    })),
  ).flat();
}

/** The sum of several tallies of one prompt and job. */
function sumOfTallies(job: SamplingJob, ranges: readonly SampledRange[]): PromptTally {
  const total = emptyTally(job.problem, job.groupSize, job.level);
  for (const { tally } of ranges) addTally(total, tally);
  return total;
}

/** What every sampled experiment reports of its sampling. @param families judged; left out of a run that was cut short */
export async function samplingResult(
  { jobs, complete, groupCount, tokenCount, samplingMs }: SampledJobs,
  families: readonly FamilySummary[],
  named: readonly { readonly name: string; readonly job: SamplingJob }[],
): Promise<SamplingResult> {
  const tallies = await Promise.all(named.map(({ name, job }, i) => tallyRecords(name, job, jobs[i])));
  return {
    complete,
    families: complete ? families : [],
    tallies: tallies.flat(),
    groupCount,
    tokenCount,
    samplingMs,
  };
}

/** One record per prompt that a job samples. */
export async function tallyRecords(
  name: string,
  job: SamplingJob,
  ranges: readonly SampledRange[],
): Promise<TallyRecord[]> {
  const { problem, seed, drawId, groupSize, level, given } = job;
  const identity = {
    problemSha256: await problemSha256(problem),
    massesSha256: await massesSha256(problem),
    sampler: samplerId(job),
    ...(given === undefined ? {} : { given, conditionalSha256: await conditionalSha256(problem) }),
    seed,
    experiment: drawId,
    groupSize,
    level,
  };
  const sampled = problem.prompts.flatMap((prompt, index) => {
    const own = ranges.filter(({ range }) => range.prompt === index);
    return own.length > 0 ? [{ id: prompt.id, index, own }] : [];
  });
  return Promise.all(
    sampled.map(async ({ id, index, own }) => {
      const groupCount = own.reduce((sum, range) => sum + range.groupCount, 0);
      return {
        place: `${name} ${id}`,
        groupCount,
        sha256: await promptTallySha256(
          { ...identity, prompt: index, firstGroup: 0, groupCount },
          sumOfTallies(job, own),
        ),
      };
    }),
  );
}
