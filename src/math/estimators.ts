/**
 * The catalogue of policy-gradient estimators for groups of n trajectories with verifiable rewards.
 *
 * Every group estimator in use gives a trajectory a weight that depends only on its own reward and on the number c
 * of correct ones in its group:
 *
 *   G = Σ_i w_i ∇ log π(y_i),   w_i = w1(c) if trajectory i is correct, w0(c) if it is wrong   (sum convention)
 *
 * so an estimator *is* two tables over c. One row here is all it takes to add one: help, menus, theory, measurement
 * and documentation read this registry.
 */
import {
  choose,
  exactPassAtK,
  fraction,
  multiply,
  subtract,
  toNumber,
  ZERO,
  type Fraction,
} from './fraction.ts';

/**
 * A weight as rational × scale: the rational part decides exactly whether the weight is zero; scale > 0 holds what is
 * irrational (a standard deviation, an exponential) and is 1 where the weight is a fraction.
 */
export interface Weight {
  readonly rational: Fraction;
  readonly scale: number;
}

/** The numbers a weight formula may use. k is 1 for estimators without k. */
export interface GroupState {
  readonly n: number;
  readonly k: number;
  readonly c: number;
}

export interface Estimator {
  /** contract: used in files, flags and reports */
  readonly id: string;
  /** what it is, in a few words */
  readonly title: string;
  readonly source: string;
  /** whether it aims at pass@k for a chosen k */
  readonly usesK: boolean;
  /** whether Σ_i w_i = 0 in every group */
  readonly centred: boolean;
  /** why it is not defined at (n, k), or null where it is */
  readonly undefinedBecause: (n: number, k: number) => string | null;
  /** w1(c), asked for 1 ≤ c ≤ n */
  readonly correct: (group: GroupState) => Weight;
  /** w0(c), asked for 0 ≤ c ≤ n − 1 */
  readonly wrong: (group: GroupState) => Weight;
}

const rational = (value: Fraction): Weight => ({ rational: value, scale: 1 });
const ratio = (numerator: number, denominator: number): Weight => rational(fraction(numerator, denominator));
const nothing = rational(ZERO);

/** k/n, the largest weight of the pass@k estimators. */
const share = (n: number, k: number): Fraction => fraction(k, n);

const always = (): null => null;
const needsTwo = (n: number): string | null =>
  n >= 2 ? null : 'needs n >= 2: its baseline is the other samples';
const needsKAtMostN = (n: number, k: number): string | null =>
  k <= n ? null : 'no unbiased estimator of the pass@k gradient exists for k > n';
const needsKBelowN = (n: number, k: number): string | null =>
  k <= n - 1 ? null : 'needs k <= n - 1: it leaves one sample out of the k';

/** C(n−c, k−1) / C(n−1, k−1): the chance that the k−1 companions of a correct sample are all wrong. */
const companionsWrong = ({ n, k, c }: GroupState): Fraction =>
  fraction(choose(n - c, k - 1), choose(n - 1, k - 1));

export const estimators: readonly Estimator[] = [
  {
    id: 'reinforce',
    title: 'REINFORCE, reward 0 or 1, no baseline',
    source: 'Williams 1992',
    usesK: false,
    centred: false,
    undefinedBecause: always,
    correct: ({ n }) => ratio(1, n),
    wrong: () => nothing,
  },
  {
    id: 'rloo',
    title: 'REINFORCE with the leave-one-out baseline',
    source: 'Kool et al. 2019; Ahmadian et al. 2402.14740',
    usesK: false,
    centred: true,
    undefinedBecause: needsTwo,
    correct: ({ n, c }) => ratio(n - c, n * (n - 1)),
    wrong: ({ n, c }) => ratio(-c, n * (n - 1)),
  },
  {
    id: 'pkpo',
    title: 'PKPO, no baseline',
    source: 'Walder & Karkhanis 2505.15201 Eq 8',
    usesK: true,
    centred: false,
    undefinedBecause: needsKAtMostN,
    correct: ({ n, k }) => rational(share(n, k)),
    wrong: ({ n, k, c }) => rational(multiply(share(n, k), exactPassAtK(n - 1, c, k - 1))),
  },
  {
    id: 'pkpo-loo1',
    title: 'PKPO with the leave-one-out-of-k baseline; at k = n verl GRPO_PASSK',
    source: 'Walder & Karkhanis 2505.15201 Eq 33; Tang et al. 2503.19595',
    usesK: true,
    centred: false,
    undefinedBecause: (n, k) =>
      needsKAtMostN(n, k) ?? (k >= 2 ? null : 'needs k >= 2: it leaves one out of k'),
    correct: (group) => rational(multiply(share(group.n, group.k), companionsWrong(group))),
    wrong: () => nothing,
  },
  {
    id: 'ordergrad',
    title: 'OrderGrad: centred order-statistic gradient of pass@k',
    source: '2606.06096',
    usesK: true,
    centred: true,
    undefinedBecause: needsKBelowN,
    correct: ({ n, k, c }) => rational(multiply(share(n, k), fraction(choose(n - c, k), choose(n - 1, k)))),
    wrong: ({ n, k, c }) =>
      rational(multiply(share(n, k), subtract(exactPassAtK(n - 1, c, k - 1), exactPassAtK(n - 1, c, k)))),
  },
];

const byId = new Map(estimators.map((estimator) => [estimator.id, estimator]));

/** The estimator of an id, or undefined: ids come from outside. */
export function findEstimator(id: string): Estimator | undefined {
  return byId.get(id);
}

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
    differences: Float64Array.from({ length: n }, (_, m) => weightDifference(correct[m + 1], wrong[m])),
    hasSignal: correct.map((weight, c) => nonzero(weight) || nonzero(wrong[c])),
  };
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
