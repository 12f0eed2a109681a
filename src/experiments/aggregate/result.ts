/** What experiment `aggregate` finds: raw numbers only, and what is absent is absent. */
import type { Check, Estimate, SamplingResult } from '../../lab/results.ts';

/** The mean gradient of J_k over prompts that share parameters, held against that of J_1. */
export interface AggregateCell extends Check {
  readonly estimator: string;
  readonly k: number;
  /** exact cosine of the two; null where either is zero */
  readonly cosine: number | null;
  readonly measuredCosine: Estimate | null;
  /** ∇J_k·∇J_1/|∇J_1|², exact and measured: this is what is tested */
  readonly projection: number;
  readonly measuredProjection: Estimate;
}

export interface AggregateCase {
  readonly id: string;
  readonly description: string;
  readonly successProbs: readonly number[];
  readonly cells: readonly AggregateCell[];
}

export interface AggregateResult extends SamplingResult {
  readonly experiment: 'aggregate';
  readonly description: string;
  readonly cases: readonly AggregateCase[];
}
