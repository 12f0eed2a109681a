/**
 * Experiment `throughput`: tokens sampled per second, for named shapes, on each of the engines of the run and at each level. Of one
 * shape all engines and levels take turns, in an order drawn anew for each round, so that what changes on the machine meanwhile
 * meets all of them alike.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import type { Lab } from '../../lab/experiment.ts';
import type { Preset } from '../../lab/settings.ts';
import type { RunWatcher } from '../../lab/watcher.ts';
import { LEVELS } from '../../engine/tally.ts';
import { median } from '../../math/stats/bootstrap.ts';
import { drift, medianInterval, outlierCount } from '../../math/stats/repetitions.ts';
import { openStream } from '../../math/random/stream.ts';
import {
  CLOCK_STEPS,
  type AdapterCeilings,
  type OmittedShape,
  type ThroughputResult,
  type ThroughputRow,
} from './result.ts';
import { shapeProblem, shapesOf, shapeText } from './shapes.ts';
import { rooflineOf, type RooflineRow } from './roofline.ts';
import { jobOf, timeOnce, warmUp, type Length, type Timed, type WarmSubject } from './subject.ts';

export const DRAW_IDS = [0x200, 0x2ff] as const satisfies DrawIds;

interface Schedule {
  readonly length: Length;
  readonly repetitions: number;
}
const SCHEDULES: Readonly<Record<Preset, Schedule>> = {
  quick: { length: { leastMs: 40, timesFixed: 2, mostMs: 150 }, repetitions: 5 },
  standard: { length: { leastMs: 100, timesFixed: 2, mostMs: 300 }, repetitions: 7 },
  full: { length: { leastMs: 120, timesFixed: 4, mostMs: 1500 }, repetitions: 11 },
};

/** A shape whose one job takes so many times what is asked for, at most, is repeated less often. */
const LONG = 3;
const LEAST_REPETITIONS = 5;
/** Of a shape's time, about: until its subjects are warm. */
const WARM_UP_SHARE = 0.5;

export async function runThroughput({ config, engine, watcher }: Lab): Promise<ThroughputResult> {
  const rows: ThroughputRow[] = [];
  const omitted: OmittedShape[] = [];
  const roofline: RooflineRow[] = [];
  const ceilings: AdapterCeilings[] = [];
  const shapes = shapesOf(config.preset);
  const result = {
    experiment: 'throughput',
    description: `${shapeText(shapes[0].shape)}, sum verifier`,
    rows,
    omitted,
    roofline,
    ceilings,
  } as const;
  const engines = (await engine.engines?.()) ?? [engine];
  // Timing software WebGPU through a browser takes longer than all else that quick does.
  const timed = config.preset === 'quick' ? engines.slice(0, 1) : engines;
  const { length, repetitions } = SCHEDULES[config.preset];
  const resolutionMs = clockStep();
  const leastMs = Math.max(length.leastMs, CLOCK_STEPS * resolutionMs);
  for (const [index, named] of shapes.entries()) {
    /** @param part of this shape, 0 to 1 */
    const within = (part: number): RunWatcher => ({
      signal: watcher.signal,
      onProgress: (progress) => watcher.onProgress({ ...progress, share: (index + part) / shapes.length }),
    });
    const problem = shapeProblem(named.shape);
    const subjects: WarmSubject[] = [];
    let warmed = 0;
    for (const own of timed) {
      for (const level of LEVELS) {
        const subject = { engine: own, named, level, problem, drawId: drawId(DRAW_IDS, 0) };
        const watching = within((WARM_UP_SHARE * warmed) / (timed.length * LEVELS.length));
        const warm = await warmUp(subject, { ...length, leastMs }, watching);
        warmed += 1;
        if (warm === null) return { ...result, complete: false };
        if (typeof warm === 'string')
          omitted.push({ engine: own.environment.engine, name: named.name, level, reason: warm });
        else subjects.push(warm);
      }
    }
    const times = new Map<WarmSubject, Timed[]>(subjects.map((subject) => [subject, []]));
    for (let round = 0; round < repetitions; round += 1) {
      for (const subject of shuffled(subjects, round)) {
        const own = times.get(subject)!;
        const isLong = own.length >= LEAST_REPETITIONS && own[0].durationMs > LONG * length.mostMs;
        if (isLong) continue;
        if (watcher.signal.aborted) return { ...result, complete: false };
        const watching = within(WARM_UP_SHARE + ((1 - WARM_UP_SHARE) * round) / repetitions);
        own.push(await timeOnce(subject.subject, subject.groupCount, watching));
      }
    }
    if (watcher.signal.aborted) return { ...result, complete: false };
    for (const subject of subjects)
      roofline.push(...(await rooflineRows(subject, times.get(subject)!, ceilings)));
    rows.push(...subjects.map((subject) => rowOf(subject, times.get(subject)!, resolutionMs)));
  }
  return { ...result, complete: true };
}

