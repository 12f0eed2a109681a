/** What experiment `variance` finds: raw numbers only, and what is absent is absent. */
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { Check, Estimate, SamplingResult } from '../../lab/results.ts';
import type { VarianceByClass } from '../../lab/classVariance.ts';
import type { Verdict } from '../../math/stats/verdict.ts';

/** A variance that was measured, its spread estimated by a jackknife over blocks: Student's t. Null where it cannot be. */
export interface MeasuredVariance {
  readonly value: number;
  readonly standardError: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly level: number;
  readonly count: number;
  /** standard error over the exact variance */
  readonly relativeError: number | null;
  readonly z: number | null;
  readonly pValue: number | null;
  /** groups for a relative standard error of 0.5 % */
  readonly neededGroups: number;
  readonly verdict: Verdict;
}

/** One estimator at one n and k, on one prompt. */
export interface VarianceCell {
  readonly estimator: string;
  readonly k: number | null;
  /** alpha_k that it aims at, 1 for pass@1; null where it aims at neither */
  readonly alpha: number | null;
  readonly effectiveAlpha: number;
  /** alpha_eff − alpha, exact, and slope − alpha */
  readonly bias: { readonly exact: number; readonly measured: number } | null;
  readonly zeroSignalProb: number;
  /** of the mean gradient on grad J1, against alpha_eff */
  readonly slope: Estimate & Check & { readonly neededGroups: number | null };
  /** exact trace of Cov G, and its parts along grad J1 and across it */
  readonly variance: number;
  readonly varianceAlong: number;
  readonly varianceAcross: number;
  /** least exact variance of any unbiased member; null for estimators without k */
  readonly oracleMinimum: number | null;
  readonly structural: MeasuredVariance;
  readonly direct: MeasuredVariance;
  /** the part within each c, from groups of every c; null where the direct one has groups enough */
  readonly byClass: VarianceByClass | null;
  /** of one group, exact; null where G does not vary */
  readonly snr: number | null;
  readonly measuredSnr: Estimate | null;
  readonly samplesForSnr1: number | null;
}

export interface VariancePrompt {
  readonly id: string;
  readonly groupSize: number;
  readonly successProb: number;
  readonly gradientNormSq: number;
  readonly groupCount: number;
  readonly cells: readonly VarianceCell[];
}

export interface VarianceResult extends SamplingResult {
  readonly experiment: 'variance';
  readonly description: string;
  readonly prompts: readonly VariancePrompt[];
  readonly notDefined: readonly NotDefined[];
}
