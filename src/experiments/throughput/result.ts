/** What experiment `throughput` finds: raw numbers only, and what is absent is absent. */
import type { EngineEnvironment } from '../../engine/engine.ts';
import type { Level } from '../../engine/tally.ts';

export interface ThroughputRow {
  readonly engine: EngineEnvironment['engine'];
  /** what it ran on, in words */
  readonly adapter: string;
  readonly level: Level;
  readonly tokenCount: number;
  readonly durationMs: number;
  /** the least step of the clock that timed it: browsers coarsen theirs where a page is not isolated */
  readonly resolutionMs: number;
  /** of wall time, the whole job as a caller sees it */
  readonly tokensPerSecond: number;
  /** of all threads and processes of the engine; null where their time is not known */
  readonly tokensPerCpuSecond: number | null;
}

export interface ThroughputResult {
  readonly experiment: 'throughput';
  readonly complete: boolean;
  readonly description: string;
  readonly rows: readonly ThroughputRow[];
}
