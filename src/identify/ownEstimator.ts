/**
 * An estimator of one's own as tables over c, perhaps with holes, whether it came as tables or was counted from a log. Data only: nothing
 * in a file is executed.
 */
import { tableFromWeights, type WeightTable } from '../estimators/weightTables.ts';

/** A weight of a file, and how far rounding may have moved it. */
export interface OwnWeight {
  readonly value: number;
  /** absolute: half of the last place printed, or that of float32, whichever is more; 0 for a fraction */
  readonly rounding: number;
}

/** Weights as a file has them; null where it does not say, and at w1(0) and w0(n), which no sample has. */
export interface OwnEstimator {
  readonly name: string;
  readonly n: number;
  /** the k that it is meant for, or null where the file does not say */
  readonly k: number | null;
  /** [n + 1] */
  readonly correct: readonly (OwnWeight | null)[];
  /** [n + 1] */
  readonly wrong: readonly (OwnWeight | null)[];
  /** which convention the weights are in: 'sum', or not said, where a log has advantages */
  readonly convention: 'sum' | 'open';
  /** what a log says beside its table */
  readonly log?: LogFacts;
}

export interface LogFacts {
  /** what was taken for granted, a line each */
  readonly notes: readonly string[];
  /** the mistake that gives every advantage, where a table over c cannot say it */
  readonly cause: string | null;
  /** the table is a row only because of the mistake: it is named first */
  readonly isCauseCertain?: true;
  /** what the two rewards were */
  readonly rewards: { readonly wrong: number; readonly correct: number };
  /** a factor for each batch was taken out: the table is known up to one */
  readonly hasFreeFactor: boolean;
  /** what every advantage was scaled by besides, batch by batch, where that has a name */
  readonly factorWords: string | null;
  /** values differ where n, c and the reward are the same: the weights are their means */
  readonly isVarying: boolean;
  /** whether every group's advantages sum to 0, where the weights are means and cannot say it */
  readonly centredGroups?: boolean;
}

/** sum: G = Σ w_i s_i. mean: G = (1/n) Σ A_i s_i, so w_i = A_i / n. */
export type Convention = 'sum' | 'mean';
export const CONVENTIONS: readonly Convention[] = ['sum', 'mean'];

/** Of what float64 arithmetic does to an exact number. */
const FLOAT64_ROUNDING = 2 ** -50;

/** G = (1/n) Σ A_i s_i as a sum of w_i s_i: every weight over n. */
export function asMean(own: OwnEstimator): OwnEstimator {
  const share = (weight: OwnWeight | null): OwnWeight | null =>
    weight && { value: weight.value / own.n, rounding: weight.rounding / own.n };
  return { ...own, convention: 'sum', correct: own.correct.map(share), wrong: own.wrong.map(share) };
}

/** Where the file has no weight, as "w1(3), w0(2)"; the first few. */
export function missingWeights({ n, correct, wrong }: OwnEstimator): string[] {
  return Array.from({ length: n + 1 }, (_, c) => [
    ...(c > 0 && correct[c] === null ? [`w1(${c})`] : []),
    ...(c < n && wrong[c] === null ? [`w0(${c})`] : []),
  ]).flat();
}

/** The file with 0 for every weight that it does not have: groups that were filtered out add nothing. */
export function withZeros(own: OwnEstimator): OwnEstimator {
  return {
    ...own,
    correct: own.correct.map((entry, c) => (c === 0 ? null : (entry ?? NO_SAMPLE))),
    wrong: own.wrong.map((entry, c) => (c === own.n ? null : (entry ?? NO_SAMPLE))),
  };
}

/**
 * Whether Σ_i w_i = 0 for every c, up to rounding; null where that holds as far as the file goes, and it does not go to
 * every c.
 */
export function isCentred({ n, correct, wrong, log }: OwnEstimator): boolean | null {
  if (log?.centredGroups !== undefined) return log.centredGroups;
  let isWhole = true;
  // What a program computed in float32 is off by more than one rounding.
  const roundings = log ? 8 : 1;
  for (let c = 0; c <= n; c += 1) {
    const own = c === 0 ? NO_SAMPLE : correct[c];
    const others = c === n ? NO_SAMPLE : wrong[c];
    if (own === null || others === null) {
      isWhole = false;
      continue;
    }
    const sum = c * own.value + (n - c) * others.value;
    if (
      Math.abs(sum) >
      roundings * (c * own.rounding + (n - c) * others.rounding) +
        FLOAT64_ROUNDING * sizeOf({ correct, wrong })
    ) {
      return false;
    }
  }
  return isWhole ? true : null;
}

const NO_SAMPLE: OwnWeight = { value: 0, rounding: 0 };

/** The largest |weight|. */
export function sizeOf({ correct, wrong }: Pick<OwnEstimator, 'correct' | 'wrong'>): number {
  return Math.max(0, ...[...correct, ...wrong].map((entry) => Math.abs(entry?.value ?? 0)));
}

/** The file's weights as a table like the catalogue's, or null where some are missing. */
export function ownTable(own: OwnEstimator): WeightTable | null {
  if (missingWeights(own).length > 0) return null;
  const { name, n, k, correct, wrong } = own;
  const values = (weights: readonly (OwnWeight | null)[]): Float64Array =>
    Float64Array.from(weights, (entry) => entry?.value ?? 0);
  return tableFromWeights(
    { estimatorId: name, n, k, centred: isCentred(own) === true },
    values(correct),
    values(wrong),
  );
}
