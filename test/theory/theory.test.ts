import { describe, expect, test } from 'vitest';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';
import { totalVariance, weightMoments } from '../../src/theory/estimatorTheory.ts';
import { passAtK, passAtKGap, passAtKWeight, unbiasedPassAtK } from '../../src/math/passAtK.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { parseProblem } from '../../src/problem/problemFile.ts';
import { solvePrompt } from '../../src/theory/promptTheory.ts';
import { oracleJson, oracleText, ORACLE_PROBLEMS } from '../oracle.ts';

interface Expected {
  prompts: {
    successProb: number;
    gradient: number[];
    gradientNormSq: number;
    scoreNormSqCorrect: number | null;
    scoreNormSqWrong: number | null;
    estimators: {
      estimator: string;
      n: number;
      k: number | null;
      effectiveAlpha: number;
      variance: number;
      zeroSignalProb: number;
    }[];
  }[];
}

/** Masses are rounded to 2^-32, which moves enumerated values by about 1e-9; the contract allows 1e-6. */
function expectClose(actual: number, expected: number, tolerance: number, what: string): void {
  const error = Math.abs(actual - expected);
  expect(error <= tolerance * Math.abs(expected), `${what}: ${actual} against ${expected}`).toBe(true);
}

describe.each(ORACLE_PROBLEMS)('exact theory of %s equals enumeration', (name) => {
  const problem = compileProblem(parseProblem(oracleText(`${name}.problem.json`), name));
  const expected = oracleJson<Expected>(`${name}.expected.json`);
  test.each(problem.prompts.map((prompt, index) => [prompt.id, index] as const))('prompt %s', (_, index) => {
    const theory = solvePrompt(problem, problem.prompts[index]);
    const reference = expected.prompts[index];
    expectClose(theory.successProb, reference.successProb, 1e-7, 'J1');
    expectClose(theory.gradientNormSq, reference.gradientNormSq, 1e-6, '|g|^2');
    const largest = Math.max(...reference.gradient.map(Math.abs));
    theory.gradient.forEach((g, j) =>
      expect(Math.abs(g - reference.gradient[j])).toBeLessThan(1e-7 * largest),
    );
    expectClose(theory.correct!.scoreNormSq, reference.scoreNormSqCorrect!, 1e-6, 'F1');
    expectClose(theory.wrong!.scoreNormSq, reference.scoreNormSqWrong!, 1e-6, 'F0');
    for (const row of reference.estimators) {
      const estimator = findEstimator(row.estimator)!;
      const weights = weightMoments(
        weightTable(estimator, row.n, row.k),
        theory.successProb,
        theory.failureProb,
      );
      const what = `${row.estimator} n=${row.n} k=${row.k}`;
      expectClose(weights.effectiveAlpha, row.effectiveAlpha, 1e-6, `${what} alpha`);
      expectClose(totalVariance(weights, theory), row.variance, 1e-6, `${what} variance`);
      expectClose(weights.zeroSignalProb, row.zeroSignalProb, 1e-6, `${what} no signal`);
    }
    expect(reference.estimators.length).toBeGreaterThan(15);
  });
});

test('J_k, alpha_k and the gap hold to 1e-12 from p = 1e-300 to 1 and k to 1e6', () => {
  const rows =
    oracleJson<{ successProb: string; k: number; passAtK: number; alpha: number; gap: number }[]>(
      'scalars.json',
    );
  for (const row of rows) {
    const p = Number(row.successProb);
    expectClose(passAtK(p, row.k), row.passAtK, 1e-12, `J_${row.k}(${row.successProb})`);
    expectClose(passAtKWeight(p, row.k), row.alpha, 1e-12, `alpha_${row.k}(${row.successProb})`);
    expectClose(passAtKGap(p, row.k), row.gap, 1e-12, `gap_${row.k}(${row.successProb})`);
  }
});

test('the unbiased pass@k estimator equals its exact fractions', () => {
  const rows = oracleJson<{ n: number; c: number; k: number; value: number }[]>('unbiased-pass-at-k.json');
  for (const { n, c, k, value } of rows) {
    expectClose(unbiasedPassAtK(n, c, k), value, 1e-13, `rho(${n}, ${c}, ${k})`);
  }
});
