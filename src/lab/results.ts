/**
 * What experiments find, in the parts that several of them share. Raw numbers only; an estimate is never a bare number,
 * and what is absent is absent.
 */
import type { Verdict } from '../math/stats/verdict.ts';

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

/** A slope given the outcome: rests on the two means of its prompt, and takes the law of c from theory. */
export interface ClassCheck extends Check {
  readonly estimator: string;
  readonly k: number | null;
  /** slope over alpha_k; null where its weights are beyond float64 */
  readonly ratio: Estimate | null;
  /** how far from 1 the rounding of the tables puts it: part of the 10 %; null beyond float64 */
  readonly offset: number | null;
  /** log10 of noise to signal of one trajectory, drawn in the best proportion of the outcomes; null where nothing varies */
  readonly log10Noise: number | null;
  /** log10 of the trajectories that would decide it, were the mean normal; null where any do */
  readonly log10Needed: number | null;
  /** why it is not decided; null where it is */
  readonly open: OpenReason | null;
  /** the preset that decides it; null where it is decided, or where none does */
  readonly decidedBy: string | null;
}

/**
 * `out of reach`: more than 1e9 trajectories of the prompt. `cap`: more than this run draws of a prompt. `shared plan`: what the
 * prompt's other slopes need leaves no room. `bound`: enough for a normal mean, not for the bound of its tails. `plain checks`: a
 * plain check of the same problem was rejected, so what is taken from theory is in doubt.
 */
export type OpenReason = 'out of reach' | 'cap' | 'shared plan' | 'bound' | 'plain checks';

/** The mean of u = P(r) s.g/|g|^2 over the trajectories of one outcome, which should be 1 or -1. */
export interface ClassMeanResult {
  readonly outcome: 'correct' | 'wrong';
  /** measured less 1, or less -1: e1 or e0 */
  readonly error: Estimate;
  /** CV_r: standard deviation of u */
  readonly deviation: number;
  /** what the rounding of the tables adds, exactly */
  readonly offset: number;
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
  readonly family: string;
  readonly question: string;
  /** share of the run's false-alarm chance */
  readonly level: number;
}

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
