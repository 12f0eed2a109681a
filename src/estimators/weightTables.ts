/**
 * Estimators at chosen group sizes and ks: their two tables over c, or the reason why there are none.
 */
import type { Estimator, Weight } from './estimators.ts';
import { fraction, multiply, subtract, toNumber } from '../math/fraction.ts';

/** An estimator's two tables for one group size and k. */
export interface WeightTable {
  readonly estimatorId: string;
  readonly n: number;
  /** null for estimators without k */
  readonly k: number | null;
  readonly centred: boolean;
  /** [n + 1], w1(c); entry 0 is 0 and means nothing: a group without successes has no correct sample */
  readonly correct: Float64Array;
  /** [n + 1], w0(c); entry n is 0 and means nothing */
  readonly wrong: Float64Array;
  /** [n + 1], c w1(c) and (n − c) w0(c), from exact fractions where the weights are fractions */
  readonly correctTotal: Float64Array;
  readonly wrongTotal: Float64Array;
  /** [n], w1(m+1) − w0(m), from exact fractions where the weights are fractions */
  readonly differences: Float64Array;
  /** [n + 1], whether some sample of a group with c successes has a nonzero weight: from the definition, exact */
  readonly hasSignal: readonly boolean[];
}

/** w1 for c = 1..n and w0 for c = 0..n−1; null where no sample has that weight. */
export interface ExactWeights {
  readonly correct: readonly (Weight | null)[];
  readonly wrong: readonly (Weight | null)[];
}

/** @throws RangeError where the estimator is not defined at (n, k) */
export function exactWeights(estimator: Estimator, n: number, k: number | null): ExactWeights {
  const attempts = k ?? 1;
  const reason = estimator.undefinedBecause(n, attempts);
  if (reason) throw new RangeError(`${estimator.id} at n = ${n}, k = ${attempts}: ${reason}`);
  const counts = Array.from({ length: n + 1 }, (_, c) => c);
  return {
    correct: counts.map((c) => (c === 0 ? null : estimator.correct({ n, k: attempts, c }))),
    wrong: counts.map((c) => (c === n ? null : estimator.wrong({ n, k: attempts, c }))),
  };
}

export function weightValue(weight: Weight | null): number {
  return weight === null ? 0 : toNumber(weight.rational) * weight.scale;
}

/** @throws RangeError where the estimator is not defined at (n, k) */
export function weightTable(estimator: Estimator, n: number, k: number | null): WeightTable {
  const { correct, wrong } = exactWeights(estimator, n, k);
  const nonzero = (weight: Weight | null): boolean => weight !== null && weight.rational.numerator !== 0n;
  return {
    estimatorId: estimator.id,
    n,
    k: estimator.usesK ? k : null,
    centred: estimator.centred,
    correct: Float64Array.from(correct, weightValue),
    wrong: Float64Array.from(wrong, weightValue),
    correctTotal: Float64Array.from(correct, (weight, c) => weightTotal(weight, c)),
    wrongTotal: Float64Array.from(wrong, (weight, c) => weightTotal(weight, n - c)),
    differences: Float64Array.from({ length: n }, (_, m) => weightDifference(correct[m + 1], wrong[m])),
    hasSignal: correct.map((weight, c) => nonzero(weight) || nonzero(wrong[c])),
  };
}

function weightTotal(weight: Weight | null, count: number): number {
  return weight === null ? 0 : toNumber(multiply(weight.rational, fraction(count))) * weight.scale;
}

function weightDifference(correct: Weight | null, wrong: Weight | null): number {
  if (correct?.scale === 1 && wrong?.scale === 1) return toNumber(subtract(correct.rational, wrong.rational));
  return weightValue(correct) - weightValue(wrong);
}

/** An estimator at (n, k) that does not exist, and why. */
export interface NotDefined {
  readonly estimator: string;
  readonly n: number;
  readonly k: number | null;
  readonly reason: string;
}

/** Every (estimator, n, k) that is asked for, as a table or as the reason why there is none; k-free ones once per n. */
export function weightTables(
  chosen: readonly Estimator[],
  groupSizes: readonly number[],
  ks: readonly number[],
): { readonly tables: readonly WeightTable[]; readonly notDefined: readonly NotDefined[] } {
  const tables: WeightTable[] = [];
  const notDefined: NotDefined[] = [];
  for (const n of groupSizes) {
    for (const estimator of chosen) {
      for (const k of estimator.usesK ? ks : [null]) {
        const reason = estimator.undefinedBecause(n, k ?? 1);
        if (reason === null) tables.push(weightTable(estimator, n, k));
        else notDefined.push({ estimator: estimator.id, n, k, reason });
      }
    }
  }
  return { tables, notDefined };
}

/**
 * A table from weights alone, with no more exactness than they have.
 *
 * @param correct [n + 1], entry 0 being 0
 * @param wrong [n + 1], entry n being 0
 */
export function tableFromWeights(
  identity: Pick<WeightTable, 'estimatorId' | 'n' | 'k' | 'centred'>,
  correct: Float64Array,
  wrong: Float64Array,
): WeightTable {
  const { n } = identity;
  return {
    ...identity,
    correct,
    wrong,
    correctTotal: correct.map((weight, c) => c * weight),
    wrongTotal: wrong.map((weight, c) => (n - c) * weight),
    differences: Float64Array.from({ length: n }, (_, m) => correct[m + 1] - wrong[m]),
    hasSignal: Array.from({ length: n + 1 }, (_, c) => correct[c] !== 0 || wrong[c] !== 0),
  };
}
