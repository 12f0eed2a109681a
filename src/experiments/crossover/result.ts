/** What experiment `crossover` finds: raw numbers only, and what is absent is absent. */
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { Estimate, TrainingTotals } from '../../lab/results.ts';
import type { Band } from '../../math/stats/quantiles.ts';

export interface CrossoverPoint {
  readonly k: number;
  /** mean pass@k over prompts: of the initial policy, and over replicas of the trained one */
  readonly initial: number;
  readonly trained: Band;
  /** mean maj@k over prompts, for k up to a limit; null beyond */
  readonly initialMajority: number | null;
  readonly trainedMajority: Band | null;
}

export interface CrossoverCurve {
  readonly workload: string;
  readonly objective: string;
  readonly points: readonly CrossoverPoint[];
  /** share of replicas whose initial policy wins at some k, and the least such k: band over those replicas */
  readonly overtaken: Estimate;
  readonly overtakesAtK: Band | null;
}

export interface CrossoverResult extends TrainingTotals {
  readonly experiment: 'crossover';
  readonly description: string;
  readonly replicaCount: number;
  /** replicas whose majorities were computed */
  readonly majorityReplicaCount: number;
  readonly notDefined: readonly NotDefined[];
  readonly workloads: readonly { readonly id: string; readonly description: string }[];
  readonly curves: readonly CrossoverCurve[];
  readonly findings: readonly string[];
}
