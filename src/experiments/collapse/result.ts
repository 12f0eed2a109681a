/** What experiment `collapse` finds: raw numbers only, and what is absent is absent. */
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { Check, Estimate, TrainingTotals } from '../../lab/results.ts';
import type { Band } from '../../math/stats/quantiles.ts';

/** The batch that lowers the mass of M1 most. */
export interface WorstBatch {
  /** trajectory of M1 and how often, wrong trajectory and how often */
  readonly words: string;
  /** d π(M1)/d rate, exact */
  readonly firstOrder: number;
  /** change of π(M1) at the learning rate, exact */
  readonly change: number;
}

/** Whether a statement of the paper holds in a case. */
export type Holds = 'holds' | 'fails' | 'open';

/** One rule on one policy: what a step without a sample of M2 does to the mass of M1. */
export interface CollapseCell {
  readonly rule: string;
  /** batches without M2 that lowered the mass of M1; null where no batch was without M2 */
  readonly loweringShare: Estimate | null;
  /**
   * mean change of the mass of M1 over batches without M2, at the learning rate, as sampled: a normal interval, outside the run's
   * budget of false alarms
   */
  readonly meanChange: Estimate | null;
  /** the same mean as an exact sum over all such batches; null where they are too many */
  readonly exactChange: number | null;
  readonly learningRate: number;
  /** its exact value to first order, per unit of learning rate */
  readonly firstOrder: number;
  /** of all batches without M2: the worst to first order, and the worst tried at the learning rate */
  readonly worst: { readonly smallStep: WorstBatch; readonly finiteStep: WorstBatch };
  readonly perBatch: Holds;
  readonly inMeanFirstOrder: Holds;
  readonly inMeanFiniteStep: Holds;
}

export interface CollapseCase {
  readonly id: string;
  readonly description: string;
  readonly wrong: 'none' | 'one wrong trajectory' | 'many wrong trajectories';
  readonly modeSize: 'one trajectory' | 'several trajectories';
  readonly horizon: number;
  readonly groupSize: number;
  readonly modeProb: number;
  readonly rareProb: number;
  /** chance that a step finds M2: exact, measured, and the paper's bound n eps */
  readonly discovery: Check & { readonly exact: number; readonly measured: Estimate; readonly bound: number };
  readonly cells: readonly CollapseCell[];
}

/** A statement of Theorem 3.2 for one rule, over all cases. */
export interface CollapseStatement {
  readonly rule: string;
  readonly statement: 'per batch' | 'in mean, first order' | 'in mean, finite step';
  readonly holds: number;
  readonly fails: number;
  readonly open: number;
  /** cases that samples decided, or left open; the others are exact */
  readonly sampled: number;
  /** in words: what is known of every policy */
  readonly law: string;
}

/** Along training: the gap between pass@k and pass@1, measured and exact. */
export interface GapPoint extends Check {
  readonly step: number;
  readonly measuredGap: Estimate;
  /** mean over replicas of delta − delta^k with delta = 1 − J1, which is J_k − J_1 */
  readonly exactGap: number;
  /** and with delta = 1 − pi(M1), as the paper writes it */
  readonly gapOfMode: number;
  readonly successProb: Band;
  readonly modeProb: Band;
}

export interface GapCurve {
  readonly id: string;
  readonly description: string;
  readonly k: number;
  readonly points: readonly GapPoint[];
}

/** Replicas that end with one mode. */
export interface KeptCell {
  readonly estimator: string;
  /** null where the estimator has none; smaller groups have a smaller one */
  readonly k: number | null;
  readonly groupSize: number;
  readonly rareProb: number;
  readonly oneMode: Estimate;
  /** median mass of the rare mode at the end */
  readonly rareAtEnd: number;
  readonly successAtEnd: number;
}

export interface CollapseResult extends TrainingTotals {
  readonly experiment: 'collapse';
  readonly description: string;
  readonly groupSize: number;
  readonly cases: readonly CollapseCase[];
  readonly statements: readonly CollapseStatement[];
  /** Eq 9 as printed (every sample reinforced), in mean at the learning rate: cases */
  readonly finiteStep: { readonly holds: number; readonly fails: number; readonly open: number };
  readonly curves: readonly GapCurve[];
  readonly kept: readonly KeptCell[];
  readonly notDefined: readonly NotDefined[];
  readonly findings: readonly string[];
}
