/** What experiment `figure1` finds: raw numbers only, and what is absent is absent. */
import type { ClassCheck, PassAtKCheck, SamplingResult, SlopeCheck } from '../../lab/results.ts';

export interface Figure1Result extends SamplingResult {
  readonly experiment: 'figure1';
  readonly description: string;
  readonly ks: readonly number[];
  readonly points: readonly {
    readonly successProb: number;
    readonly slopes: readonly SlopeCheck[];
    readonly passAtK: readonly PassAtKCheck[];
    /** the same slopes given the outcome, in the order of `slopes`; empty in a run that was cut short */
    readonly classes: readonly ClassCheck[];
  }[];
}
