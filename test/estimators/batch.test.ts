/**
 * Facts about single batches, not about expectations: which estimators always give the same direction.
 */
import { describe, expect, test } from 'vitest';
import { estimators, type Estimator } from '../../src/estimators/estimators.ts';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import { unbiasedPassAtK } from '../../src/math/passAtK.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';

/** A softmax policy over four arms, arms 0 and 1 correct. */
const policy = [0.3, 0.1, 0.4, 0.2];
const CORRECT_ARMS = 2;
const n = 5;

/** G = Σ w_i (onehot(arm_i) − policy) of one batch. */
function gradient(estimator: Estimator, k: number | null, batch: readonly number[]): number[] {
  const { correct, wrong } = weightTable(estimator, n, k);
  const c = batch.filter((arm) => arm < CORRECT_ARMS).length;
  return policy.map((prob, v) =>
    batch.reduce((sum, arm) => {
      const weight = arm < CORRECT_ARMS ? correct[c] : wrong[c];
      return sum + weight * (Number(arm === v) - prob);
    }, 0),
  );
}

/** |a|² |b|² − (a·b)², over |a|² |b|²: the squared sine of the angle; 0 where either is zero. */
function sineSquared(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, i) => sum + value * y[i], 0);
  const size = dot(a, a) * dot(b, b);
  return size < 1e-24 ? 0 : 1 - dot(a, b) ** 2 / size;
}

const batches = Array.from({ length: 4 ** n }, (_, index) =>
  Array.from({ length: n }, (_, i) => Math.floor(index / 4 ** i) % 4),
);
const rloo = findEstimator('rloo')!;
const cells = estimators.flatMap((estimator) =>
  (estimator.usesK ? [2, 3, 4, 5] : [null])
    .filter((k) => estimator.undefinedBecause(n, k ?? 1) === null)
    .map((k) => ({ estimator, k })),
);

describe('on every batch', () => {
  test.each(cells.filter(({ estimator }) => estimator.centred))(
    '$estimator.id, k = $k, is centred and so parallel to rloo, or zero',
    ({ estimator, k }) => {
      let seen = 0;
      for (const batch of batches) {
        const own = gradient(estimator, k, batch);
        const reference = gradient(rloo, null, batch);
        expect(sineSquared(own, reference)).toBeLessThan(1e-12);
        const along = own.reduce((sum, value, i) => sum + value * reference[i], 0);
        expect(along).toBeGreaterThanOrEqual(-1e-15);
        if (along > 1e-9) seen += 1;
      }
      // passk-training at k = n is identically 0; the others move on most batches.
      if (estimator.id === 'passk-training' && k === n) expect(seen).toBe(0);
      else expect(seen).toBeGreaterThan(100);
    },
  );
});

describe('on some batch', () => {
  // One correct sample of arm 0, wrong ones of arms 2, 2, 2 and 3: found by search, kept.
  const counterExample = [0, 2, 2, 2, 3];

  test.each(cells.filter(({ estimator }) => !estimator.centred))(
    '$estimator.id, k = $k, is not centred and points elsewhere than rloo',
    ({ estimator, k }) => {
      const own = gradient(estimator, k, counterExample);
      expect(sineSquared(own, gradient(rloo, null, counterExample))).toBeGreaterThan(1e-3);
    },
  );
});

test('passk-training is identically 0 and ordergrad is not defined at k = n, for every n', () => {
  for (const size of [1, 2, 3, 8, 33]) {
    const table = weightTable(findEstimator('passk-training')!, size, size);
    expect([...table.correct, ...table.wrong].every((weight) => weight === 0)).toBe(true);
    expect(table.hasSignal.some(Boolean)).toBe(false);
    expect(findEstimator('ordergrad')!.undefinedBecause(size, size)).toMatch(/k <= n - 1/);
  }
});

test('ordergrad is k/(n-k) times the pass@k training advantages before their division by std', () => {
  for (const [size, k] of [
    [5, 2],
    [8, 4],
    [16, 15],
  ]) {
    const own = weightTable(findEstimator('ordergrad')!, size, k);
    for (let c = 0; c < size; c += 1) {
      const failing = 1 - unbiasedPassAtK(size, c, k);
      const failingWithOwn = 1 - unbiasedPassAtK(size - 1, c, k - 1);
      if (c > 0) expect(own.correct[c]).toBeCloseTo((k / (size - k)) * failing, 14);
      expect(own.wrong[c]).toBeCloseTo((k / (size - k)) * (failing - failingWithOwn), 14);
    }
  }
});
