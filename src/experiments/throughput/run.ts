/**
 * Experiment `throughput`: tokens sampled per second at each level, for V = 16, T = 8, n = 16, 64 prompts,
 * on each of the engines of the run. A figure is the whole job as a caller sees it, upload and readback included. Pipelines are compiled by the shorter
 * run before it; the report has compile times apart.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import type { Lab } from '../../lab/experiment.ts';
import { sum } from '../../problem/workloads.ts';
import { compileProblem } from '../../problem/problem.ts';
import type { Engine } from '../../engine/engine.ts';
import type { SamplingJob } from '../../engine/sampler.ts';
import { addTally, emptyTally, LEVELS } from '../../engine/tally.ts';
import type { RunWatcher } from '../../lab/watcher.ts';
import type { ThroughputResult, ThroughputRow } from './result.ts';
import type { Preset } from '../../lab/settings.ts';

const VOCAB = 16;
const HORIZON = 8;
const GROUP_SIZE = 16;
const PROMPTS = 64;
export const DRAW_IDS = [0x200, 0x2ff] as const satisfies DrawIds;
/** A figure is taken over at least so much time of sampling alone. */
const LEAST_MS: Readonly<Record<Preset, number>> = { quick: 120, standard: 3_000, full: 10_000 };
const FIRST_GROUPS = 64;
/** Doubling ends here at the latest: 2^22 groups of 64 prompts are 34 G tokens. */
const MAX_GROUPS = 2 ** 22;

export async function runThroughput({ config, engine, watcher }: Lab): Promise<ThroughputResult> {
  const successProbs = Array.from({ length: PROMPTS }, (_, i) => 0.02 + (0.96 * i) / (PROMPTS - 1));
  const problem = compileProblem(
    sum({ vocab: VOCAB, horizon: HORIZON, context: 'none', successProbs, seed: 16 }, 5, 2),
  );
  const rows: ThroughputRow[] = [];
  const result = { experiment: 'throughput', description: DESCRIPTION, rows } as const;
  const engines = (await engine.engines?.()) ?? [engine];
  // Timing software WebGPU through a browser takes longer than all else that quick does.
  for (const own of config.preset === 'quick' ? engines.slice(0, 1) : engines) {
    for (const level of LEVELS) {
      const time = (groupCount: number): Promise<ThroughputRow> =>
        timeLevel({ problem, level, groupCount }, own, watcher);
      // Compiles, where there is something to compile; its figure is thrown away.
      await time(FIRST_GROUPS);
      const few = await time(FIRST_GROUPS);
      let groupCount = 4 * FIRST_GROUPS;
      let last = await time(groupCount);
      // What a job costs whatever its size must not pass for what a group costs: from two sizes, the time of one group more.
      let perGroup = Math.max((last.durationMs - few.durationMs) / (groupCount - FIRST_GROUPS), 1e-4);
      while (perGroup * groupCount < LEAST_MS[config.preset] && groupCount < MAX_GROUPS) {
        if (watcher.signal.aborted) return { ...result, complete: false };
        const wanted = Math.ceil((1.1 * LEAST_MS[config.preset]) / perGroup);
        groupCount = Math.min(MAX_GROUPS, wanted, 64 * groupCount);
        last = await time(groupCount);
        perGroup = Math.max((last.durationMs - few.durationMs) / (groupCount - FIRST_GROUPS), 1e-4);
      }
      if (watcher.signal.aborted) return { ...result, complete: false };
      rows.push(last);
    }
  }
  return { ...result, complete: true };
}

/** Steps of the clock that are looked at. */
const CLOCK_STEPS = 8;

/** The least time that the clock can tell, in milliseconds. */
function clockStep(): number {
  let least = Infinity;
  for (let step = 0; step < CLOCK_STEPS; step += 1) {
    const before = performance.now();
    let after = before;
    while (after === before) after = performance.now();
    least = Math.min(least, after - before);
  }
  return least;
}

const DESCRIPTION = `V = ${VOCAB}, T = ${HORIZON}, n = ${GROUP_SIZE}, ${PROMPTS} prompts, context none, sum verifier`;

async function timeLevel(
  { problem, level, groupCount }: Pick<SamplingJob, 'problem' | 'level'> & { groupCount: number },
  engine: Engine,
  { signal, onProgress }: RunWatcher,
): Promise<ThroughputRow> {
  const job: SamplingJob = {
    problem,
    level,
    groupSize: GROUP_SIZE,
    seed: 1,
    drawId: drawId(DRAW_IDS, 0),
    ranges: problem.prompts.map((_, prompt) => ({ prompt, firstGroup: 0, groupCount })),
  };
  const tallies = problem.prompts.map(() => emptyTally(problem, GROUP_SIZE, level));
  const start = performance.now();
  const cpuBefore = engine.cpuSeconds?.() ?? null;
  const totalTokens = PROMPTS * groupCount * GROUP_SIZE * HORIZON;
  for await (const event of engine.sample(job)) {
    if (signal.aborted) break;
    if (event.kind === 'progress') onProgress({ stage: 'timing', tokenCount: event.tokenCount, totalTokens });
    if (event.kind === 'chunks')
      for (const { range, tally } of event.chunks) addTally(tallies[range.prompt], tally);
  }
  const durationMs = performance.now() - start;
  const cpuAfter = engine.cpuSeconds?.() ?? null;
  const cpuSeconds = cpuBefore === null || cpuAfter === null ? 0 : cpuAfter - cpuBefore;
  return {
    engine: engine.environment.engine,
    adapter: engine.environment.adapter,
    level,
    tokenCount: totalTokens,
    durationMs,
    resolutionMs: clockStep(),
    tokensPerSecond: (totalTokens / durationMs) * 1000,
    tokensPerCpuSecond: cpuSeconds > 0 ? totalTokens / cpuSeconds : null,
  };
}
