/**
 * One thing to be timed: an engine, a shape, a level. A run of it is a whole job as a caller sees it, tables, upload and
 * readback included. All that the caller itself needs is made before the clock starts.
 */
import { InputError } from '../../input/inputError.ts';
import type { Engine, EngineTimings } from '../../engine/engine.ts';
import type { SamplingJob } from '../../engine/sampler.ts';
import type { Level } from '../../engine/tally.ts';
import type { Problem } from '../../problem/problem.ts';
import type { RunWatcher } from '../../lab/watcher.ts';
import type { NamedShape } from './shapes.ts';

export interface Subject {
  readonly engine: Engine;
  readonly named: NamedShape;
  readonly level: Level;
  readonly problem: Problem;
  readonly drawId: number;
}

export interface Timed {
  readonly durationMs: number;
  readonly cpuSeconds: number | null;
  readonly tokenCount: number;
  /** what the engine says of this run alone */
  readonly timings: EngineTimings;
}

/** Groups per prompt after which no job grows: 2^22 groups of 64 prompts are 34 G tokens. */
const MAX_GROUPS = 2 ** 22;
const FIRST_TOKENS = 2 ** 13;
const MOST_GROWTH = 8;
/** A duration is steady once it changes by less than this share from one run to the next… */
const STEADY = 0.1;
/** …and is taken as it is after so many runs. */
const MOST_WARM_UPS = 4;

export function tokensPerGroup({ named, problem }: Subject): number {
  return problem.prompts.length * named.shape.groupSize * problem.horizon;
}

export async function timeOnce(
  subject: Subject,
  groupCount: number,
  { signal, onProgress }: RunWatcher,
): Promise<Timed> {
  const { engine, named, level, problem, drawId } = subject;
  const job: SamplingJob = {
    problem,
    level,
    groupSize: named.shape.groupSize,
    seed: 1,
    drawId,
    ranges: problem.prompts.map((_, prompt) => ({ prompt, firstGroup: 0, groupCount })),
    // What is compiled for a shape is repaid by all its repetitions.
    tokensAhead: Number.MAX_SAFE_INTEGER,
  };
  const tokenCount = groupCount * tokensPerGroup(subject);
  const before = engine.timings();
  const cpuBefore = engine.cpuSeconds?.() ?? null;
  const start = performance.now();
  for await (const event of engine.sample(job)) {
    if (signal.aborted) break;
    if (event.kind === 'progress')
      onProgress({ stage: 'timing', tokenCount: event.tokenCount, totalTokens: tokenCount });
  }
  const durationMs = performance.now() - start;
  const cpuAfter = engine.cpuSeconds?.() ?? null;
  return {
    durationMs,
    cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
    tokenCount,
    timings: timingsSince(before, engine.timings()),
  };
}

/** A subject that is warm, with jobs of a length that the clock can tell. */
export interface WarmSubject {
  readonly subject: Subject;
  readonly groupCount: number;
  /** its first job of all */
  readonly first: Timed;
}

/**
 * Finds how many groups take `leastMs`, then runs until durations are steady.
 *
 * @returns null where the run was stopped; a sentence where the engine refuses the shape
 */
export async function warmUp(
  subject: Subject,
  leastMs: number,
  watcher: RunWatcher,
): Promise<WarmSubject | string | null> {
  let groupCount = Math.max(1, Math.floor(FIRST_TOKENS / tokensPerGroup(subject)));
  let first: Timed;
  try {
    first = await timeOnce(subject, groupCount, watcher);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  let last = await timeOnce(subject, groupCount, watcher);
  while (last.durationMs < leastMs && groupCount < MAX_GROUPS) {
    if (watcher.signal.aborted) return null;
    const growth = Math.min(MOST_GROWTH, Math.max(1.5, (1.1 * leastMs) / last.durationMs));
    groupCount = Math.min(MAX_GROUPS, Math.ceil(groupCount * growth));
    last = await timeOnce(subject, groupCount, watcher);
  }
  for (let run = 0; run < MOST_WARM_UPS; run += 1) {
    if (watcher.signal.aborted) return null;
    const again = await timeOnce(subject, groupCount, watcher);
    const change = Math.abs(again.durationMs / last.durationMs - 1);
    last = again;
    if (change < STEADY) break;
  }
  return watcher.signal.aborted ? null : { subject, groupCount, first };
}

function timingsSince(before: EngineTimings, after: EngineTimings): EngineTimings {
  const kernels = Object.entries(after.kernels)
    .map(([name, tokens]) => [name, tokens - (before.kernels[name] ?? 0)] as const)
    .filter(([, tokens]) => tokens > 0);
  return {
    compileMs: after.compileMs - before.compileMs,
    uploadMs: after.uploadMs - before.uploadMs,
    firstRunMs: after.firstRunMs - before.firstRunMs,
    steadyMs: after.steadyMs - before.steadyMs,
    readbackMs: after.readbackMs - before.readbackMs,
    steadyTokenCount: after.steadyTokenCount - before.steadyTokenCount,
    gpuMs: after.gpuMs === null || before.gpuMs === null ? null : after.gpuMs - before.gpuMs,
    kernels: Object.fromEntries(kernels),
  };
}
