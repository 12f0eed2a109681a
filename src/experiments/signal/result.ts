/** What experiment `signal` finds: raw numbers only, and what is absent is absent. */
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { VarianceByClass } from '../../lab/classVariance.ts';
import type {
  Check,
  CheckSummary,
  ClassCheck,
  ClassMeanResult,
  Estimate,
  SamplingResult,
} from '../../lab/results.ts';

/** How often groups have no signal for the estimators that share these groups. */
export interface SignalCell extends Check {
  readonly estimators: readonly string[];
  /** the c of groups without signal */
  readonly silentCounts: readonly number[];
  readonly zeroSignalProb: number;
  readonly frequency: Estimate;
}

export interface SignalPrompt {
  readonly id: string;
  readonly successProb: number;
  /** (1 − J1)^n */
  readonly allFailProb: number;
  readonly groupCount: number;
  readonly cells: readonly SignalCell[];
}

/** Exact values at the lowest and the highest J1. */
export interface SignalEnd {
  readonly estimator: string;
  readonly k: number | null;
  /** whether the samples of a group without success have weight */
  readonly weighsAllWrong: boolean;
  readonly low: SignalEndValues;
  readonly high: SignalEndValues;
}

export interface SignalEndValues {
  readonly successProb: number;
  readonly alpha: number;
  readonly effectiveAlpha: number;
  /** of one group; null where G does not vary */
  readonly snr: number | null;
  /** snr over n J1 at the low end, over n (1 − J1) at the high end */
  readonly snrPerRareSample: number | null;
  /** m of snr ~ (1 − J1)^m as J1 → 1; null at the low end, and where the estimator has no signal there */
  readonly order: number | null;
}

/** One estimator at an end of J1, measured by classes. */
export interface EndCell {
  readonly estimator: string;
  readonly k: number | null;
  /** null for estimators that are not of pass@k's gradient or pass@1's */
  readonly slope: ClassCheck | null;
  readonly variance: VarianceByClass;
  /** of one group: exact, and with the measured variance */
  readonly snr: number | null;
  readonly measuredSnr: Estimate | null;
}

/** A prompt at an end of J1, sampled by classes. */
export interface EndResult {
  readonly place: string;
  readonly successProb: number;
  readonly failureProb: number;
  readonly groupCount: number;
  readonly means: readonly ClassMeanResult[];
  readonly cells: readonly EndCell[];
  readonly counts: CheckSummary;
}

export interface SignalResult extends SamplingResult {
  readonly experiment: 'signal';
  readonly description: string;
  readonly groupSize: number;
  readonly prompts: readonly SignalPrompt[];
  readonly ends: readonly SignalEnd[];
  /** the same ends, and a needle of J1 = 1e-100, measured by classes */
  readonly given: readonly EndResult[];
  /** in words, composed from `ends` */
  readonly findings: readonly string[];
  readonly notDefined: readonly NotDefined[];
}
