/** `tally` and `merge`: exact counts of a range of groups, and of a union of ranges. */
import { collectTallies } from '../engine/collect.ts';
import type { Engine } from '../engine/engine.ts';
import { everyPrompt, type SamplingJob } from '../engine/sampler.ts';
import { tallyFile, type TallyFile } from '../engine/tallyFile.ts';
import { requireSelfTest } from '../lab/suite/suite.ts';
import { Progress } from './progress.ts';

export interface TallyOutput extends TallyFile {
  /** beside the tally, outside its hash */
  readonly run: {
    readonly environment: Engine['environment'];
    readonly timings: ReturnType<Engine['timings']>;
    readonly durationMs: number;
  };
}

/** Tallies the same groups of every prompt. @throws Error if the engine fails its self-test */
export async function runTally(
  engine: Engine,
  request: Omit<SamplingJob, 'ranges' | 'experiment'>,
  firstGroup: number,
  groupCount: number,
): Promise<TallyOutput> {
  const start = performance.now();
  await requireSelfTest(engine);
  const job: SamplingJob = {
    ...request,
    experiment: 0,
    ranges: everyPrompt(request.problem, firstGroup, groupCount),
  };
  const tokens = request.problem.prompts.length * groupCount * request.groupSize * request.problem.horizon;
  const progress = new Progress('tally');
  const tallies = await collectTallies(engine, job, (event) => {
    if (event.kind === 'progress') progress.show('sampling', event.tokenCount, tokens);
  });
  progress.clear();
  return {
    ...(await tallyFile(job, firstGroup, groupCount, tallies)),
    run: {
      environment: engine.environment,
      timings: engine.timings(),
      durationMs: performance.now() - start,
    },
  };
}
