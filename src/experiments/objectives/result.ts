/** What experiment `objectives` finds: raw numbers only, and what is absent is absent. */
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { TrainingTotals } from '../../lab/results.ts';
import type { Band } from '../../math/stats/quantiles.ts';

/** What is watched of a policy in training, each over replicas. */
export interface ObjectivePoint {
  readonly step: number;
  readonly passAt1: Band;
  readonly passAtK: Band;
  readonly entropy: Band;
  readonly modes: Band;
}

export interface ObjectiveCurve {
  readonly objective: string;
  readonly points: readonly ObjectivePoint[];
  /** first snapshot whose median pass@1 reaches the target, and the trajectories drawn until then; null if none */
  readonly stepsToTarget: number | null;
  readonly samplesToTarget: number | null;
}

export interface ObjectivesWorkload {
  readonly id: string;
  readonly description: string;
  readonly k: number;
  readonly modeCount: number;
  readonly target: number;
  readonly curves: readonly ObjectiveCurve[];
}

export interface ObjectivesResult extends TrainingTotals {
  readonly experiment: 'objectives';
  readonly description: string;
  readonly replicaCount: number;
  readonly workloads: readonly ObjectivesWorkload[];
  readonly findings: readonly string[];
  readonly notDefined: readonly NotDefined[];
}
