/**
 * Turns one prompt's tally into p-values, family by family. Verdicts come later, once the whole family is known.
 */
import { canonicalJson, sha256 } from '../input/canonical.ts';
import { binomialProbabilities } from '../math/binomial.ts';
import { passAtK } from '../math/passAtK.ts';
import type { PromptTally } from '../engine/tally.ts';
import { BATCH_COUNT, SECOND_MOMENTS } from '../engine/tally.ts';
import { secondMomentLaw } from '../engine/secondMoments.ts';
import { bennettPValue, criticalDeviation } from '../math/stats/bennett.ts';
import type { JackknifeEstimate } from '../math/stats/jackknife.ts';
import {
  binomialInterval,
  binomialPValue,
  binomialPValueBound,
  studentPValue,
  studentQuantile,
} from '../math/stats/tails.ts';
import { measuredGradient, measuredPassAtK, type MeasuredGradient } from './measure.ts';
import {
  coordinateLaws,
  neededGroups,
  passAtKLaw,
  resolves,
  type GroupLaw,
  type PromptLaw,
  type TableLaw,
} from '../theory/promptLaw.ts';
import type { CheckSummary, Estimate, PassAtKCheck, SlopeCheck } from './results.ts';

/** Level of the intervals in reports: 99.9 %. */
export const INTERVAL_LEVEL = 0.999;

/** Levels per comparison at a family's first Holm step. */
export interface ComparisonLevels {
  readonly slopes: number;
  readonly coordinates: number;
  readonly passAtK: number;
  readonly counts: number;
  readonly second: number;
}

export function estimate(value: number, law: GroupLaw, count: number): Estimate {
  const half = criticalDeviation(count, law.variance, law.bound, 1 - INTERVAL_LEVEL);
  return {
    value,
    standardError: Math.sqrt(law.variance / count),
    low: value - half,
    high: value + half,
    level: INTERVAL_LEVEL,
    count,
  };
}

/** An estimate whose spread was itself measured, by a jackknife: Student's t. */
export function studentEstimate(
  { value, standardError, degreesOfFreedom }: JackknifeEstimate,
  count: number,
): Estimate {
  const half = standardError * studentQuantile(1 - INTERVAL_LEVEL, degreesOfFreedom);
  return { value, standardError, low: value - half, high: value + half, level: INTERVAL_LEVEL, count };
}

/** Mean of `count` group values against its law. What is no number agrees with nothing. */
export function meanPValue(value: number, law: GroupLaw, count: number, rounding: number): number {
  if (!Number.isFinite(value)) return 0;
  return bennettPValue(
    count * Math.abs(value - law.mean),
    count * law.variance,
    law.bound,
    count * (rounding + 4 * Number.EPSILON * Math.abs(law.mean)),
  );
}

export function zScore(value: number, law: GroupLaw, count: number): number | null {
  return law.variance > 0 ? (value - law.mean) / Math.sqrt(law.variance / count) : null;
}

/** A measured mean gradient's slope on ∇J1, against α_k. @param level of one comparison at the family's first Holm step */
export function slopeCheck(
  { theory }: PromptLaw,
  tableLaw: TableLaw,
  { mean, rounding }: MeasuredGradient,
  groupCount: number,
  level: number,
): SlopeCheck {
  const { table, slope: slopeLaw } = tableLaw;
  const gradientNorm = Math.sqrt(theory.gradientNormSq);
  const along = mean.reduce((sum, value, j) => sum + value * theory.gradient[j], 0);
  const slope = along / theory.gradientNormSq;
  const norm = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
  const needed = neededGroups(tableLaw, level);
  const signal = tableLaw.weights.effectiveAlpha * gradientNorm;
  return {
    estimator: table.estimatorId,
    k: table.k,
    alpha: tableLaw.alpha,
    slope: estimate(slope, slopeLaw, groupCount),
    z: zScore(slope, slopeLaw, groupCount),
    pValue: meanPValue(slope, slopeLaw, groupCount, (rounding * mean.length) / gradientNorm),
    cosine: norm > 0 ? along / norm / gradientNorm : null,
    expectedCosine: signal / Math.sqrt(signal * signal + tableLaw.totalVariance / groupCount),
    neededGroups: Number.isFinite(needed) ? needed : null,
    verdict: resolves(slopeLaw, groupCount, level) ? 'agree' : 'inconclusive',
  };
}

