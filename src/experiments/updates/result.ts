/** What experiment `updates` finds: raw numbers only, and what is absent is absent. */
import type { Engine } from '../../engine/engine.ts';
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { Check, ControlResult, Estimate, TrainingTotals } from '../../lab/results.ts';

/** The kernel's mean first gradient along ∇J1, against its exact law. */
export interface FirstGradientCell extends Check {
  readonly problem: string;
  readonly estimator: string;
  readonly k: number | null;
  /** exact mean of Ḡ·∇J̄_1/|∇J̄_1|²: alpha_eff where prompts share nothing */
  readonly exact: number;
  readonly measured: Estimate;
}

/** Distributions over replicas after many steps: kernel against twin, each with draws of its own. */
export interface ReplicaComparison {
  readonly description: string;
  readonly replicaCount: number;
  /** Kolmogorov-Smirnov on J1 */
  readonly successPValue: number;
  /** chi-square, exact, on the number of modes kept */
  readonly modesPValue: number;
  /** replicas by the number of modes kept */
  readonly kernelModes: readonly number[];
  readonly twinModes: readonly number[];
}

export interface UpdateRate {
  readonly id: string;
  readonly description: string;
  readonly engine: Engine['environment']['engine'];
  readonly adapter: string;
  /** a replica's step, by the clock */
  readonly updatesPerSecond: number;
  /** and by CPU-second, all threads and processes together; null where the engine does not know it */
  readonly updatesPerCpuSecond: number | null;
  readonly tokensPerSecond: number;
  /** of the CPU twin, one core of plain TypeScript, in the same run */
  readonly twinUpdatesPerSecond: number;
  readonly ratio: number;
}

export interface UpdatesResult extends TrainingTotals {
  readonly experiment: 'updates';
  readonly description: string;
  readonly cells: readonly FirstGradientCell[];
  readonly controls: readonly ControlResult[];
  readonly replicas: readonly ReplicaComparison[];
  readonly rates: readonly UpdateRate[];
  readonly notDefined: readonly NotDefined[];
}
