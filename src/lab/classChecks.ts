/**
 * Turns one prompt's tallies by classes into p-values and estimates. What is tested is what was drawn: the rounded chains of
 * problem/conditional.ts.
 */
import { secondMomentLaw } from '../engine/secondMoments.ts';
import { BATCH_COUNT, SECOND_MOMENTS, type PromptTally } from '../engine/tally.ts';
import { OUTCOMES, type Outcome } from '../problem/conditional.ts';
import { criticalByCumulant } from '../math/stats/chernoff.ts';
import { binomialPValue, binomialPValueBound } from '../math/stats/tails.ts';
import { batchPValue, INTERVAL_LEVEL } from './checks.ts';
import { classPValue, criticalDeviation, logNeeded, type Bound } from './classPlan.ts';
import {
  classVariance,
  times,
  type ClassCell,
  type ClassCounts,
  type ClassLaw,
  type ClassMoments,
} from '../theory/classLaw.ts';
import type { PromptTheory } from '../theory/promptTheory.ts';
import type { Verdict } from '../math/stats/verdict.ts';
import { roundedTheory } from './classVariance.ts';
import type { ClassCheck, ClassMeanResult, Estimate } from './results.ts';

/** A mean of u over the trajectories of one outcome, and how far float64 arithmetic alone can have moved it. */
export interface MeasuredMean {
  readonly value: number;
  readonly rounding: number;
  readonly count: number;
}

const momentsOf = (law: ClassLaw, outcome: Outcome): ClassMoments =>
  outcome === 1 ? law.correct : law.wrong;

/**
 * Mean of u over the trajectories that were drawn as correct, or as wrong, in groups of some c.
 *
 * @param tally of level `full`
 * @param cs absent: of every c
 */
export function measuredClassMean(
  law: ClassLaw,
  outcome: Outcome,
  tally: PromptTally,
  cs: readonly number[] = Array.from(tally.groups.keys()),
): MeasuredMean {
  const { gains } = momentsOf(law, outcome);
  const n = tally.groups.length - 1;
  const { counts } = tally;
  if (!counts) throw new RangeError("tally: expected level 'full', got a tally without token counts");
  let [sum, size, count] = [0, 0, 0];
  for (const c of cs) {
    const first = (c * 2 + outcome) * gains.length;
    count += tally.groups[c] * (outcome === 1 ? c : n - c);
    for (let cell = 0; cell < gains.length; cell += 1) {
      const part = counts[first + cell] * gains[cell];
      sum += part;
      size += Math.abs(part);
    }
  }
  // Gains themselves carry the rounding of a few sums over rows; the sum one of each addition.
  return {
    value: sum / count,
    rounding: (4 * cs.length * gains.length * Number.EPSILON * size) / count,
    count,
  };
}

/** The two means that everything given the outcome rests on, each with its interval. */
export function classMeanResult(
  law: ClassLaw,
  outcome: Outcome,
  { value, rounding, count }: MeasuredMean,
): ClassMeanResult {
  const { mean, deviation, cumulant } = momentsOf(law, outcome);
  const variance = (deviation * deviation) / count;
  const half = (side: 1 | -1): number =>
    criticalByCumulant(
      1 - INTERVAL_LEVEL,
      variance,
      (argument) => count * cumulant((side * argument) / count),
    );
  // Too large by chance on one side: the mean lies as far below the measured value.
  const excess = value - (outcome === 1 ? 1 : -1);
  return {
    outcome: outcome === 1 ? 'correct' : 'wrong',
    deviation,
    offset: mean - (outcome === 1 ? 1 : -1),
    error: {
      value: excess,
      standardError: Math.sqrt(variance),
      low: excess - half(1) - rounding,
      high: excess + half(-1) + rounding,
      level: INTERVAL_LEVEL,
      count,
    },
  };
}

