/** What experiment `temperature` finds: raw numbers only, and what is absent is absent. */
import type { PassAtKCheck, SamplingResult } from '../../lab/results.ts';

export interface TemperaturePoint {
  readonly temperature: number;
  readonly successProb: number;
  /** exact J_k − J_1 */
  readonly gaps: readonly { readonly k: number; readonly gap: number }[];
  readonly passAtK: readonly PassAtKCheck[];
}

export interface TemperaturePolicy {
  readonly id: string;
  readonly description: string;
  readonly points: readonly TemperaturePoint[];
}

/** Where the exact gap turns as the temperature falls. */
export interface GapTurn {
  readonly temperature: number;
  readonly gap: number;
  readonly kind: 'peak' | 'trough';
}

export interface TemperatureResult extends SamplingResult {
  readonly experiment: 'temperature';
  readonly description: string;
  readonly ks: readonly number[];
  readonly policies: readonly TemperaturePolicy[];
  /** in words, composed from `policies` */
  readonly findings: readonly string[];
}