/** What bounds a subject's kernel, where its operations can be counted; and once for each adapter what it can do. */
async function rooflineRows(
  { subject, groupCount }: WarmSubject,
  times: readonly Timed[],
  ceilings: AdapterCeilings[],
): Promise<RooflineRow[]> {
  const { engine, named, level } = subject;
  const profile = await engine.profile?.(jobOf(subject, groupCount));
  if (!profile) return [];
  const { adapter } = engine.environment;
  if (ceilings.every((known) => known.adapter !== adapter)) ceilings.push({ adapter, ...profile.ceilings });
  const where = { engine: engine.environment.engine, name: named.name, level };
  const kernelMs = times.map(({ timings }) => timings.gpuMs ?? timings.firstRunMs + timings.steadyMs);
  const submissions = median(times.map(({ timings }) => timings.submissions));
  return [rooflineOf(profile, where, times[0].tokenCount, median(kernelMs), submissions)];
}

function rowOf(
  { subject, first, fixedMs }: WarmSubject,
  times: readonly Timed[],
  resolutionMs: number,
): ThroughputRow {
  const { engine, named, level } = subject;
  const durationsMs = times.map(({ durationMs }) => durationMs);
  const cpuSeconds = times.map((time) => time.cpuSeconds);
  const known = cpuSeconds.filter((seconds): seconds is number => seconds !== null && seconds > 0);
  const { tokenCount } = times[0];
  const isTooCoarse = median(durationsMs) < CLOCK_STEPS * resolutionMs;
  const gpuMs = times.map(({ timings }) => timings.gpuMs);
  const part = (name: 'uploadMs' | 'firstRunMs' | 'steadyMs' | 'readbackMs'): number =>
    median(times.map(({ timings }) => timings[name]));
  return {
    engine: engine.environment.engine,
    adapter: engine.environment.adapter,
    name: named.name,
    shape: named.shape,
    level,
    kernel: Object.keys(times[times.length - 1].timings.kernels).join('; ') || null,
    tokenCount,
    repetitions: times.length,
    tokensPerSecond: isTooCoarse
      ? null
      : medianInterval(durationsMs.map((durationMs) => (tokenCount / durationMs) * 1000)),
    tokensPerCpuSecond:
      known.length === times.length ? medianInterval(known.map((seconds) => tokenCount / seconds)) : null,
    durationsMs,
    cpuSeconds,
    resolutionMs,
    outliers: outlierCount(durationsMs),
    drift: drift(durationsMs),
    firstMs: first.durationMs,
    fixedMs,
    compileMs: first.timings.compileMs,
    parts:
      engine.environment.engine === 'gpu'
        ? {
            uploadMs: part('uploadMs'),
            firstRunMs: part('firstRunMs'),
            steadyMs: part('steadyMs'),
            readbackMs: part('readbackMs'),
          }
        : null,
    gpuMs: gpuMs.every((ms): ms is number => ms !== null) ? median(gpuMs) : null,
  };
}

/** An order drawn for the round (Fisher and Yates). */
function shuffled<Value>(values: readonly Value[], round: number): Value[] {
  const order = [...values];
  const next = openStream(1, DRAW_IDS[0], 0, round, 0);
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor((next() / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Steps of the clock that are looked at. */
const LOOKED_AT = 8;

/** The least time that the clock can tell, in milliseconds. */
function clockStep(): number {
  let least = Infinity;
  for (let step = 0; step < LOOKED_AT; step += 1) {
    const before = performance.now();
    let after = before;
    while (after === before) after = performance.now();
    least = Math.min(least, after - before);
  }
  return least;
}