/** One estimator and k at one prompt, from the two measured means. @param level of one comparison at the family's first Holm step */
export function classCheck(
  cell: ClassCell,
  law: ClassLaw,
  correct: MeasuredMean,
  wrong: MeasuredMean,
  level: number,
  decided: Bound | null,
): ClassCheck {
  const counts: ClassCounts = { correct: correct.count, wrong: wrong.count };
  const deviation =
    times(cell.correct, correct.value - law.correct.mean) + times(cell.wrong, wrong.value - law.wrong.mean);
  const rounding =
    Math.abs(times(cell.correct, correct.rounding)) +
    Math.abs(times(cell.wrong, wrong.rounding)) +
    8 * Number.EPSILON;
  const standardError = Math.sqrt(classVariance(cell, law, counts));
  const bound = decided ?? 'bennett';
  const isFinite = Number.isFinite(deviation) && Number.isFinite(standardError);
  return {
    estimator: cell.table.estimatorId,
    k: cell.table.k,
    ratio: isFinite ? ratioEstimate(cell, law, counts, deviation, standardError, bound) : null,
    offset: Number.isFinite(cell.offset) ? cell.offset : null,
    z: isFinite && standardError > 0 ? deviation / standardError : null,
    // A number that float64 does not have says nothing.
    pValue: isFinite ? classPValue(cell, law, counts, bound, deviation, rounding) : 1,
    log10Noise: log10OrNull(cell.logNoise),
    log10Needed: log10OrNull(logNeeded(cell, level)),
    verdict: decided === null ? 'inconclusive' : 'agree',
    open: null,
    decidedBy: null,
  };
}

const log10OrNull = (log: number): number | null => (log === -Infinity ? null : log / Math.LN10);

function ratioEstimate(
  cell: ClassCell,
  law: ClassLaw,
  counts: ClassCounts,
  deviation: number,
  standardError: number,
  bound: Bound,
): Estimate | null {
  const value =
    1 + deviation + times(cell.correct, law.correct.mean - 1) + times(cell.wrong, law.wrong.mean + 1);
  const half = criticalDeviation(cell, law, counts, 1 - INTERVAL_LEVEL, bound);
  if (!Number.isFinite(half)) return null;
  return {
    value,
    standardError,
    low: value - half,
    high: value + half,
    level: INTERVAL_LEVEL,
    count: counts.correct + counts.wrong,
  };
}

/**
 * Cells of a tally by design: groups[c] must be what was asked for, to the last group, and the count of (c, r, row, token) is
 * binomial over the trajectories of that outcome.
 *
 * @param designed [n + 1] groups
 * @param level below which a p-value matters: above it the cheap bound stands for the exact tail
 */
export function classCellPValues(
  law: ClassLaw,
  tally: PromptTally,
  designed: readonly number[],
  level: number,
): number[] {
  const n = tally.groups.length - 1;
  const pValues: number[] = [];
  designed.forEach((groups, c) => {
    pValues.push(tally.groups[c] === groups ? 1 : 0);
    if (groups === 0) return;
    for (const outcome of OUTCOMES) {
      const visits = momentsOf(law, outcome).visits.token;
      const trials = groups * (outcome === 1 ? c : n - c);
      if (trials === 0) continue;
      const first = (c * 2 + outcome) * visits.length;
      for (let cell = 0; cell < visits.length; cell += 1) {
        const count = tally.counts?.[first + cell] ?? 0;
        const prob = Math.min(1, visits[cell]);
        const cheap = binomialPValueBound(count, trials, prob);
        pValues.push(cheap > 10 * level ? cheap : binomialPValue(count, trials, prob));
      }
    }
  });
  return pValues;
}

/** Number of comparisons that `classCellPValues` makes. */
export function classCellComparisons(law: ClassLaw, designed: readonly number[]): number {
  const n = designed.length - 1;
  return designed.reduce((sum, groups, c) => {
    const outcomes = groups === 0 ? 0 : Number(c > 0) + Number(c < n);
    return sum + 1 + outcomes * law.correct.gains.length;
  }, 0);
}

