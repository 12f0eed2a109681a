/** The weights of estimators as rows over c: what the `weights` command prints. */
import type { Estimator, Weight } from '../estimators/estimators.ts';
import { exactWeights, weightValue, type NotDefined } from '../estimators/weightTables.ts';
import { fraction, fractionText, multiply } from '../math/fraction.ts';
import type { Convention, OwnEstimator, OwnWeight } from './ownEstimator.ts';

export const CONVENTION_TEXTS: Readonly<Record<Convention, string>> = {
  sum: 'sum: G = sum_i w_i grad log pi(y_i)',
  mean: 'mean: G = (1/n) sum_i w_i grad log pi(y_i)',
};

export interface WeightRow {
  readonly estimator: string;
  readonly n: number;
  readonly k: number | null;
  readonly c: number;
  /** null where no sample has this weight: correct at c = 0, wrong at c = n */
  readonly correct: number | null;
  readonly wrong: number | null;
  /** the two as fractions; null where one is irrational */
  readonly exact: readonly [string | null, string | null] | null;
}

/** The rows that exist, and the reasons for those that do not. */
export function weightRows(
  chosen: readonly Estimator[],
  groupSizes: readonly number[],
  ks: readonly number[],
  convention: Convention,
): { readonly rows: WeightRow[]; readonly notDefined: NotDefined[] } {
  const rows: WeightRow[] = [];
  const notDefined: NotDefined[] = [];
  for (const n of groupSizes) {
    for (const estimator of chosen) {
      for (const k of estimator.usesK ? ks : [null]) {
        const reason = estimator.undefinedBecause(n, k ?? 1);
        if (reason === null) rows.push(...rowsOf(estimator, n, k, convention));
        else notDefined.push({ estimator: estimator.id, n, k, reason });
      }
    }
  }
  return { rows, notDefined };
}

function rowsOf(estimator: Estimator, n: number, k: number | null, convention: Convention): WeightRow[] {
  const { correct, wrong } = exactWeights(estimator, n, k);
  const isRational = estimator.isRational(k ?? 1);
  const factor = fraction(convention === 'mean' ? n : 1);
  const scaled = (weight: Weight | null): Weight | null =>
    weight && { ...weight, rational: multiply(weight.rational, factor) };
  const value = (weight: Weight | null): number | null => (weight === null ? null : weightValue(weight));
  const text = (weight: Weight | null): string | null =>
    weight === null ? null : fractionText(weight.rational);
  return correct.map((weight, c) => {
    const pair = [scaled(weight), scaled(wrong[c])] as const;
    return {
      estimator: estimator.id,
      n,
      k,
      c,
      correct: value(pair[0]),
      wrong: value(pair[1]),
      exact: isRational ? [text(pair[0]), text(pair[1])] : null,
    };
  });
}

/** The weights of a file, in the convention asked for; they were read as sums. */
export function ownRows(own: readonly OwnEstimator[], convention: Convention): WeightRow[] {
  return own.flatMap(({ name, n, k, correct, wrong }) => {
    const factor = convention === 'mean' ? n : 1;
    const value = (weight: OwnWeight | null): number | null => weight && weight.value * factor;
    return correct.map((weight, c) => ({
      estimator: name,
      n,
      k,
      c,
      correct: value(weight),
      wrong: value(wrong[c]),
      exact: null,
    }));
  });
}
