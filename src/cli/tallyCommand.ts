/** `tally` and `merge`: exact counts of a range of groups, and of a union of ranges. */
import { collectTallies } from '../kernels/collect.ts';
import { everyPrompt, type Sampler, type SamplingJob } from '../kernels/sampler.ts';
import { tallyFile, type TallyFile } from '../kernels/tallyFile.ts';
import { requireSelfTest } from '../experiment/suite.ts';
import { Progress } from './progress.ts';

export interface TallyOutput extends TallyFile {
  /** beside the tally, outside its hash */
  readonly run: {
    readonly environment: Sampler['environment'];
    readonly timings: ReturnType<Sampler['timings']>;
    readonly durationMs: number;
  };
}

/** Tallies the same groups of every prompt. @throws Error if the sampler fails its self-test */
export async function runTally(
  sampler: Sampler,
  request: Omit<SamplingJob, 'ranges' | 'experiment'>,
  firstGroup: number,
  groupCount: number,
): Promise<TallyOutput> {
  const start = performance.now();
  await requireSelfTest(sampler);
  const job: SamplingJob = {
    ...request,
    experiment: 0,
    ranges: everyPrompt(request.problem, firstGroup, groupCount),
  };
  const tokens = request.problem.prompts.length * groupCount * request.groupSize * request.problem.horizon;
  const progress = new Progress('tally');
  const tallies = await collectTallies(sampler, job, (event) => {
    if (event.kind === 'progress') progress.show('sampling', event.tokenCount, tokens);
  });
  progress.clear();
  return {
    ...(await tallyFile(job, firstGroup, groupCount, tallies)),
    run: {
      environment: sampler.environment,
      timings: sampler.timings(),
      durationMs: performance.now() - start,
    },
  };
}
