import { describe, expect, test } from 'vitest';
import {
  estimators,
  exactWeights,
  findEstimator,
  weightTable,
  weightValue,
} from '../../src/math/estimators.ts';
import { totalVariance, weightMoments } from '../../src/math/estimatorTheory.ts';
import { choose, fraction, fractionText, multiply, subtract, toNumber } from '../../src/math/fraction.ts';
import { passAtK, passAtKWeight } from '../../src/math/passAtK.ts';
import { compileProblem } from '../../src/math/problem.ts';
import { solvePrompt } from '../../src/math/promptTheory.ts';
import { randomProblem } from '../problems.ts';
import { oracleJson } from '../oracle.ts';
import { expectRelative } from '../close.ts';

interface WeightRow {
  estimator: string;
  n: number;
  k: number | null;
  c: number;
  correct: number | null;
  wrong: number | null;
  exact: [string | null, string | null] | null;
}

describe('the catalogue', () => {
  test('gives the reference weights, as fractions where they are fractions', () => {
    let compared = 0;
    for (const row of oracleJson<{ rows: WeightRow[] }>('weights.json').rows) {
      const estimator = findEstimator(row.estimator);
      if (!estimator) continue;
      const { correct, wrong } = exactWeights(estimator, row.n, row.k);
      const pair = [correct[row.c], wrong[row.c]];
      const what = `${row.estimator} n=${row.n} k=${row.k} c=${row.c}`;
      expect(
        pair.map((weight) => (weight ? fractionText(weight.rational) : null)),
        what,
      ).toEqual(row.exact);
      expect(
        pair.map((weight) => (weight ? weightValue(weight) : null)),
        what,
      ).toEqual([row.correct, row.wrong]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(200);
  });

  const tables = estimators.flatMap((estimator) =>
    [2, 5, 16].flatMap((n) =>
      (estimator.usesK ? [1, 2, 3, n - 1, n] : [null])
        .filter((k) => (k ?? 1) >= 1 && estimator.undefinedBecause(n, k ?? 1) === null)
        .map((k) => ({ estimator, n, k })),
    ),
  );

  test.each(tables)(
    '$estimator.id at n = $n, k = $k satisfies the identity of an unbiased estimator',
    ({ estimator, n, k }) => {
      const { correct, wrong } = exactWeights(estimator, n, k);
      const attempts = k ?? 1;
      for (let m = 0; m < n; m += 1) {
        const difference = subtract(correct[m + 1]!.rational, wrong[m]!.rational);
        const identity = multiply(
          fraction(attempts, n),
          fraction(choose(n - 1 - m, attempts - 1), choose(n - 1, attempts - 1)),
        );
        expect(fractionText(difference)).toBe(fractionText(identity));
      }
    },
  );

  test.each(tables)('$estimator.id at n = $n, k = $k is centred as it says', ({ estimator, n, k }) => {
    const { correct, wrong } = weightTable(estimator, n, k);
    const sums = Array.from({ length: n + 1 }, (_, c) => Math.abs(c * correct[c] + (n - c) * wrong[c]));
    if (estimator.centred) expect(Math.max(...sums)).toBeLessThan(1e-14);
    else expect(Math.max(...sums)).toBeGreaterThan(1e-3);
  });

  test('undefined cells give a reason', () => {
    expect(findEstimator('rloo')!.undefinedBecause(1, 1)).toMatch(/n >= 2/);
    expect(findEstimator('pkpo')!.undefinedBecause(8, 9)).toMatch(/k > n/);
    expect(findEstimator('pkpo-loo1')!.undefinedBecause(8, 1)).toMatch(/k >= 2/);
    expect(findEstimator('ordergrad')!.undefinedBecause(8, 8)).toMatch(/k <= n - 1/);
    expect(() => weightTable(findEstimator('ordergrad')!, 8, 8)).toThrow(/ordergrad at n = 8, k = 8/);
  });

  test('alpha_eff is alpha_k to rounding from p = 1e-300 to 1 - 1e-12, n to 1024', () => {
    for (const [n, k] of [
      [16, 8],
      [1024, 3],
      [1024, 1000],
    ]) {
      const table = weightTable(findEstimator('pkpo')!, n, k);
      for (const [p, q] of [
        [1e-300, 1],
        [1e-9, 1 - 1e-9],
        [0.3, 0.7],
        [1 - 1e-12, 1e-12],
      ]) {
        const { effectiveAlpha } = weightMoments(table, p, q);
        const alpha = k * q ** (k - 1);
        expect(Math.abs(effectiveAlpha - alpha)).toBeLessThanOrEqual(1e-10 * alpha + 1e-290);
      }
    }
  });
});

test('fractions become the nearest float64', () => {
  expect(toNumber(fraction(1n, 3n))).toBe(1 / 3);
  expect(toNumber(fraction(-(2n ** 60n + 1n), 2n ** 60n))).toBe(-1);
  // C(1024, 512), from its own decimal digits.
  expectRelative(toNumber(fraction(choose(1024, 512), 1n)), Number(String(choose(1024, 512))), 0);
  expectRelative(toNumber(fraction(1n, choose(1024, 512))) * Number(String(choose(1024, 512))), 1, 2 ** -52);
});

describe('exact laws against enumeration of every group', () => {
  // All 3^2 trajectories, all groups of 3 of them: 729 groups, each with its probability.
  const problem = randomProblem(
    { vocab: 3, horizon: 2, context: 'previous', accept: { sum: { modulus: 3, residue: 1 } } },
    8,
  );
  const prompt = problem.prompts[0];
  const theory = solvePrompt(problem, prompt);
  const prob = (cell: number): number => prompt.masses[cell] / 2 ** 32;
  const trajectories = Array.from({ length: 9 }, (_, i) => {
    const [a, b] = [Math.floor(i / 3), i % 3];
    const rows = [0, 1 + a];
    const score = new Float64Array(12);
    [a, b].forEach((token, t) => {
      for (let v = 0; v < 3; v += 1) score[rows[t] * 3 + v] += (v === token ? 1 : 0) - prob(rows[t] * 3 + v);
    });
    return { chance: prob(a) * prob((1 + a) * 3 + b), correct: (a + b) % 3 === 1, score };
  });

  test.each(estimators.map(({ id }) => id))('%s', (id) => {
    const estimator = findEstimator(id)!;
    const table = weightTable(estimator, 3, estimator.usesK ? 2 : null);
    const mean = new Float64Array(12);
    const square = new Float64Array(12);
    let silent = 0;
    for (const a of trajectories)
      for (const b of trajectories)
        for (const d of trajectories) {
          const group = [a, b, d];
          const chance = a.chance * b.chance * d.chance;
          const c = group.filter(({ correct }) => correct).length;
          const weights = group.map(({ correct }) => (correct ? table.correct[c] : table.wrong[c]));
          if (weights.every((weight) => weight === 0)) silent += chance;
          for (let j = 0; j < 12; j += 1) {
            const value = group.reduce((sum, { score }, i) => sum + weights[i] * score[j], 0);
            mean[j] += chance * value;
            square[j] += chance * value * value;
          }
        }
    const moments = weightMoments(table, theory.successProb, theory.failureProb);
    const variance = square.reduce((sum, value, j) => sum + value - mean[j] * mean[j], 0);
    theory.gradient.forEach((g, j) =>
      expect(Math.abs(moments.effectiveAlpha * g - mean[j])).toBeLessThan(1e-14),
    );
    expect(Math.abs(totalVariance(moments, theory) - variance)).toBeLessThan(1e-13);
    expect(Math.abs(moments.zeroSignalProb - silent)).toBeLessThan(1e-13);
  });
});

describe('where J1 is near its ends', () => {
  test('alpha_k and J_k follow the failure probability, which float64 J1 no longer shows', () => {
    const q = 1e-18;
    expectRelative(passAtKWeight(1, 2, q), 2 * q, 1e-13);
    expectRelative(passAtKWeight(1 - 1e-12, 3, 1e-12), 3e-24, 1e-13);
    expect(passAtK(1, 2, q)).toBe(1);
  });

  test('variances stay right where |grad J1|^2 underflows', () => {
    // One accepted sequence of T tokens of chance 1/2: p = 2^-T, |mu_1|^2 = F_1 = T (1/4 + 1/8), and reinforce has
    // Var G = (p F_1 - |g|^2) / n with |g|^2 = p^2 |mu_1|^2.
    for (const horizon of [40, 540, 900]) {
      const problem = compileProblem({
        format: 'passk-problem@1',
        vocab: 3,
        horizon,
        context: 'none',
        prompts: [
          {
            id: 'p',
            probabilities: Array.from({ length: horizon }, () => [0.5, 0.25, 0.25]),
            accept: { sequences: [Array<number>(horizon).fill(0)] },
          },
        ],
      });
      const theory = solvePrompt(problem, problem.prompts[0]);
      const moments = weightMoments(
        weightTable(findEstimator('reinforce')!, 8, null),
        theory.successProb,
        theory.failureProb,
      );
      const exact = (2 ** -horizon * horizon * 0.375) / 8;
      expect(Math.abs(totalVariance(moments, theory) / exact - 1)).toBeLessThan(1e-9);
    }
  });
});
