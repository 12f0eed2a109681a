/**
 * What a block of groups says about variance: sums of integers that add up over blocks, and what follows from a sum.
 *
 * Two measurements of Var G that share no assumption but the counts:
 *   direct      N/(N−1) [ mean |G|² − |mean G|² ] with the estimator's weights; blind where weights are rare
 *   structural  F_1, F_0 from token counts and |μ_1|², μ_1·μ_0, |μ_0|² from the pairs inside groups, put into the law
 *               of G with the exact P(c); precise even where a weight is nonzero once in 10^6 groups
 */
import { binomialProbabilities } from '../../math/binomial.ts';
import { TOTAL_MASS } from '../../problem/masses.ts';
import type { Problem, Prompt } from '../../problem/problem.ts';
import type { PromptTheory } from '../../theory/promptTheory.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import { roundedPolicy, secondMomentLaw } from '../../engine/secondMoments.ts';
import { BATCH_COUNT, SECOND_MOMENTS, type PromptTally } from '../../engine/tally.ts';
import { measuredGradient } from '../../lab/measure.ts';

/** Sums over the groups of a block; plain numbers, exact up to 2^53. */
export interface BlockSums {
  readonly groupCount: number;
  /** [n + 1] */
  readonly groups: Float64Array;
  /** [n + 1, 3], S11, S10, S00 in units of 2^-16 */
  readonly second: Float64Array;
  /** [n + 1, 2, cells] */
  readonly counts: Float64Array;
}

/** @param tally of level `full` */
export function blockSums(tally: PromptTally): BlockSums {
  const kinds = tally.groups.length;
  if (!tally.second || !tally.counts) throw new RangeError("tally: expected level 'full'");
  const second = new Float64Array(kinds * SECOND_MOMENTS);
  for (let i = 0; i < BATCH_COUNT * second.length; i += 1) {
    second[i % second.length] += Number(tally.second[i]);
  }
  return {
    groupCount: tally.groups.reduce((sum, groups) => sum + groups, 0),
    groups: tally.groups,
    second,
    counts: tally.counts,
  };
}

export function addBlocks(blocks: readonly BlockSums[]): BlockSums {
  const [first] = blocks;
  const total = {
    groupCount: 0,
    groups: new Float64Array(first.groups.length),
    second: new Float64Array(first.second.length),
    counts: new Float64Array(first.counts.length),
  };
  for (const block of blocks) {
    total.groupCount += block.groupCount;
    for (const part of ['groups', 'second', 'counts'] as const) {
      block[part].forEach((value, i) => (total[part][i] += value));
    }
  }
  return total;
}

/** All blocks but one. */
export function without(total: BlockSums, block: BlockSums): BlockSums {
  const less = (part: 'groups' | 'second' | 'counts'): Float64Array =>
    total[part].map((value, i) => value - block[part][i]);
  return {
    groupCount: total.groupCount - block.groupCount,
    groups: less('groups'),
    second: less('second'),
    counts: less('counts'),
  };
}

/** F_1, F_0, |μ_1|², μ_1·μ_0, |μ_0|²: measured or exact. */
export interface ScoreMoments {
  readonly correctNormSq: number;
  readonly wrongNormSq: number;
  readonly correctPair: number;
  readonly mixedPair: number;
  readonly wrongPair: number;
}

const UNIT = 2 ** -16;

/** Turns the sums of one prompt's blocks into moments of G. */
export class MomentReader {
  readonly #n: number;
  readonly #cells: number;
  readonly #problem: Problem;
  readonly #prompt: Prompt;
  /** [cells], |s|² of taking the token there, exact */
  readonly #normSq: Float64Array;
  /** [cells], the same in the kernel's rounded integers */
  readonly #integerNormSq: Float64Array;
  /** what rounding A and B adds to the expectation of a pair, S11, S10, S00 */
  readonly #pairRounding: readonly [number, number, number];
  /** [n + 1][3], what it adds to E[S | c] */
  readonly #secondRounding: readonly (readonly number[])[];
  readonly #probabilities: Float64Array;

