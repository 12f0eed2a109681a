/**
 * What a run finds: one type that the terminal, the JSON report and the page render. Raw numbers only; an estimate is
 * never a bare number, and what is absent is absent.
 */
import type { SamplerEnvironment, SamplerTimings } from '../kernels/sampler.ts';
import type { NotDefined } from '../math/weightTables.ts';
import type { Level } from '../kernels/tally.ts';
import type { Family, Verdict } from '../stats/verdict.ts';
import type { Config } from './settings.ts';

export const REPORT_FORMAT = 'passk-report@1';

/** Mean of `count` groups with its exact standard error (1 SE, from theory, not from the sample). */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  /** ends of the interval that holds the mean with chance `level` or more (Bennett) */
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly count: number;
}

/** One comparison with an exact value. */
export interface Check {
  readonly verdict: Verdict;
  readonly pValue: number;
  /** (measured − exact) / standard error; null where the standard error is 0 */
  readonly z: number | null;
}

export interface SlopeCheck extends Check {
  readonly estimator: string;
  readonly k: number | null;
  /** alpha_k, or alpha_1 for estimators without k: what the theorem says */
  readonly alpha: number;
  readonly slope: Estimate;
  /** cosine of the measured mean gradient with grad J1; null where either is zero */
  readonly cosine: number | null;
  /** the cosine that noise alone would leave, given alpha */
  readonly expectedCosine: number;
  /** groups from which on a deviation of 10 % would be seen; null if more than 2^50 */
  readonly neededGroups: number | null;
}

export interface PassAtKCheck extends Check {
  readonly k: number;
  readonly passAtK: number;
  readonly measured: Estimate;
}

/** Many comparisons of one kind, summed up. */
export interface CheckSummary {
  readonly comparisons: number;
  readonly rejected: number;
  readonly smallestPValue: number;
}

export interface PromptResult {
  readonly id: string;
  readonly successProb: number;
  readonly gradientNormSq: number;
  readonly groupCount: number;
  /** of the raw counts, with everything that determines them */
  readonly tallySha256: string;
  readonly slopes: readonly SlopeCheck[];
  readonly passAtK: readonly PassAtKCheck[];
  readonly coordinates: CheckSummary;
  readonly counts: CheckSummary;
  readonly second: CheckSummary;
}

export interface ProblemResult {
  readonly id: string;
  readonly description: string;
  readonly problemSha256: string;
  readonly massesSha256: string;
  readonly experiment: number;
  readonly prompts: readonly PromptResult[];
}

/** A deliberate mistake and whether it was seen. */
export interface ControlResult {
  readonly id: string;
  readonly description: string;
  /** chance, computed beforehand, that the mistake is flagged */
  readonly power: number;
  readonly flagged: boolean;
  readonly pValue: number | null;
  /** where and on how much it was tried */
  readonly detail: string;
}

export interface AggregateResult {
  readonly description: string;
  readonly successProbs: readonly number[];
  readonly rows: readonly { readonly k: number; readonly passAtK: number; readonly cosine: number | null }[];
}

export interface FamilySummary extends CheckSummary {
  readonly family: Family;
  readonly question: string;
  /** share of the run's false-alarm chance */
  readonly level: number;
}

export interface RelationResult {
  readonly experiment: 'relation';
  /** false after Cancel, Ctrl-C or a lost host: then no verdict is given */
  readonly complete: boolean;
  readonly problems: readonly ProblemResult[];
  readonly notDefined: readonly NotDefined[];
  readonly families: readonly FamilySummary[];
  readonly slopeCount: { readonly agree: number; readonly inconclusive: number; readonly disagree: number };
  /** slopes that this preset must decide for the run to count */
  readonly slopesToDecide: number;
  readonly controls: readonly ControlResult[];
  readonly aggregate: AggregateResult;
  readonly groupCount: number;
  readonly tokenCount: number;
  readonly samplingMs: number;
}

export interface ThroughputRow {
  readonly level: Level;
  readonly tokenCount: number;
  readonly durationMs: number;
  readonly tokensPerSecond: number;
}

export interface ThroughputResult {
  readonly experiment: 'throughput';
  readonly complete: boolean;
  readonly description: string;
  readonly rows: readonly ThroughputRow[];
}

export interface SelfTestReport {
  readonly caseCount: number;
  readonly failures: readonly string[];
}

/** How a run ends: what its exit code says. */
export type Outcome = 'agrees' | 'disagrees' | 'incomplete';

export interface Report {
  readonly format: typeof REPORT_FORMAT;
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly config: Config;
  readonly versions: Readonly<Record<string, string>>;
  readonly environment: SamplerEnvironment;
  /** how often a fresh host had to take over */
  readonly recoveryCount: number;
  readonly selfTest: SelfTestReport;
  readonly timings: SamplerTimings;
  readonly relation?: RelationResult;
  readonly throughput?: ThroughputResult;
}
