/**
 * The exact law of an estimator at a prompt: mean, variance, and the chance of no signal.
 *
 * With c ~ Binomial(n, p) and h(c) = c w1(c)/p − (n−c) w0(c)/q,
 *   E G   = α_eff g,   α_eff = n Σ_m C(n−1, m) p^m q^(n−1−m) [w1(m+1) − w0(m)]
 *   Var G = Σ_c P(c) [c w1² v_1 + (n−c) w0² v_0] + |g|² Var h(c)
 * and the same for one coordinate (v_{r,j}, g_j²) and along g (Var[s·g | r], |g|⁴). Every term is ≥ 0; outcomes of
 * probability 0 are left out. |g|² Var h is computed as |g/r|² Var(r h) with r = min(p, q): g/r is a mean score and of
 * ordinary size, where g itself may be too small to be squared.
 */
import { binomialProbabilities } from '../math/binomial.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import type { AlongMoments, OutcomeMoments, PromptTheory } from './promptTheory.ts';

/** How an estimator's weights meet a prompt's success probability: all that G's law needs besides score moments. */
export interface WeightMoments {
  /** α_eff: E G = α_eff ∇J1 */
  readonly effectiveAlpha: number;
  /** Σ_c P(c) c w1(c)²: the coefficient of v_1 */
  readonly correctLoad: number;
  /** Σ_c P(c) (n−c) w0(c)²: the coefficient of v_0 */
  readonly wrongLoad: number;
  /** Var(r h(c)), r = min(p, q): the coefficient of |g/r|² */
  readonly countVariance: number;
  /** chance that every weight that a sample of the group has is zero */
  readonly zeroSignalProb: number;
}

/** @param p success probability @param q failure probability, given apart so that neither loses digits */
export function weightMoments(table: WeightTable, p: number, q: number): WeightMoments {
  const { n } = table;
  const companions = binomialProbabilities(n - 1, p, q);
  let effectiveAlpha = 0;
  for (let m = 0; m < n; m += 1) effectiveAlpha += n * companions[m] * table.differences[m];
  const counts = binomialProbabilities(n, p, q);
  const rarer = Math.min(p, q);
  const scaledCount = (c: number): number =>
    (c === 0 ? 0 : table.correctTotal[c] * (rarer / p)) - (c === n ? 0 : table.wrongTotal[c] * (rarer / q));
  // r h(c) less its value at the likeliest c: where h hardly varies, its variance must not come from rounding.
  const origin = scaledCount(counts.indexOf(Math.max(...counts)));
  const offsets = counts.map((prob, c) => (prob === 0 ? 0 : scaledCount(c) - origin));
  const meanOffset = counts.reduce((sum, prob, c) => sum + prob * offsets[c], 0);
  let correctLoad = 0;
  let wrongLoad = 0;
  let countVariance = 0;
  let zeroSignalProb = 0;
  for (let c = 0; c <= n; c += 1) {
    if (!table.hasSignal[c]) zeroSignalProb += counts[c];
    if (counts[c] === 0) continue;
    correctLoad += counts[c] * table.correctTotal[c] * table.correct[c];
    wrongLoad += counts[c] * table.wrongTotal[c] * table.wrong[c];
    countVariance += counts[c] * (offsets[c] - meanOffset) ** 2;
  }
  return { effectiveAlpha, correctLoad, wrongLoad, countVariance, zeroSignalProb };
}

/** Trace of Cov G. */
export function totalVariance(weights: WeightMoments, theory: PromptTheory): number {
  return combine(weights, theory, (outcome) => outcome.scoreVariance, directionNormSq(theory));
}

/** Var G_j for every coordinate: [rowCount, vocab]. */
export function coordinateVariances(weights: WeightMoments, theory: PromptTheory): Float64Array {
  return theory.direction.map((mean, j) =>
    combine(weights, theory, (outcome) => outcome.coordinateVariance[j], mean * mean),
  );
}

/** Trace of Cov G, split into the part along g and the part across it. */
export interface VarianceSplit {
  /** Var(G·g)/|g|² */
  readonly along: number;
  readonly across: number;
}

/** Where g = 0 there is no direction to split along, and everything lies across. */
export function varianceSplit(weights: WeightMoments, theory: PromptTheory): VarianceSplit {
  const along = (outcome: OutcomeMoments): number =>
    theory.gradientNormSq === 0
      ? 0
      : Math.min(outcome.scoreVariance, outcome.alongVariance / theory.gradientNormSq);
  return {
    along: combine(weights, theory, along, directionNormSq(theory)),
    across: combine(weights, theory, (outcome) => outcome.scoreVariance - along(outcome), 0),
  };
}

/**
 * Signal-to-noise ratio of one group, α_eff² |g|² / Var G; samples for a ratio of 1 are n over it.
 *
 * @returns null where G does not vary: at J1 = 0 or 1, or with weights that are all 0
 */