/** The slope and all coordinates of one estimator's gradient. */
export function gradientChecks(
  law: PromptLaw,
  tableLaw: TableLaw,
  tally: PromptTally,
  groupCount: number,
  levels: ComparisonLevels,
): { slope: SlopeCheck; coordinatePValues: number[] } {
  const measured = measuredGradient(law.problem, law.prompt, tally, groupCount, tableLaw.table);
  return {
    slope: slopeCheck(law, tableLaw, measured, groupCount, levels.slopes),
    coordinatePValues: coordinateLaws(law, tableLaw).map((coordinate, j) =>
      meanPValue(measured.mean[j], coordinate, groupCount, measured.rounding),
    ),
  };
}

export function passAtKCheck(
  law: PromptLaw,
  tally: PromptTally,
  groupCount: number,
  k: number,
): PassAtKCheck {
  const n = tally.groups.length - 1;
  const exact = passAtK(law.theory.successProb, k, law.theory.failureProb);
  const groupLaw = passAtKLaw(law.theory, n, k, exact);
  const measured = measuredPassAtK(tally, groupCount, k);
  return {
    k,
    passAtK: exact,
    measured: estimate(measured, groupLaw, groupCount),
    z: zScore(measured, groupLaw, groupCount),
    pValue: meanPValue(measured, groupLaw, groupCount, 8 * Number.EPSILON),
    verdict: 'not rejected',
  };
}

/** Number of comparisons that `countPValues` makes, whatever the tally. */
export function countComparisons(law: PromptLaw, n: number): number {
  return (n + 1) * (1 + 2 * law.prompt.masses.length);
}

/**
 * Every cell: groups[c] is binomial over the groups; given groups[c], the count of (c, r, row, token) is binomial over
 * the group's trajectories of that outcome with chance a_r(row, token).
 *
 * @param level below which a p-value matters: above it the cheap bound stands for the exact tail
 */
export function countPValues(
  law: PromptLaw,
  tally: PromptTally,
  groupCount: number,
  level: number,
): number[] {
  const n = tally.groups.length - 1;
  const { theory } = law;
  const cells = law.prompt.masses.length;
  const pValues: number[] = [];
  const add = (successes: number, trials: number, prob: number): void => {
    const bound = binomialPValueBound(successes, trials, prob);
    pValues.push(bound > 10 * level ? bound : binomialPValue(successes, trials, prob));
  };
  binomialProbabilities(n, theory.successProb, theory.failureProb).forEach((prob, c) => {
    add(tally.groups[c], groupCount, prob);
    for (const outcome of [0, 1] as const) {
      const visits = (outcome === 1 ? theory.correct : theory.wrong)?.visits.token;
      const trials = tally.groups[c] * (outcome === 1 ? c : n - c);
      const first = (c * 2 + outcome) * cells;
      for (let cell = 0; cell < cells; cell += 1)
        add(tally.counts?.[first + cell] ?? 0, trials, visits?.[cell] ?? 0);
    }
  });
  return pValues;
}

/** A batch needs this many informative groups before Student's t may be trusted. */
const GROUPS_PER_BATCH = 20;

/**
 * Which of S11, S10, S00 can be tested with this many groups: decided by theory, before any is drawn.
 *
 * The sample's own variance is right only if the events that make it are frequent. Those are groups in which both
 * outcomes (S10), or any of the outcome, occur, and groups in which trajectories of one outcome differ at all: where
 * nearly all are alike, the rare others carry the mean, and a sample without them has no spread to show for it.
 */
