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
const FIRST_TOKENS = 2 ** 16;
/** From one size to the next: all are powers of two, so that two runs on one machine time jobs of one length. */
const GROWTH = 2;
const RUNS_OF_FEW = 3;
const RUNS_OF_MORE = 2;
/** A duration is steady once it changes by less than this share from one run to the next… */
const STEADY = 0.1;
/** …and is taken as it is after so many runs. */
const MOST_WARM_UPS = 3;

export function tokensPerGroup({ named, problem }: Subject): number {
  return problem.prompts.length * named.shape.groupSize * problem.horizon;
}

export function jobOf({ named, level, problem, drawId }: Subject, groupCount: number): SamplingJob {
  return {
    problem,
    level,
    groupSize: named.shape.groupSize,
    seed: 1,
    drawId,
    ranges: problem.prompts.map((_, prompt) => ({ prompt, firstGroup: 0, groupCount })),
    // What is compiled for a shape is repaid by all its repetitions.
    tokensAhead: Number.MAX_SAFE_INTEGER,
  };
}

export async function timeOnce(
  subject: Subject,
  groupCount: number,
  { signal, onProgress }: RunWatcher,
): Promise<Timed> {
  const { engine } = subject;
  const job = jobOf(subject, groupCount);
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
  /** what a job takes whatever its size: tables, upload, readback, the way to the caller */
  readonly fixedMs: number;
}

/** How long a job is to be. */
export interface Length {
  /** sampling alone takes at least so long… */
  readonly leastMs: number;
  /** …and so much longer than what a job takes whatever its size, where that does not take it beyond `mostMs` */
  readonly timesFixed: number;
  readonly mostMs: number;
}

/**
 * Doubles the groups of a job until it has the wanted length, then runs until durations are steady. What a job takes whatever
 * its size must not pass for what a group takes: of two sizes, the difference is the groups'.
 *
 * @returns null where the run was stopped; a sentence where the engine refuses the shape
 */
export async function warmUp(
  subject: Subject,
  length: Length,
  watcher: RunWatcher,
): Promise<WarmSubject | string | null> {
  const few = powerOfTwo(FIRST_TOKENS / tokensPerGroup(subject));
  const time = async (count: number): Promise<number> => (await timeOnce(subject, count, watcher)).durationMs;
  // What disturbs a run makes it longer: the shortest of several is nearest to the truth.
  const shortest = async (count: number, runs: number): Promise<number> => {
    let least = Infinity;
    for (let run = 0; run < runs && !watcher.signal.aborted; run += 1)
      least = Math.min(least, await time(count));
    return least;
  };
  let first: Timed;
  try {
    first = await timeOnce(subject, few, watcher);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  const fewMs = await shortest(few, RUNS_OF_FEW);
  let groupCount = few;
  for (;;) {
    if (watcher.signal.aborted) return null;
    groupCount *= GROWTH;
    const lastMs = await shortest(groupCount, RUNS_OF_MORE);
    const perGroup = Math.max(lastMs - fewMs, 0) / (groupCount - few);
    const fixedMs = Math.max(0, lastMs - perGroup * groupCount);
    const wantedMs = Math.max(length.leastMs, Math.min(length.mostMs, length.timesFixed * fixedMs));
    if (lastMs - fewMs >= wantedMs || groupCount >= MAX_GROUPS) {
      return (await settle(time, groupCount, lastMs, watcher))
        ? { subject, groupCount, first, fixedMs }
        : null;
    }
  }
}

/** The greatest that is not above, 1 at least. */
const powerOfTwo = (value: number): number => 2 ** Math.max(0, Math.floor(Math.log2(value)));

/** @returns false where the run was stopped */
async function settle(
  time: (groupCount: number) => Promise<number>,
  groupCount: number,
  lastMs: number,
  { signal }: RunWatcher,
): Promise<boolean> {
  let last = lastMs;
  for (let run = 0; run < MOST_WARM_UPS; run += 1) {
    if (signal.aborted) return false;
    const again = await time(groupCount);
    if (Math.abs(again / last - 1) < STEADY) break;
    last = again;
  }
  return !signal.aborted;
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
    submissions: after.submissions - before.submissions,
    gpuMs: after.gpuMs === null || before.gpuMs === null ? null : after.gpuMs - before.gpuMs,
    kernels: Object.fromEntries(kernels),
  };
}
