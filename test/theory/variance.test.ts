import { describe, expect, test } from 'vitest';
import { estimators } from '../../src/estimators/estimators.ts';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import {
  signalToNoise,
  slopeVariance,
  totalVariance,
  varianceSplit,
  weightMoments,
} from '../../src/theory/estimatorTheory.ts';
import { oracleMinimumVariance, unbiasedDifferences } from '../../src/theory/oracleMinimum.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { parseProblem } from '../../src/problem/problemFile.ts';
import { solvePrompt, type PromptTheory } from '../../src/theory/promptTheory.ts';
import { tableFromWeights, weightTable, type WeightTable } from '../../src/estimators/weightTables.ts';
import { bandit, needle } from '../../src/problem/workloads.ts';
import { expectRelative } from '../close.ts';
import { oracleText, ORACLE_PROBLEMS } from '../oracle.ts';

function oracleTheory(name: string): PromptTheory {
  const problem = compileProblem(parseProblem(oracleText(`${name}.problem.json`), name));
  return solvePrompt(problem, problem.prompts[0]);
}

function variance(table: WeightTable, theory: PromptTheory): number {
  return totalVariance(weightMoments(table, theory.successProb, theory.failureProb), theory);
}

/** The unbiased member for ∇J_k with baseline b(c). */
function member(n: number, k: number, baseline: readonly number[]): WeightTable {
  const differences = unbiasedDifferences(n, k);
  return tableFromWeights(
    { estimatorId: 'member', n, k, centred: false },
    Float64Array.from({ length: n + 1 }, (_, c) => (c === 0 ? 0 : baseline[c - 1] + differences[c - 1])),
    Float64Array.from({ length: n + 1 }, (_, c) => (c === n ? 0 : baseline[c])),
  );
}

/** The least value of a quadratic of n numbers, from its values alone: exact second differences, then elimination. */
function leastOfQuadratic(value: (at: readonly number[]) => number, n: number): number {
  const unit = (...ones: number[]): number[] =>
    Array.from({ length: n }, (_, i) => ones.filter((j) => j === i).length);
  const origin = value(unit());
  const hessian = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => value(unit(i, j)) - value(unit(i)) - value(unit(j)) + origin),
  );
  const slope = hessian.map((row, i) => value(unit(i)) - origin - row[i] / 2);
  const matrix = hessian.map((row, i) => [...row, -slope[i]]);
  for (let pivot = 0; pivot < n; pivot += 1) {
    for (let row = pivot + 1; row < n; row += 1) {
      const factor = matrix[row][pivot] / matrix[pivot][pivot];
      for (let column = pivot; column <= n; column += 1)
        matrix[row][column] -= factor * matrix[pivot][column];
    }
  }
  const solution = unit();
  for (let row = n - 1; row >= 0; row -= 1) {
    let rest = matrix[row][n];
    for (let column = row + 1; column < n; column += 1) rest -= matrix[row][column] * solution[column];
    solution[row] = rest / matrix[row][row];
  }
  return value(solution);
}

describe.each(ORACLE_PROBLEMS)('at %s', (name) => {
  const theory = oracleTheory(name);

  test.each([
    [2, 1],
    [5, 3],
    [6, 6],
    [8, 4],
  ])('the oracle minimum of n = %d, k = %d is the least variance over all baselines', (n, k) => {
    const least = oracleMinimumVariance(theory, n, k);
    expectRelative(
      least,
      leastOfQuadratic((baseline) => variance(member(n, k, baseline), theory), n),
      1e-9,
    );
    for (const estimator of estimators) {
      if (estimator.objective.estimates === 'other' || (!estimator.usesK && k !== 1)) continue;
      if (estimator.undefinedBecause(n, k) !== null) continue;
      const own = variance(weightTable(estimator, n, estimator.usesK ? k : null), theory);
      expect(own, estimator.id).toBeGreaterThanOrEqual(least * (1 - 1e-12));
    }
  });

  test('the variance along grad J1 and across it add up, and the part along is that of the slope', () => {
    for (const estimator of estimators) {
      const table = weightTable(estimator, 8, estimator.usesK ? 4 : null);
      const weights = weightMoments(table, theory.successProb, theory.failureProb);
      const { along, across } = varianceSplit(weights, theory);
      expectRelative(along + across, totalVariance(weights, theory), 1e-12);
      expectRelative(along, slopeVariance(weights, theory) * theory.gradientNormSq, 1e-10);
      expect(across).toBeGreaterThanOrEqual(0);
    }
  });
});

