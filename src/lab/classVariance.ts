/**
 * The variance of an estimator by c: groups of every c are drawn by design, and put together with the exact P(c), so that it is
 * known where such groups never occur. Of
 *
 *   Var G = Σ_c P(c) ( E[|G|² | c] − |E[G | c]|² ) + |g|² Var h(c)
 *
 * the first part is measured, the second exact; a check is of the first part alone, for the second would agree by itself.
 */
import { secondMomentLaw } from '../engine/secondMoments.ts';
import { BATCH_COUNT, SECOND_MOMENTS, type PromptTally } from '../engine/tally.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import { binomialLogProbabilities } from '../math/binomial.ts';
import { studentPValue, studentQuantile } from '../math/stats/tails.ts';
import { RESOLVED_DEVIATION, RESOLVED_POWER_Z } from '../math/stats/verdict.ts';
import type { ClassLaw } from '../theory/classLaw.ts';
import { totalVariance, weightMoments } from '../theory/estimatorTheory.ts';
import type { PromptTheory } from '../theory/promptTheory.ts';
import { INTERVAL_LEVEL } from './checks.ts';
import type { Check, Estimate } from './results.ts';

/** Independent repetitions: every block has groups of every c. */
const BLOCKS = 32;
/** Groups of each c in a block, at least, before Student's t may be trusted. */
export const GROUPS_PER_STRATUM = 16;
/** Rounds of 128 groups of each c: four times as many, so that most variances are known to a per cent. */
export const VARIANCE_ROUNDS = (4 * GROUPS_PER_STRATUM * BLOCKS) / BATCH_COUNT;
/** A class that carries less of the measured part than this need not vary often. */
const NEGLIGIBLE = 0.01;
/** Expected trajectories of a block that differ from the commonest of their class. */
const DIFFERENT_PER_BLOCK = 20;

export interface VarianceByClass extends Omit<Check, 'pValue'> {
  /** null where the spread of a class comes from trajectories too rare to be seen */
  readonly pValue: number | null;
  /** the measured part over its exact value, with Student's interval; null where nothing of it varies */
  readonly ratio: Estimate | null;
  /** of Var G, exact: what the measured part is */
  readonly share: number;
}

/**
 * @param tally of every c in turn, level `moments` or `full`
 * @param level of one comparison at its family's first Holm step
 */
