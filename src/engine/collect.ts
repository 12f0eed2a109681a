/** Runs a sampler to its end and adds up what it hands over. */
import type { Sampler, SamplerEvent, SamplingJob } from './sampler.ts';
import { addTally, emptyTally, type PromptTally } from './tally.ts';
import { tallyFile, type TallyFile } from './tallyFile.ts';

/** @returns one tally per prompt of the problem; `watch` sees every event after it was taken in */
export async function collectTallies(
  sampler: Sampler,
  job: SamplingJob,
  watch: (event: SamplerEvent) => void = () => undefined,
): Promise<PromptTally[]> {
  const tallies = job.problem.prompts.map(() => emptyTally(job.problem, job.groupSize, job.level));
  for await (const event of sampler.sample(job)) {
    if (event.kind === 'chunks') {
      for (const { range, tally } of event.chunks) addTally(tallies[range.prompt], tally);
    }
    watch(event);
  }
  return tallies;
}

/** The tally file of a job whose ranges are the same groups for every prompt. */
export async function tallyOverRange(
  sampler: Sampler,
  job: SamplingJob,
  watch?: (event: SamplerEvent) => void,
): Promise<TallyFile> {
  const tallies = await collectTallies(sampler, job, watch);
  const { firstGroup, groupCount } = job.ranges[0];
  return tallyFile(job, firstGroup, groupCount, tallies);
}
