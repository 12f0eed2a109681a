/**
 * Everything exact that one prompt's checks need: its theory, and for each weight table the law of its slope.
 */
import {
  coordinateDeviationBound,
  coordinateVariances,
  slopeDeviationBound,
  slopeVariance,
  totalVariance,
  weightMoments,
  type WeightMoments,
} from './estimatorTheory.ts';
import { binomialProbabilities } from '../math/binomial.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import { TOTAL_MASS } from '../problem/masses.ts';
import { passAtKWeight, unbiasedPassAtK } from '../math/passAtK.ts';
import type { Problem, Prompt } from '../problem/problem.ts';
import { solvePrompt, type PromptTheory } from './promptTheory.ts';
import { criticalDeviation, leastCount } from '../math/stats/bennett.ts';
import { RESOLVED_DEVIATION, RESOLVED_POWER_Z, type Verdict } from '../math/stats/verdict.ts';

/** Mean, variance and greatest deviation of one group's value of some statistic. */
export interface GroupLaw {
  readonly mean: number;
  readonly variance: number;
  readonly bound: number;
}

export interface TableLaw {
  readonly table: WeightTable;
  readonly weights: WeightMoments;
  /** alpha_k of the theorem; alpha_1 for estimators without k */
  readonly alpha: number;
  /** of G·g / |g|², as the theorem claims it: mean alpha, variance and bound by theory */
  readonly slope: GroupLaw;
  /** the same with the mean that the weights really have, alpha_eff: differs where the estimator is biased */
  readonly trueSlope: GroupLaw;
  readonly totalVariance: number;
}

export interface PromptLaw {
  readonly problem: Problem;
  readonly prompt: Prompt;
  readonly theory: PromptTheory;
  readonly tables: readonly TableLaw[];
}

export function promptLaw(problem: Problem, prompt: Prompt, tables: readonly WeightTable[]): PromptLaw {
  const theory = solvePrompt(problem, prompt);
  return { problem, prompt, theory, tables: tables.map((table) => tableLaw(table, theory)) };
}

export function tableLaw(table: WeightTable, theory: PromptTheory): TableLaw {
  const weights = weightMoments(table, theory.successProb, theory.failureProb);
  const alpha = passAtKWeight(theory.successProb, table.k ?? 1, theory.failureProb);
  const trueSlope: GroupLaw = {
    mean: weights.effectiveAlpha,
    variance: slopeVariance(weights, theory),
    bound: slopeDeviationBound(table, weights, theory),
  };
  return {
    table,
    weights,
    alpha,
    slope: claimed(trueSlope, alpha),
    trueSlope,
    totalVariance: totalVariance(weights, theory),
  };
}

/** A law with another mean: its deviations reach further by the difference. */
export function claimed(law: GroupLaw, mean: number): GroupLaw {
  return { ...law, mean, bound: law.bound + Math.abs(law.mean - mean) };
}

/** Laws of G_j for every coordinate, as the theorem claims them: mean alpha ∂J1/∂θ_j. */
export function coordinateLaws(law: PromptLaw, { table, weights, alpha }: TableLaw): GroupLaw[] {
  const { theory, prompt } = law;
  const variances = coordinateVariances(weights, theory);
  return Array.from(theory.gradient, (gradient, j) => {
    const policyProb = prompt.masses[j] / TOTAL_MASS;
    const bound = coordinateDeviationBound(table, weights.effectiveAlpha, gradient, policyProb);
    return claimed(
      { mean: weights.effectiveAlpha * gradient, variance: variances[j], bound },
      alpha * gradient,
    );
  });
}

/** Law of ρ(n, c, k). */
export function passAtKLaw(theory: PromptTheory, n: number, k: number, passAtK: number): GroupLaw {
  const probabilities = binomialProbabilities(n, theory.successProb, theory.failureProb);
  let variance = 0;
  probabilities.forEach((prob, c) => {
    variance += prob * (unbiasedPassAtK(n, c, k) - passAtK) ** 2;
  });
  return { mean: passAtK, variance, bound: Math.max(passAtK, 1 - passAtK) };
}

/** Groups that no run will ever reach. */
export const GROUP_LIMIT = 2 ** 50;

/**
 * Groups from which on a slope off by 10 % would be rejected, at the family's first Holm step, with chance 95 %.
 * Infinity where even GROUP_LIMIT groups would not do.
 */
export function neededGroups({ slope }: TableLaw, level: number): number {
  if (!(slope.mean > 0) || !Number.isFinite(slope.variance)) return Infinity;
  return leastCount((count) => resolves(slope, count, level), GROUP_LIMIT);
}

/** What a check that is not rejected may say; where nothing varies about 0 there is nothing to be off by 10 %. */
export function plannedVerdict(law: GroupLaw, count: number, level: number): Verdict {
  if (law.mean === 0) return 'not rejected';
  return resolves(law, count, level) ? 'agree' : 'inconclusive';
}

/** Whether `count` groups would show a deviation of 10 % of the mean. */
export function resolves(law: GroupLaw, count: number, level: number): boolean {
  const seen =
    criticalDeviation(count, law.variance, law.bound, level) +
    RESOLVED_POWER_Z * Math.sqrt(law.variance / count);
  return seen <= RESOLVED_DEVIATION * Math.abs(law.mean);
}
