/** What experiment `throughput` finds: raw numbers only, and what is absent is absent. */
import type { Level } from '../../engine/tally.ts';

export interface ThroughputRow {
  readonly level: Level;
  readonly tokenCount: number;
  readonly durationMs: number;
  readonly tokensPerSecond: number;
}

export interface ThroughputResult {
  readonly experiment: 'throughput';
  readonly complete: boolean;
  readonly description: string;
  readonly rows: readonly ThroughputRow[];
}