  constructor(problem: Problem, prompt: Prompt, theory: PromptTheory, n: number) {
    const { vocab, rowCount } = problem;
    this.#n = n;
    this.#problem = problem;
    this.#prompt = prompt;
    this.#cells = vocab * rowCount;
    const policy = prompt.masses.map((mass) => mass / TOTAL_MASS);
    const { tokenMass, collision } = roundedPolicy(problem, prompt);
    this.#normSq = new Float64Array(this.#cells);
    this.#integerNormSq = new Float64Array(this.#cells);
    for (let row = 0; row < rowCount; row += 1) {
      const cells = policy.subarray(row * vocab, (row + 1) * vocab);
      const sumSq = cells.reduce((sum, policyProb) => sum + policyProb * policyProb, 0);
      for (let cell = row * vocab; cell < (row + 1) * vocab; cell += 1) {
        this.#normSq[cell] = 1 - 2 * policy[cell] + sumSq;
        this.#integerNormSq[cell] = 2 ** 16 - 2 * tokenMass[cell] + collision[row];
      }
    }
    const law = secondMomentLaw(problem, prompt, theory, n);
    const exact = exactScoreMoments(theory);
    const [k11, k10, k00] = law.pairs;
    this.#pairRounding = [
      k11 * UNIT - exact.correctPair,
      k10 * UNIT - exact.mixedPair,
      k00 * UNIT - exact.wrongPair,
    ];
    this.#secondRounding = Array.from({ length: n + 1 }, (_, c) =>
      law.expected(c).map((sum, i) => sum * UNIT - expectedSecond(exact, n, c)[i]),
    );
    this.#probabilities = binomialProbabilities(n, theory.successProb, theory.failureProb);
  }

  /** Pooled over c. NaN where there was nothing to pool. */
  scoreMoments(sums: BlockSums): ScoreMoments {
    const n = this.#n;
    const cells = this.#cells;
    const trajectories = [0, 0];
    const normSq = [0, 0];
    const diagonal = [0, 0];
    const pairs = [0, 0, 0];
    const second = [0, 0, 0];
    for (let c = 0; c <= n; c += 1) {
      const groups = sums.groups[c];
      trajectories[0] += groups * (n - c);
      trajectories[1] += groups * c;
      pairs[0] += groups * c * (c - 1);
      pairs[1] += groups * c * (n - c);
      pairs[2] += groups * (n - c) * (n - c - 1);
      for (let i = 0; i < SECOND_MOMENTS; i += 1) second[i] += sums.second[c * SECOND_MOMENTS + i];
      for (const outcome of [0, 1] as const) {
        const first = (c * 2 + outcome) * cells;
        for (let cell = 0; cell < cells; cell += 1) {
          const count = sums.counts[first + cell];
          normSq[outcome] += count * this.#normSq[cell];
          diagonal[outcome] += count * this.#integerNormSq[cell];
        }
      }
    }
    return {
      correctNormSq: normSq[1] / trajectories[1],
      wrongNormSq: normSq[0] / trajectories[0],
      correctPair: ((second[0] - diagonal[1]) / pairs[0]) * UNIT - this.#pairRounding[0],
      mixedPair: (second[1] / pairs[1]) * UNIT - this.#pairRounding[1],
      wrongPair: ((second[2] - diagonal[0]) / pairs[2]) * UNIT - this.#pairRounding[2],
    };
  }

  /** N/(N−1) [mean |G|² − |mean G|²] */
  directVariance(sums: BlockSums, table: WeightTable): number {
    const { groupCount } = sums;
    let square = 0;
    let rounding = 0;
    for (let c = 0; c <= this.#n; c += 1) {
      const factors = weightFactors(table, c);
      factors.forEach((factor, i) => {
        square += factor * sums.second[c * SECOND_MOMENTS + i];
        rounding += factor * this.#probabilities[c] * this.#secondRounding[c][i];
      });
    }
    const meanSquare = (square * UNIT) / groupCount - rounding;
    const normSq = this.meanGradient(sums, table).reduce((sum, value) => sum + value * value, 0);
    return ((meanSquare - normSq) * groupCount) / (groupCount - 1);
  }

  /** Mean of G: [cells] */
  meanGradient(sums: BlockSums, table: WeightTable): Float64Array {
    return measuredGradient(this.#problem, this.#prompt, sums, sums.groupCount, table).mean;
  }
}

