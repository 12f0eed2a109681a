/** What experiment `signal` finds: raw numbers only, and what is absent is absent. */
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { Check, Estimate, SamplingResult } from '../../lab/results.ts';

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
}

export interface SignalResult extends SamplingResult {
  readonly experiment: 'signal';
  readonly description: string;
  readonly groupSize: number;
  readonly prompts: readonly SignalPrompt[];
  readonly ends: readonly SignalEnd[];
  /** in words, composed from `ends` */
  readonly findings: readonly string[];
  readonly notDefined: readonly NotDefined[];
}
