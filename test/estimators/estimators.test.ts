import { describe, expect, test } from 'vitest';
import { estimators } from '../../src/estimators/estimators.ts';
import { findEstimator, readEstimator, readEstimatorIds } from '../../src/estimators/estimatorSpec.ts';
import { exactWeights, weightTable, weightValue } from '../../src/estimators/weightTables.ts';
import { totalVariance, weightMoments } from '../../src/theory/estimatorTheory.ts';
import { choose, fraction, fractionText, multiply, subtract, toNumber } from '../../src/math/fraction.ts';
import { unbiasedDifferences } from '../../src/theory/oracleMinimum.ts';
import { passAtK, passAtKWeight } from '../../src/math/passAtK.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { solvePrompt } from '../../src/theory/promptTheory.ts';
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
    const rows = oracleJson<{ rows: WeightRow[] }>('weights.json').rows;
    for (const row of rows) {
      const estimator = findEstimator(row.estimator)!;
      const { correct, wrong } = exactWeights(estimator, row.n, row.k);
      const pair = [correct[row.c], wrong[row.c]];
      const what = `${row.estimator} n=${row.n} k=${row.k} c=${row.c}`;
      const values = pair.map((weight) => (weight ? weightValue(weight) : null));
      expect(estimator.isRational(row.k ?? 1), what).toBe(row.exact !== null);
      if (row.exact) {
        expect(
          pair.map((weight) => (weight ? fractionText(weight.rational) : null)),
          what,
        ).toEqual(row.exact);
        expect(values, what).toEqual([row.correct, row.wrong]);
      } else {
        for (const [value, expected] of [
          [values[0], row.correct],
          [values[1], row.wrong],
        ] as const) {
          if (expected === null) expect(value, what).toBeNull();
          else expectRelative(value, expected, 1e-13);
        }
      }
    }
    expect(rows.length).toBe(548);
  });

  const tables = estimators.flatMap((estimator) =>
    [2, 5, 16].flatMap((n) =>
      (estimator.usesK ? [1, 2, 3, n - 1, n] : [null])
        .filter((k) => (k ?? 1) >= 1 && estimator.undefinedBecause(n, k ?? 1) === null)
        .map((k) => ({ estimator, n, k })),
    ),
  );

  test.each(tables.filter(({ estimator }) => estimator.objective.estimates !== 'other'))(
    '$estimator.id at n = $n, k = $k satisfies the identity of an unbiased estimator',
    ({ estimator, n, k }) => {
      expect(estimator.objective.estimates).toBe(estimator.usesK ? 'pass@k' : 'pass@1');
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

  test.each(tables.filter(({ estimator, n }) => estimator.objective.estimates === 'other' && n > 2))(
    '$estimator.id at n = $n, k = $k is unbiased for no pass@k of this k, as it says',
    ({ estimator, n, k }) => {
      const { differences } = weightTable(estimator, n, k);
      const identity = unbiasedDifferences(n, k ?? 1);
      // plug-in at k = 1 is reinforce.
      const distance = Math.max(...differences.map((value, m) => Math.abs(value - identity[m])));
      if (estimator.id === 'plug-in' && k === 1) expect(distance).toBe(0);
      else expect(distance).toBeGreaterThan(1e-3);
    },
  );

  test('effective alphas that have a closed form follow it', () => {
    const [n, p, q] = [7, 0.3, 0.7];
    const alpha = (spec: string): number =>
      weightMoments(weightTable(findEstimator(spec)!, n, null), p, q).effectiveAlpha;
    expectRelative(alpha('dr-grpo'), 6 / 7, 1e-14);
    expectRelative(alpha('maxrl'), (1 - q ** 6) / p, 1e-14);
    expectRelative(alpha('rft'), (1 - q ** 7) / p, 1e-14);
    expectRelative(alpha('w-reinforce'), 1.1, 1e-14);
    expectRelative(alpha('w-reinforce:lambda=0.25'), 1.25, 1e-14);
  });

  test('parameters change the weights as their formulas say', () => {
    const weight = (spec: string, c: number): number =>
      weightTable(readEstimator(spec, 'test'), 4, null).correct[c];
    const std = Math.sqrt(3) / 4;
    expectRelative(weight('grpo', 1), 3 / 16 / std, 1e-15);
    expectRelative(weight('grpo:std=sample', 1), 3 / 16 / (std * Math.sqrt(4 / 3)), 1e-15);
    expectRelative(weight('grpo:eps=0.5', 1), 3 / 16 / (std + 0.5), 1e-15);
    expectRelative(weight('f-grpo:gamma=2', 1), (3 / 16 / std) * 0.75 ** 2, 1e-15);
    const m = (Math.E ** 3 + 3) / 4;
    expectRelative(weight('rs-grpo:beta=3', 1), (Math.E ** 3 / m - 1) / (3 * 4), 1e-15);
    // Where e^beta is below rounding.
    const averse = weightTable(readEstimator('rs-grpo:beta=-50', 'test'), 2, null);
    expect([averse.correct[2], averse.wrong[0]]).toEqual([0, 0]);
    expectRelative(averse.correct[1], 0.25 / 50 / 0.5, 1e-12);
    // Its limit at beta 0 is dr-grpo.
    expectRelative(weight('rs-grpo:beta=1e-9', 1), 3 / 16, 1e-8);
  });

  test('names are read to a canonical form, and faults are named', () => {
    expect(readEstimatorIds('pkpo, grpo:eps=0:std=sample,grpo:std=population,pkpo', 'x')).toEqual([
      'pkpo',
      'grpo:std=sample',
      'grpo',
    ]);
    expect(() => readEstimator('grpo:std=both', '--estimators')).toThrow(
      '--estimators grpo:std: expected one of population, sample',
    );
    expect(() => readEstimator('pkpo:k=2', 'x')).toThrow(/pkpo alone: it has no parameters/);
    expect(() => readEstimator('rs-grpo:gamma=2', 'x')).toThrow(/beta=2/);
    expect(() => readEstimator('rs-grpo:beta=', 'x')).toThrow(/a number in -50..50/);
    expect(() => readEstimator('pkop', 'x')).toThrow(/estimators among reinforce, rloo/);
    expect(() => readEstimator('grpo:eps=0.1:eps=0.2', 'x')).toThrow(/eps once/);
    expect(() => readEstimator('grpo:eps=0x1', 'x')).toThrow(/a number in 0..1/);
    expect(findEstimator('pkop')).toBeUndefined();
  });

  test('undefined cells give a reason', () => {
    expect(findEstimator('rloo')!.undefinedBecause(1, 1)).toMatch(/n >= 2/);
    expect(findEstimator('pkpo')!.undefinedBecause(8, 9)).toMatch(/k > n/);
    expect(findEstimator('pkpo-loo1')!.undefinedBecause(8, 1)).toMatch(/k >= 2/);
    expect(findEstimator('ordergrad')!.undefinedBecause(8, 8)).toMatch(/k <= n - 1/);
    expect(findEstimator('pkpo-loo')!.undefinedBecause(8, 8)).toMatch(/k <= n - 1/);
    expect(findEstimator('passk-training')!.undefinedBecause(8, 9)).toMatch(/k <= n/);
    expect(findEstimator('rs-grpo:beta=0')!.undefinedBecause(8, 1)).toMatch(/dr-grpo/);
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