/** w1², 2 w1 w0, w0²: the coefficients of S11, S10, S00 in |G|². */
function weightFactors(table: WeightTable, c: number): readonly [number, number, number] {
  const [w1, w0] = [table.correct[c], table.wrong[c]];
  return [w1 * w1, 2 * w1 * w0, w0 * w0];
}

/** The exact moments; those of an impossible outcome are 0 and carry no weight. */
export function exactScoreMoments(theory: PromptTheory): ScoreMoments {
  const { correct, wrong } = theory;
  return {
    correctNormSq: correct?.scoreNormSq ?? 0,
    wrongNormSq: wrong?.scoreNormSq ?? 0,
    correctPair: correct ? correct.scoreNormSq - correct.scoreVariance : 0,
    mixedPair: meanScoreProduct(theory),
    wrongPair: wrong ? wrong.scoreNormSq - wrong.scoreVariance : 0,
  };
}

/** μ_1·μ_0 = −|g|²/(pq), from g/min(p, q). */
function meanScoreProduct({ direction, successProb, failureProb }: PromptTheory): number {
  const [rarer, commoner] = [Math.min(successProb, failureProb), Math.max(successProb, failureProb)];
  return (-direction.reduce((sum, mean) => sum + mean * mean, 0) * rarer) / commoner;
}

/** E[|Σ_correct s|² | c], E[Σ_correct s · Σ_wrong s | c], E[|Σ_wrong s|² | c] */
export function expectedSecond(
  moments: ScoreMoments,
  n: number,
  c: number,
): readonly [number, number, number] {
  const wrong = n - c;
  return [
    c * moments.correctNormSq + c * (c - 1) * moments.correctPair,
    c * wrong * moments.mixedPair,
    wrong * moments.wrongNormSq + wrong * (wrong - 1) * moments.wrongPair,
  ];
}

/** E[|G|² | c] */
export function expectedNormSq(moments: ScoreMoments, table: WeightTable, c: number): number {
  const second = expectedSecond(moments, table.n, c);
  return weightFactors(table, c).reduce((sum, factor, i) => sum + factor * second[i], 0);
}

/**
 * Var G as a linear form in the score moments, with the exact P(c):
 *   L1 (F_1 − |μ_1|²) + L0 (F_0 − |μ_0|²) + Var(c w1) |μ_1|² + 2 Cov(c w1, (n−c) w0) μ_1·μ_0 + Var((n−c) w0) |μ_0|²
 */
export class StructuralLaw {
  readonly #correctLoad: number;
  readonly #wrongLoad: number;
  readonly #correctVariance: number;
  readonly #covariance: number;
  readonly #wrongVariance: number;

  constructor(table: WeightTable, theory: PromptTheory) {
    const probabilities = binomialProbabilities(table.n, theory.successProb, theory.failureProb);
    const { correctTotal: fromCorrect, wrongTotal: fromWrong } = table;
    const mean = (values: Float64Array): number =>
      values.reduce((sum, value, c) => sum + probabilities[c] * value, 0);
    const [meanCorrect, meanWrong] = [mean(fromCorrect), mean(fromWrong)];
    const product = (a: Float64Array, meanA: number, b: Float64Array, meanB: number): number =>
      probabilities.reduce((sum, prob, c) => sum + prob * (a[c] - meanA) * (b[c] - meanB), 0);
    this.#correctLoad = mean(fromCorrect.map((value, c) => value * table.correct[c]));
    this.#wrongLoad = mean(fromWrong.map((value, c) => value * table.wrong[c]));
    this.#correctVariance = product(fromCorrect, meanCorrect, fromCorrect, meanCorrect);
    this.#covariance = product(fromCorrect, meanCorrect, fromWrong, meanWrong);
    this.#wrongVariance = product(fromWrong, meanWrong, fromWrong, meanWrong);
  }

  variance(moments: ScoreMoments): number {
    // A load of 0 makes the moments of an outcome that was never seen, NaN, irrelevant.
    const term = (load: number, value: number): number => (load === 0 ? 0 : load * value);
    return (
      term(this.#correctLoad, moments.correctNormSq - moments.correctPair) +
      term(this.#wrongLoad, moments.wrongNormSq - moments.wrongPair) +
      term(this.#correctVariance, moments.correctPair) +
      term(2 * this.#covariance, moments.mixedPair) +
      term(this.#wrongVariance, moments.wrongPair)
    );
  }
}