export function signalToNoise(weights: WeightMoments, theory: PromptTheory): number | null {
  const variance = totalVariance(weights, theory);
  if (variance === 0) return null;
  // α_eff r is of ordinary size where r² is not.
  const signal = weights.effectiveAlpha * Math.min(theory.successProb, theory.failureProb);
  return (signal / variance) * signal * directionNormSq(theory);
}

function directionNormSq(theory: PromptTheory): number {
  return theory.direction.reduce((sum, mean) => sum + mean * mean, 0);
}

/** Variance of the slope G·g / |g|²; its mean is α_eff. NaN where g = 0: there is no direction to measure along. */
export function slopeVariance(weights: WeightMoments, theory: PromptTheory): number {
  const normSq = theory.gradientNormSq;
  if (normSq === 0) return NaN;
  const rarer = Math.min(theory.successProb, theory.failureProb);
  return combine(weights, theory, (outcome) => outcome.alongVariance / normSq / normSq, 1 / rarer / rarer);
}

/**
 * Law of G·y for a direction y, from the law of s·y given each outcome: mean, variance, and the furthest that one group
 * can be from the mean.
 */
export function directionLaw(
  table: WeightTable,
  p: number,
  q: number,
  { correct, wrong }: { readonly correct: AlongMoments | null; readonly wrong: AlongMoments | null },
): { readonly mean: number; readonly variance: number; readonly bound: number } {
  const { n } = table;
  const probabilities = binomialProbabilities(n, p, q);
  const given = Array.from({ length: n + 1 }, (_, c) => {
    const [fromCorrect, fromWrong] = [c * table.correct[c], (n - c) * table.wrong[c]];
    const ends = [0, 0];
    if (correct && c > 0) addRange(ends, fromCorrect, correct.least, correct.greatest);
    if (wrong && c < n) addRange(ends, fromWrong, wrong.least, wrong.greatest);
    return {
      prob: probabilities[c],
      mean: fromCorrect * (correct?.mean ?? 0) + fromWrong * (wrong?.mean ?? 0),
      variance:
        fromCorrect * table.correct[c] * (correct?.variance ?? 0) +
        fromWrong * table.wrong[c] * (wrong?.variance ?? 0),
      ends,
    };
  }).filter(({ prob }) => prob > 0);
  const mean = given.reduce((sum, part) => sum + part.prob * part.mean, 0);
  return {
    mean,
    variance: given.reduce((sum, part) => sum + part.prob * (part.variance + (part.mean - mean) ** 2), 0),
    bound: Math.max(...given.flatMap(({ ends }) => ends.map((end) => Math.abs(end - mean)))),
  };
}

function combine(
  weights: WeightMoments,
  theory: PromptTheory,
  variance: (outcome: OutcomeMoments) => number,
  countFactor: number,
): number {
  let sum = countFactor === 0 ? 0 : countFactor * weights.countVariance;
  if (theory.correct && weights.correctLoad > 0) sum += weights.correctLoad * variance(theory.correct);
  if (theory.wrong && weights.wrongLoad > 0) sum += weights.wrongLoad * variance(theory.wrong);
  return sum;
}

/** Furthest that one group's slope can be from its mean: the bound M of Bennett's inequality, exact. */
export function slopeDeviationBound(
  table: WeightTable,
  weights: WeightMoments,
  theory: PromptTheory,
): number {
  const normSq = theory.gradientNormSq;
  const { correct, wrong } = theory;
  if (normSq === 0) return 0;
  let furthest = 0;
  for (let c = 0; c <= table.n; c += 1) {
    const correctCount = c;
    const wrongCount = table.n - c;
    if ((correctCount > 0 && !correct) || (wrongCount > 0 && !wrong)) continue;
    const ends = [0, 0];
    if (correct && correctCount > 0)
      addRange(ends, correctCount * table.correct[c], correct.alongMin, correct.alongMax);
    if (wrong && wrongCount > 0) addRange(ends, wrongCount * table.wrong[c], wrong.alongMin, wrong.alongMax);
    for (const end of ends) furthest = Math.max(furthest, Math.abs(end / normSq - weights.effectiveAlpha));
  }
  return furthest;
}

/** Adds weight × [low, high] to an interval, weight of either sign. */
function addRange(ends: number[], weight: number, low: number, high: number): void {
  ends[0] += Math.min(weight * low, weight * high);
  ends[1] += Math.max(weight * low, weight * high);
}

/**
 * Furthest that coordinate j of one group's G can be from its mean. A score coordinate is 1 − π_j, −π_j or 0, so the
 * range over the group follows from the weights alone; it is a bound, exact where all three can occur.
 */
export function coordinateDeviationBound(
  table: WeightTable,
  effectiveAlpha: number,
  gradient: number,
  policyProb: number,
): number {
  let furthest = 0;
  for (let c = 0; c <= table.n; c += 1) {
    const ends = [0, 0];
    addRange(ends, c * table.correct[c], -policyProb, 1 - policyProb);
    addRange(ends, (table.n - c) * table.wrong[c], -policyProb, 1 - policyProb);
    for (const end of ends) furthest = Math.max(furthest, Math.abs(end - effectiveAlpha * gradient));
  }
  return furthest;
}