export function varianceByClass(
  law: ClassLaw,
  theory: PromptTheory,
  table: WeightTable,
  tally: PromptTally,
  level: number,
): VarianceByClass {
  const { n } = table;
  const { second } = tally;
  if (!second) throw new RangeError("tally: expected level 'moments', got a tally without second moments");
  const logs = binomialLogProbabilities(n, theory.successProb, theory.failureProb);
  const { expected, pairs } = secondMomentLaw(law.problem, law.prompt, roundedTheory(law, theory), n);
  const [k11, k10, k00] = pairs;
  // Per unit of the largest P(c) (c w1² + (n − c) w0²): P(c) alone may underflow, and so may Var G.
  const sizes = Array.from(logs, (log, c) => {
    const load = c * table.correct[c] ** 2 + (n - c) * table.wrong[c] ** 2;
    return load > 0 ? log + Math.log(load) : -Infinity;
  });
  const largest = Math.max(...sizes);
  const nothing: VarianceByClass = { ratio: null, share: 0, pValue: 1, z: null, verdict: 'not rejected' };
  if (largest === -Infinity) return nothing;
  const strata = Array.from({ length: n + 1 }, (_, c) => c)
    .filter((c) => sizes[c] > largest - 700)
    .map((c) => {
      const [w1, w0] = [table.correct[c], table.wrong[c]];
      const [s11, s10, s00] = expected(c);
      const apart = n - c;
      const squaredMean =
        w1 * w1 * c * c * k11 + 2 * w1 * w0 * c * apart * k10 + w0 * w0 * apart * apart * k00;
      return {
        c,
        ...{ w1, w0, squaredMean },
        prob: Math.exp(logs[c] - largest),
        ofCorrect: w1 * w1 * (s11 - c * c * k11),
        ofWrong: w0 * w0 * (s00 - apart * apart * k00),
        s10: 2 * w1 * w0 * (s10 - c * apart * k10),
      };
    });
  const exact = strata.reduce(
    (sum, { prob, ofCorrect, ofWrong, s10 }) => sum + prob * (ofCorrect + ofWrong + s10),
    0,
  );
  const share = shareOfVariance(table, theory);
  if (!(exact > 0)) return nothing;
  const perStratum = tally.groups[0] / BLOCKS;
  const blocks = Float64Array.from({ length: BLOCKS }, (_, block) => {
    let value = 0;
    for (const { c, w1, w0, prob, squaredMean } of strata) {
      const sums = [0n, 0n, 0n];
      for (let batch = block; batch < BATCH_COUNT; batch += BLOCKS)
        for (let m = 0; m < SECOND_MOMENTS; m += 1)
          sums[m] += second[(batch * (n + 1) + c) * SECOND_MOMENTS + m];
      const [s11, s10, s00] = sums.map((sum) => Number(sum) / perStratum);
      value += prob * (w1 * w1 * s11 + 2 * w1 * w0 * s10 + w0 * w0 * s00 - squaredMean);
    }
    return value / exact;
  });
  const mean = blocks.reduce((sum, value) => sum + value, 0) / BLOCKS;
  const spread = blocks.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (BLOCKS - 1);
  const standardError = Math.sqrt(spread / BLOCKS);
  const freedom = BLOCKS - 1;
  const half = standardError * studentQuantile(1 - INTERVAL_LEVEL, freedom);
  const ratio: Estimate = {
    value: mean,
    standardError,
    low: mean - half,
    high: mean + half,
    level: INTERVAL_LEVEL,
    count: tally.groups.reduce((sum, groups) => sum + groups, 0),
  };
  const isTestable =
    perStratum >= GROUPS_PER_STRATUM && variesOften(theory, strata, exact, perStratum * ((n * (n + 1)) / 2));
  // The same in every block: exact, up to rounding.
  if (standardError <= 1e-12)
    return { ratio, share, z: null, pValue: Math.abs(mean - 1) < 1e-9 ? 1 : 0, verdict: 'agree' };
  const z = (mean - 1) / standardError;
  const seen = standardError * (studentQuantile(level, freedom) + RESOLVED_POWER_Z);
  return {
    ratio,
    share,
    z,
    pValue: isTestable ? studentPValue(z, freedom) : null,
    verdict: isTestable && seen <= RESOLVED_DEVIATION ? 'agree' : 'inconclusive',
  };
}

/** Whether the classes that carry the measured part differ often enough within a block. @param drawn trajectories of a class in a block */
function variesOften(
  { correct, wrong }: PromptTheory,
  strata: readonly { readonly prob: number; readonly ofCorrect: number; readonly ofWrong: number }[],
  exact: number,
  drawn: number,
): boolean {
  const part = (of: 'ofCorrect' | 'ofWrong'): number =>
    strata.reduce((sum, stratum) => sum + stratum.prob * stratum[of], 0) / exact;
  const often = (differenceProb = 0): boolean => drawn * differenceProb >= DIFFERENT_PER_BLOCK;
  return (
    (part('ofCorrect') < NEGLIGIBLE || often(correct?.differenceProb)) &&
    (part('ofWrong') < NEGLIGIBLE || often(wrong?.differenceProb))
  );
}

/** The theory with the visits of the chains that are drawn from. */
export function roundedTheory(law: ClassLaw, theory: PromptTheory): PromptTheory {
  const { correct, wrong } = theory;
  return {
    ...theory,
    correct: correct && { ...correct, visits: law.correct.visits },
    wrong: wrong && { ...wrong, visits: law.wrong.visits },
  };
}

/** What the measured part is of Var G, exactly. */
function shareOfVariance(table: WeightTable, theory: PromptTheory): number {
  const weights = weightMoments(table, theory.successProb, theory.failureProb);
  const whole = totalVariance(weights, theory);
  return whole > 0 ? totalVariance({ ...weights, countVariance: 0 }, theory) / whole : 1;
}
