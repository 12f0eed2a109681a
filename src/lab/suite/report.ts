/** A run's report: one versioned JSON that the terminal, the page and `compare` render. Raw numbers only. */
import type { EngineEnvironment, EngineTimings, Verification } from '../../engine/engine.ts';
import type { Verdict } from '../../math/stats/verdict.ts';
import { REQUIRED_POWER } from '../controls.ts';
import type { ControlResult, FamilySummary } from '../results.ts';
import type { Config } from '../settings.ts';
import type { Claim } from './claims.ts';
import { reached, type ExperimentResults } from './experiments.ts';

export const REPORT_FORMAT = 'passk-report@1';

export interface SelfTestReport {
  readonly caseCount: number;
  readonly failures: readonly string[];
}

/** Which engine did the work, and what another one checked of it. */
export interface EngineReport {
  readonly name: EngineEnvironment['engine'];
  /** null where the work is not done by threads of ours */
  readonly threads: number | null;
  /** null where no WGSL was exercised beside the engine's own */
  readonly checkedOnGpu: CheckedPart | null;
  readonly checkedOnCpu: CheckedPart | null;
  /** why nothing, or no more, was checked; null where nothing is missing, or no check was asked for */
  readonly missing: string | null;
  readonly differences: readonly string[];
}

export interface CheckedPart {
  readonly groups: number;
  readonly jobs: number;
  readonly steps: readonly string[];
  readonly adapter: string;
}

export function engineReport(
  { engine, limits }: EngineEnvironment,
  verification: Verification | null,
): EngineReport {
  const checkedOn = (name: EngineEnvironment['engine']): CheckedPart | null => {
    if (verification?.on?.engine !== name) return null;
    const { groups, jobs, steps, on } = verification;
    return { groups, jobs, steps, adapter: on.adapter };
  };
  return {
    name: engine,
    threads: engine === 'cpu' ? limits.threads : engine === 'twin' ? 1 : null,
    checkedOnGpu: checkedOn('gpu'),
    checkedOnCpu: checkedOn('cpu'),
    missing: verification?.missing ?? null,
    differences: verification?.differences ?? [],
  };
}

/** How a run ends: what its exit code says. */
export type Outcome = 'agrees' | 'disagrees' | 'incomplete';

export type Report = ExperimentResults & {
  readonly format: typeof REPORT_FORMAT;
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly durationMs: number;
  /** by experiment, of those that came to an end */
  readonly experimentSeconds: Readonly<Record<string, number>>;
  readonly config: Config;
  readonly versions: Readonly<Record<string, string>>;
  readonly engine: EngineReport;
  readonly environment: EngineEnvironment;
  /** how often a fresh host had to take over */
  readonly recoveryCount: number;
  readonly selfTest: SelfTestReport;
  readonly timings: EngineTimings;
  /** what the run says of each claim */
  readonly claims: readonly Claim[];
  /** what ended the run before its time: a host that was lost and could not be replaced */
  readonly lost?: string;
};

/** Every deliberate mistake that was tried. */
export function controlsOf(results: ExperimentResults): ControlResult[] {
  return reached(results).flatMap(({ result }) => result.controls ?? []);
}

/** Every family that was judged. */
export function familiesOf(results: ExperimentResults): FamilySummary[] {
  return reached(results).flatMap(({ result }) => result.families ?? []);
}

/** Every check that can agree; coordinates, cells and moments, which can only reject, are counted in their families. */
export function verdictsOf(results: ExperimentResults): Verdict[] {
  return reached(results).flatMap(({ experiment, result }) =>
    experiment.checks(result).map(({ verdict }) => verdict),
  );
}

export function countVerdicts(verdicts: readonly Verdict[], verdict: Verdict): number {
  return verdicts.filter((given) => given === verdict).length;
}

/**
 * `disagrees` where two engines differ, a comparison was rejected, a deliberate mistake with power was not seen, or an experiment fell short of
 * what its preset decides. A published number that differs is a finding about its print; it does not fail a run.
 */
export function outcomeOf(
  results: ExperimentResults,
  config: Config,
  verification: Verification | null = null,
): Outcome {
  if (verification !== null && verification.differences.length > 0) return 'disagrees';
  const rejected = familiesOf(results).some((family) => family.rejected > 0);
  const missed = controlsOf(results).some(({ power, flagged }) => power >= REQUIRED_POWER && !flagged);
  const short = reached(results).some(
    ({ experiment, result }) => typeof experiment.shortfall?.(result, config) === 'string',
  );
  return rejected || missed || short ? 'disagrees' : 'agrees';
}