test('loo1 does not always have the lowest variance: six arms, n = 8, p = .9, k = 2', () => {
  const theory = oracleTheory('bandit6-p90');
  expect(variance(weightTable(findEstimator('ordergrad')!, 8, 2), theory)).toBeCloseTo(0.00229, 5);
  expect(variance(weightTable(findEstimator('pkpo-loo1')!, 8, 2), theory)).toBeCloseTo(0.00537, 5);
});

test('the oracle minimum is 0 where every trajectory has the same outcome', () => {
  for (const probabilities of [
    [1, 0, 0],
    [0, 0.5, 0.5],
  ]) {
    const problem = compileProblem({
      format: 'passk-problem@1',
      vocab: 3,
      horizon: 1,
      context: 'none',
      prompts: [{ id: 'p', probabilities: [probabilities], accept: { sequences: [[0]] } }],
    });
    const theory = solvePrompt(problem, problem.prompts[0]);
    expect(oracleMinimumVariance(theory, 6, 3)).toBe(0);
  }
});

test('the variance of rft keeps its digits where q^n is far below rounding', () => {
  // One accepted arm: v_1 = 0, and Var G = |g|^2 Var h = |mu_1|^2 q^n (1 - q^n).
  for (const [n, p] of [
    [7, 0.999],
    [64, 0.999],
    [49, 0.9999],
  ]) {
    const problem = compileProblem({
      format: 'passk-problem@1',
      vocab: 2,
      horizon: 1,
      context: 'none',
      prompts: [{ id: 'p', probabilities: [[p, 1 - p]], accept: { sequences: [[0]] } }],
    });
    const theory = solvePrompt(problem, problem.prompts[0]);
    const silent = theory.failureProb ** n;
    const exact = 2 * theory.failureProb ** 2 * silent * (1 - silent);
    expectRelative(variance(weightTable(findEstimator('rft')!, n, null), theory), exact, 1e-9);
  }
});

describe('as J1 -> 0', () => {
  const n = 16;
  const snrPerSuccess = (theory: PromptTheory, id: string, k: number | null): number => {
    const weights = weightMoments(
      weightTable(findEstimator(id)!, n, k),
      theory.successProb,
      theory.failureProb,
    );
    return signalToNoise(weights, theory)! / (n * theory.successProb);
  };
  const needles = [1, 2, 4, 8].map((horizon) => {
    const problem = compileProblem(
      needle({ vocab: 4, horizon, context: 'none', successProbs: [1e-8], seed: 3 }),
    );
    return solvePrompt(problem, problem.prompts[0]);
  });
  const arms = compileProblem(bandit(6, 2, [1e-8], 1));
  const armsTheory = solvePrompt(arms, arms.prompts[0]);

  test('every estimator with w0(0) = w0(1) = 0 has SNR n p |mu_1|^2 / F_1, whatever k', () => {
    for (const theory of [...needles, armsTheory]) {
      const { correct, direction } = theory;
      const factor = direction.reduce((sum, mean) => sum + mean * mean, 0) / correct!.scoreNormSq;
      for (const [id, k] of [
        ['reinforce', null],
        ['rft', null],
        ['plug-in', 8],
        ['pkpo-loo1', 2],
        ['pkpo-loo1', 16],
      ] as const) {
        expectRelative(snrPerSuccess(theory, id, k), factor, 1e-5);
      }
    }
  });

  test('that factor is 1 for one correct trajectory; weighing the wrong ones of a successful group lowers it', () => {
    expectRelative(snrPerSuccess(needles[0], 'pkpo-loo1', 8), 1, 1e-5);
    for (const k of [2, 4, 8, 15]) {
      expect(snrPerSuccess(armsTheory, 'pkpo', k)).toBeLessThan(snrPerSuccess(armsTheory, 'pkpo', k - 1));
      expect(snrPerSuccess(armsTheory, 'ordergrad', k)).toBeLessThan(
        snrPerSuccess(armsTheory, 'pkpo-loo1', 2),
      );
    }
  });

  test('SNR stays right where |grad J1|^2 underflows', () => {
    const horizon = 900;
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
    expect(theory.gradientNormSq).toBe(0);
    expectRelative(snrPerSuccess(theory, 'pkpo-loo1', 4), 1, 1e-9);
  });
});
