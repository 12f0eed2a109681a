/**
 * What a run finds: one type that the terminal, the JSON report and the page render. Raw numbers only; an estimate is
 * never a bare number, and what is absent is absent.
 */
import type { EngineEnvironment, EngineTimings } from '../engine/engine.ts';
import type { NotDefined } from '../estimators/weightTables.ts';
import type { Level } from '../engine/tally.ts';
import type { Family, Verdict } from '../math/stats/verdict.ts';
import type { Config } from './settings.ts';
import type {
  CollapseResult,
  CrossoverResult,
  ObjectivesResult,
  TrainedResult,
  UpdatesResult,
} from './trainingResults.ts';

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

/** What every sampled experiment says of its sampling. */
export interface SamplingResult {
  /** false after Cancel, Ctrl-C or a lost host: then no verdict is given */
  readonly complete: boolean;
  readonly families: readonly FamilySummary[];
  /** of the raw counts, with everything that determines them */
  readonly tallies: readonly TallyRecord[];
  readonly groupCount: number;
  readonly tokenCount: number;
  readonly samplingMs: number;
}

/** What `compare` holds against another report: where, how much, and the hash of the raw counts. */
export interface TallyRecord {
  readonly place: string;
  readonly groupCount: number;
  readonly sha256: string;
}

export type SampledResult =
  Figure1Result | SignalResult | VarianceResult | AggregateResult | TemperatureResult;

export interface VarianceResult extends SamplingResult {
  readonly experiment: 'variance';
  readonly description: string;
  readonly prompts: readonly VariancePrompt[];
  readonly notDefined: readonly NotDefined[];
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
  readonly groupCount: number;
  readonly tokenCount: number;
  readonly samplingMs: number;
}

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

export interface Figure1Result extends SamplingResult {
  readonly experiment: 'figure1';
  readonly description: string;
  readonly ks: readonly number[];
  readonly points: readonly {
    readonly successProb: number;
    readonly slopes: readonly SlopeCheck[];
    readonly passAtK: readonly PassAtKCheck[];
  }[];
}

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

export interface TemperatureResult extends SamplingResult {
  readonly experiment: 'temperature';
  readonly description: string;
  readonly ks: readonly number[];
  readonly policies: readonly TemperaturePolicy[];
  /** in words, composed from `policies` */
  readonly findings: readonly string[];
}

/** A number that is printed somewhere else, and ours. */
export interface PublishedRow {
  readonly source: string;
  readonly quantity: string;
  readonly published: number;
  /** of the last digit printed */
  readonly tolerance: number;
  readonly ours: number;
  readonly agrees: boolean;
  /** what explains a difference, or what the row rests on */
  readonly note: string | null;
}

export interface PublishedResult {
  readonly experiment: 'published';
  readonly rows: readonly PublishedRow[];
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

/** What the experiments of a run found; those that were not asked for, or not reached, are absent. */
export interface ExperimentResults {
  readonly relation?: RelationResult;
  readonly figure1?: Figure1Result;
  readonly signal?: SignalResult;
  readonly variance?: VarianceResult;
  readonly aggregate?: AggregateResult;
  readonly temperature?: TemperatureResult;
  readonly updates?: UpdatesResult;
  readonly collapse?: CollapseResult;
  readonly objectives?: ObjectivesResult;
  readonly crossover?: CrossoverResult;
  readonly published?: PublishedResult;
  readonly throughput?: ThroughputResult;
}

/** The experiments that sample and judge. */
export function sampledResults(results: ExperimentResults): (RelationResult | SampledResult)[] {
  const { relation, figure1, signal, variance, aggregate, temperature } = results;
  return [relation, figure1, signal, variance, aggregate, temperature].filter(
    (result) => result !== undefined,
  );
}

/** The experiments that train. */
export function trainedResults(results: ExperimentResults): TrainedResult[] {
  const { updates, collapse, objectives, crossover } = results;
  return [updates, collapse, objectives, crossover].filter((result) => result !== undefined);
}

/** Every deliberate mistake that was tried. */
export function controlsOf({ relation, updates }: ExperimentResults): ControlResult[] {
  return [...(relation?.controls ?? []), ...(updates?.controls ?? [])];
}

/** Every family that was judged. */
export function familiesOf(results: ExperimentResults): FamilySummary[] {
  return [...sampledResults(results), ...trainedResults(results)].flatMap(({ families }) => families);
}

export interface Report extends ExperimentResults {
  readonly format: typeof REPORT_FORMAT;
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly config: Config;
  readonly versions: Readonly<Record<string, string>>;
  readonly environment: EngineEnvironment;
  /** how often a fresh host had to take over */
  readonly recoveryCount: number;
  readonly selfTest: SelfTestReport;
  readonly timings: EngineTimings;
}