/** A batch needs this many events that make a moment vary before Student's t may be trusted. */
const EVENTS_PER_BATCH = 20;

/**
 * Which of S11, S10, S00 the pass with every c can test: decided by theory, before any is drawn. A batch has one group of each
 * c (a multiple of them, where the pass is longer); where nearly all trajectories of an outcome are alike, the rare others
 * carry the mean.
 */
export function testableClassMoments(theory: PromptTheory, n: number): readonly boolean[] {
  const pairs = ((n + 1) * n * (n - 1)) / 6;
  const varies = (differenceProb: number): boolean =>
    differenceProb === 0 || pairs * differenceProb >= EVENTS_PER_BATCH;
  const correct = varies(theory.correct?.differenceProb ?? 0);
  const wrong = varies(theory.wrong?.differenceProb ?? 0);
  return [correct, correct && wrong, wrong];
}

/** S11, S10, S00 over all c, by 128 batches, each less its exact expectation: Student's t, 127 degrees of freedom. */
export function classSecondPValues(law: ClassLaw, theory: PromptTheory, tally: PromptTally): number[] {
  const n = tally.groups.length - 1;
  const { expected } = secondMomentLaw(law.problem, law.prompt, roundedTheory(law, theory), n);
  const testable = testableClassMoments(theory, n);
  return [0, 1, 2].flatMap((moment) => {
    if (!testable[moment]) return [];
    const perBatch = tally.groups.reduce(
      (sum, groups, c) => sum + (groups / BATCH_COUNT) * expected(c)[moment],
      0,
    );
    const excess = Float64Array.from({ length: BATCH_COUNT }, (_, batch) => {
      let sum = 0n;
      for (let c = 0; c <= n; c += 1)
        sum += tally.second?.[(batch * (n + 1) + c) * SECOND_MOMENTS + moment] ?? 0n;
      return Number(sum) - perBatch;
    });
    return [batchPValue(excess)];
  });
}

/** A slope's one word: what plain sampling says where it says something, else what is known given the outcome. */
export function eitherVerdict(
  plain: { readonly verdict: Verdict },
  byClass: { readonly verdict: Verdict } | undefined,
): Verdict {
  if (plain.verdict === 'disagree' || byClass?.verdict === 'disagree') return 'disagree';
  if (plain.verdict === 'agree') return 'agree';
  return byClass?.verdict ?? plain.verdict;
}

/** Largest difference that the mixture identity leaves: p a_1 + q a_0 against a forward sweep of the policy alone. */
export function mixtureError(law: ClassLaw, theory: PromptTheory): number {
  const { vocab, horizon, context, rowCount } = law.problem;
  const { masses } = law.prompt;
  const visited = new Float64Array(rowCount * vocab);
  // Chance of each row: the policy alone, without the verifier.
  let rows = new Map<number, number>([[0, 1]]);
  for (let t = 0; t < horizon; t += 1) {
    const next = new Map<number, number>();
    for (const [row, chance] of rows) {
      for (let v = 0; v < vocab; v += 1) {
        const cell = row * vocab + v;
        const flow = (chance * masses[cell]) / 2 ** 32;
        visited[cell] += flow;
        const target = context === 'none' ? t + 1 : 1 + t * vocab + v;
        next.set(target, (next.get(target) ?? 0) + flow);
      }
    }
    rows = next;
  }
  const { correct, wrong, successProb, failureProb } = theory;
  return visited.reduce((worst, chance, cell) => {
    const mixed =
      successProb * (correct?.visits.token[cell] ?? 0) + failureProb * (wrong?.visits.token[cell] ?? 0);
    return Math.max(worst, Math.abs(mixed - chance));
  }, 0);
}

/** What the identity may be off by: rounding. */
export const MIXTURE_TOLERANCE = 1e-12;
