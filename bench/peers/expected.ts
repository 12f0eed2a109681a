/**
 * What the job must find, exactly: laws of one group's values, from `src/theory`. Each has its mean, its variance and the
 * furthest that one group can be from the mean, so that a sum of them can be judged by Bennett's inequality.
 */
import type { WeightTable } from '../../src/estimators/weightTables.ts';
import { TOTAL_MASS } from '../../src/problem/masses.ts';
import type { Problem, Prompt } from '../../src/problem/problem.ts';
import { coordinateLaws, promptLaw, type GroupLaw } from '../../src/theory/promptLaw.ts';

export interface ExpectedPrompt {
  readonly id: string;
  /** J1 */
  readonly successProb: number;
  /** [horizon, vocab], of the coordinates of G */
  readonly coordinates: readonly GroupLaw[];
  /** [horizon, vocab], E G */
  readonly gradient: readonly number[];
  /** of G · E G */
  readonly along: GroupLaw;
  /** of |G|² */
  readonly square: GroupLaw;
}

export interface Expected {
  /** n */
  readonly groupSize: number;
  readonly prompts: readonly ExpectedPrompt[];
}

export function expectedOf(problem: Problem, table: WeightTable): Expected {
  const prompts = problem.prompts.map((prompt): ExpectedPrompt => {
    const law = promptLaw(problem, prompt, [table]);
    const { trueSlope, totalVariance } = law.tables[0];
    const coordinates = coordinateLaws(law, law.tables[0]);
    const gradient = coordinates.map(({ mean }) => mean);
    const normSq = gradient.reduce((sum, g) => sum + g * g, 0);
    // The slope is G·g / |g|² with g = ∇J1, and E G = α g: G·E G is the slope times |E G|² / α.
    const scale = normSq / trueSlope.mean;
    return {
      id: prompt.id,
      successProb: law.theory.successProb,
      coordinates,
      gradient,
      along: { mean: normSq, variance: trueSlope.variance * scale ** 2, bound: trueSlope.bound * scale },
      square: squareLaw(totalVariance + normSq, furthestSquare(problem, prompt, table)),
    };
  });
  return { groupSize: table.n, prompts };
}

/** Of a value in [0, most] that has this mean: its variance is at most mean (most − mean) (Bhatia & Davis 2000). */
function squareLaw(mean: number, most: number): GroupLaw {
  return { mean, variance: mean * (most - mean), bound: Math.max(mean, most - mean) };
}

/**
 * The most that |G|² can be: a trajectory's score is onehot − π in each row, so
 *
 *   |G| ≤ max_c (c |w1(c)| + (n − c) |w0(c)|) |s|,   |s|² ≤ Σ_rows (1 − 2 min π + Σ π²)
 */
function furthestSquare({ rowCount, vocab }: Problem, { masses }: Prompt, table: WeightTable): number {
  let scoreSq = 0;
  for (let row = 0; row < rowCount; row += 1) {
    const policy = [...masses.subarray(row * vocab, (row + 1) * vocab)].map((mass) => mass / TOTAL_MASS);
    scoreSq += 1 - 2 * Math.min(...policy) + policy.reduce((sum, prob) => sum + prob * prob, 0);
  }
  const { n, correct, wrong } = table;
  const weights = Array.from(correct, (weight, c) => c * Math.abs(weight) + (n - c) * Math.abs(wrong[c]));
  return Math.max(...weights) ** 2 * scoreSq;
}
