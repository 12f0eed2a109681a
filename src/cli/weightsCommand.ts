/** `weights`: the estimators' tables over c. */
import { exactWeights, weightValue, type Estimator, type Weight } from '../math/estimators.ts';
import { fractionText } from '../math/fraction.ts';

export const CONVENTION = 'sum: G = sum_i w_i grad log pi(y_i)';

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

export function weightRows(
  chosen: readonly Estimator[],
  groupSizes: readonly number[],
  ks: readonly number[],
): WeightRow[] {
  return groupSizes.flatMap((n) =>
    chosen.flatMap((estimator) =>
      (estimator.usesK ? ks : [null])
        .filter((k) => estimator.undefinedBecause(n, k ?? 1) === null)
        .flatMap((k) => rowsOf(estimator, n, k)),
    ),
  );
}

function rowsOf(estimator: Estimator, n: number, k: number | null): WeightRow[] {
  const { correct, wrong } = exactWeights(estimator, n, k);
  const isRational = [...correct, ...wrong].every((weight) => weight === null || weight.scale === 1);
  const value = (weight: Weight | null): number | null => (weight === null ? null : weightValue(weight));
  const text = (weight: Weight | null): string | null =>
    weight === null ? null : fractionText(weight.rational);
  return correct.map((weight, c) => ({
    estimator: estimator.id,
    n,
    k,
    c,
    correct: value(weight),
    wrong: value(wrong[c]),
    exact: isRational ? [text(weight), text(wrong[c])] : null,
  }));
}

export function weightsCsv(rows: readonly WeightRow[]): string {
  const lines = rows.map(({ estimator, n, k, c, correct, wrong }) =>
    [estimator, n, k ?? '', c, correct ?? '', wrong ?? ''].join(','),
  );
  return ['estimator,n,k,c,correct,wrong', ...lines].join('\n');
}