export function testableSecondMoments(law: PromptLaw, n: number, groupCount: number): readonly boolean[] {
  const { successProb: p, failureProb: q, correct, wrong } = law.theory;
  const probabilities = binomialProbabilities(n, p, q);
  const isFrequent = (share: number): boolean =>
    (Math.min(1, share) * groupCount) / BATCH_COUNT >= GROUPS_PER_BATCH;
  // Expected number of differing pairs of one outcome in a group, unless there is only one such trajectory.
  const pairs = (n * (n - 1)) / 2;
  const variesAmongCorrect =
    !correct || correct.differenceProb === 0 || isFrequent(pairs * p * p * correct.differenceProb);
  const variesAmongWrong =
    !wrong || wrong.differenceProb === 0 || isFrequent(pairs * q * q * wrong.differenceProb);
  return [
    isFrequent(1 - probabilities[0]) && variesAmongCorrect,
    isFrequent(1 - probabilities[0] - probabilities[n]) && variesAmongCorrect && variesAmongWrong,
    isFrequent(1 - probabilities[n]) && variesAmongWrong,
  ];
}

/**
 * S11, S10, S00 by 128 batches of equally many groups, each less its exact expectation: Student's t, 127 degrees.
 *
 * @param groupCount a multiple of 128
 */
export function secondPValues(law: PromptLaw, tally: PromptTally, groupCount: number): number[] {
  const n = tally.groups.length - 1;
  const { expected } = secondMomentLaw(law.problem, law.prompt, law.theory, n);
  const perGroup = [0, 0, 0];
  binomialProbabilities(n, law.theory.successProb, law.theory.failureProb).forEach((prob, c) => {
    expected(c).forEach((mean, i) => (perGroup[i] += prob * mean));
  });
  const testable = testableSecondMoments(law, n, groupCount);
  return perGroup.flatMap((mean, i) =>
    testable[i] ? [secondPValue(tally, i, (mean * groupCount) / BATCH_COUNT)] : [],
  );
}

/** @param expected of one batch's sum */
function secondPValue(tally: PromptTally, moment: number, expected: number): number {
  const n = tally.groups.length - 1;
  const excess = Float64Array.from({ length: BATCH_COUNT }, (_, batch) => {
    let sum = 0n;
    for (let c = 0; c <= n; c += 1)
      sum += tally.second?.[(batch * (n + 1) + c) * SECOND_MOMENTS + moment] ?? 0n;
    return Number(sum) - expected;
  });
  return batchPValue(excess);
}

/** Student's t of batches that have mean 0. Without any spread the sums are exact: they must be 0 up to rounding. */
export function batchPValue(excess: Float64Array): number {
  const count = excess.length;
  const mean = excess.reduce((sum, value) => sum + value, 0) / count;
  const variance = excess.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  if (variance === 0) return Math.abs(mean) < 1 ? 1 : 0;
  return studentPValue(mean / Math.sqrt(variance / count), count - 1);
}

export function summary(pValues: readonly number[], rejected: readonly boolean[]): CheckSummary {
  return {
    comparisons: pValues.length,
    rejected: rejected.filter(Boolean).length,
    smallestPValue: pValues.reduce((least, p) => Math.min(least, p), 1),
  };
}

/** Hash of the raw counts of one prompt with what determines them. */
export function promptTallySha256(
  identity: Readonly<Record<string, string | number>>,
  tally: PromptTally,
): Promise<string> {
  return sha256(
    canonicalJson({
      ...identity,
      groups: Array.from(tally.groups, String),
      ...(tally.second ? { second: Array.from(tally.second, String) } : {}),
      ...(tally.counts ? { counts: Array.from(tally.counts, String) } : {}),
    }),
  );
}

/** A share with Clopper and Pearson's interval. */
export function shareOf(successes: number, trials: number): Estimate {
  const share = trials > 0 ? successes / trials : 0;
  return {
    value: share,
    standardError: Math.sqrt((share * (1 - share)) / Math.max(1, trials)),
    ...binomialInterval(successes, trials, INTERVAL_LEVEL),
    level: INTERVAL_LEVEL,
    count: trials,
  };
}
