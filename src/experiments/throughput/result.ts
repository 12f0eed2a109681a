/** What experiment `throughput` finds: raw times beside what they say, and what is absent is absent. */
import type { RooflineRow } from './roofline.ts';
import type { Ceilings, EngineEnvironment, EngineTimings } from '../../engine/engine.ts';
import type { Level } from '../../engine/tally.ts';
import type { Interval } from '../../math/stats/repetitions.ts';
import { BASE, BASE_NAME, type ThroughputShape } from './shapes.ts';

/** A time under so many steps of its clock says nothing. */
export const CLOCK_STEPS = 20;

/** Where the time of a job went, in ms; medians of its repetitions. */
export type JobParts = Pick<EngineTimings, 'uploadMs' | 'firstRunMs' | 'steadyMs' | 'readbackMs'>;

export interface ThroughputRow {
  readonly engine: EngineEnvironment['engine'];
  /** what it ran on, in words */
  readonly adapter: string;
  /** of the shape */
  readonly name: string;
  readonly shape: ThroughputShape;
  readonly level: Level;
  /** which of its kernels sampled; null where an engine has no choice */
  readonly kernel: string | null;
  /** of one repetition */
  readonly tokenCount: number;
  readonly repetitions: number;
  /** of wall time, the whole job as a caller sees it; null where the clock is too coarse */
  readonly tokensPerSecond: Interval | null;
  /** of all threads and processes of the engine; null where their time is not known, or too short to be */
  readonly tokensPerCpuSecond: Interval | null;
  /** [repetitions], in the order in which they were taken */
  readonly durationsMs: readonly number[];
  /** [repetitions] */
  readonly cpuSeconds: readonly (number | null)[];
  /** the least step of the clock that timed them: browsers coarsen theirs where a page is not isolated */
  readonly resolutionMs: number;
  /** repetitions beyond Tukey's outer fences */
  readonly outliers: number;
  /** change of the duration from the first repetition to the last, as a share of the median, where it is beyond chance */
  readonly drift: number | null;
  /** the first job of all, with compilation: wall, and what of it was compilation */
  readonly firstMs: number;
  readonly compileMs: number;
  /** what a job takes whatever its size, from jobs of two sizes */
  readonly fixedMs: number;
  /** null where an engine does not say */
  readonly parts: JobParts | null;
  /** time on the GPU of one repetition, the median; null where there are no timestamps */
  readonly gpuMs: number | null;
}

/** A shape that was not timed. */
export interface OmittedShape {
  readonly engine: EngineEnvironment['engine'];
  readonly name: string;
  readonly level: Level;
  readonly reason: string;
}

export interface ThroughputResult {
  readonly experiment: 'throughput';
  readonly complete: boolean;
  /** of the first row's shape */
  readonly description: string;
  readonly rows: readonly ThroughputRow[];
  readonly omitted: readonly OmittedShape[];
  /** of kernels whose operations can be counted */
  readonly roofline: readonly RooflineRow[];
  readonly ceilings: readonly AdapterCeilings[];
}

/** The most that an adapter does of each thing in a second. */
export interface AdapterCeilings extends Ceilings {
  readonly adapter: string;
}

/** A row of before there were shapes and repetitions: one figure of the base shape, without an interval. */
interface EarlierRow {
  readonly engine: ThroughputRow['engine'];
  readonly adapter: string;
  readonly level: Level;
  readonly tokenCount: number;
  readonly durationMs: number;
  readonly resolutionMs?: number;
  readonly tokensPerSecond: number;
  readonly tokensPerCpuSecond: number | null;
}

/** The rows of a report, of whatever age. */
export function rowsOf({ rows }: Pick<ThroughputResult, 'rows'>): ThroughputRow[] {
  const single = (value: number): Interval => ({ median: value, low: value, high: value });
  return (rows as readonly (ThroughputRow | EarlierRow)[]).map((row) => {
    if ('shape' in row) return row;
    const { durationMs, resolutionMs = 0, tokensPerSecond, tokensPerCpuSecond } = row;
    return {
      ...row,
      name: BASE_NAME,
      shape: BASE,
      kernel: null,
      repetitions: 1,
      tokensPerSecond: durationMs < CLOCK_STEPS * resolutionMs ? null : single(tokensPerSecond),
      tokensPerCpuSecond: tokensPerCpuSecond === null ? null : single(tokensPerCpuSecond),
      durationsMs: [durationMs],
      cpuSeconds: [],
      resolutionMs,
      outliers: 0,
      drift: null,
      firstMs: durationMs,
      compileMs: 0,
      fixedMs: 0,
      parts: null,
      gpuMs: null,
    };
  });
}
