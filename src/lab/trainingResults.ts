/** What the training experiments find. Raw numbers only, as in result.ts. */
import type { WorstBatch } from '../experiments/collapse/batches.ts';
import type { Check, ControlResult, Estimate, FamilySummary } from './results.ts';
import type { Band } from '../math/stats/quantiles.ts';
import type { NotDefined } from '../estimators/weightTables.ts';

/** What every training experiment says of its runs. */
export interface TrainingTotals {
  /** false after Cancel, Ctrl-C or a lost host: what was handed over before is kept, and nothing is judged */
  readonly complete: boolean;
  readonly families: readonly FamilySummary[];
  /** groups drawn: one prompt's in one step of one replica */
  readonly groupCount: number;
  readonly tokenCount: number;
  readonly samplingMs: number;
  /** of every snapshot and tally of each job: equal on one adapter, not from one adapter to another */
  readonly snapshots: readonly SnapshotRecord[];
}

export interface SnapshotRecord {
  readonly place: string;
  readonly sha256: string;
}

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
  /** a replica's step */
  readonly updatesPerSecond: number;
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

/** Whether a statement of the paper holds in a case. */
export type Holds = 'holds' | 'fails' | 'open';

/** One rule on one policy: what a step without a sample of M2 does to the mass of M1. */
export interface CollapseCell {
  readonly rule: string;
  /** batches without M2 that lowered the mass of M1; null where no batch was without M2 */
  readonly loweringShare: Estimate | null;
  /** mean change of the mass of M1 over batches without M2, at the learning rate: a normal interval */
  readonly meanChange: Estimate | null;
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
  /** in words: where it fails */
  readonly condition: string;
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
  readonly curves: readonly GapCurve[];
  readonly kept: readonly KeptCell[];
  readonly notDefined: readonly NotDefined[];
  readonly findings: readonly string[];
}

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

export type TrainedResult = UpdatesResult | CollapseResult | ObjectivesResult | CrossoverResult;
