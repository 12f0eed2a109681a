/** Experiment `variance`: one prompt's blocks of groups turned into estimates, each beside its exact value. */
import { signalToNoise, varianceSplit } from '../../theory/estimatorTheory.ts';
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import type { Problem } from '../../problem/problem.ts';
import { jackknife, type JackknifeEstimate } from '../../math/stats/jackknife.ts';
import { studentPValue, studentQuantile } from '../../math/stats/tails.ts';
import { RESOLVED_DEVIATION, RESOLVED_POWER_Z } from '../../math/stats/verdict.ts';
import { addBlocks, blockSums, MomentReader, without, type BlockSums } from './blockMoments.ts';
import { estimate, INTERVAL_LEVEL, meanPValue, studentEstimate, zScore } from '../../lab/checks.ts';
import { neededGroups, resolves } from '../../theory/promptLaw.ts';
import { varianceByClass } from '../../lab/classVariance.ts';
import type { Estimate } from '../../lab/results.ts';
import type { PromptTally } from '../../engine/tally.ts';
import type { MeasuredVariance, VarianceCell } from './result.ts';
import type { SampledRange } from '../../lab/sampleJobs.ts';
import { AIMED_ERROR, type PlannedCell, type PlannedPrompt } from './plan.ts';

/**
 * @param ranges the prompt's blocks
 * @param byClass groups of every c; null where none were drawn
 * @param level of one comparison at its family's first Holm step
 */
export function measurePrompt(
  problem: Problem,
  planned: PlannedPrompt,
  ranges: readonly SampledRange[],
  byClass: PromptTally | null,
  level: number,
): VarianceCell[] {
  const { prompt, theory, n, cells } = planned;
  const reader = new MomentReader(problem, prompt, theory, n);
  const blocks = ranges.filter(({ groupCount }) => groupCount > 0).map(({ tally }) => blockSums(tally));
  if (blocks.length < 2) return [];
  const total = addBlocks(blocks);
  const leftOut = blocks.map((block) => without(total, block));
  const read = (sums: BlockSums): Reading => ({ sums, moments: reader.scoreMoments(sums) });
  const whole = read(total);
  const others = leftOut.map(read);
  const { classLaw } = planned;
  return cells.map((cell) => ({
    ...measureCell(reader, planned, cell, whole, others, level),
    byClass:
      cell.isDirectTestable || !classLaw || !byClass
        ? null
        : varianceByClass(classLaw, theory, cell.law.table, byClass, level),
  }));
}

interface Reading {
  readonly sums: BlockSums;
  readonly moments: ReturnType<MomentReader['scoreMoments']>;
}

function measureCell(
  reader: MomentReader,
  { theory, n }: PlannedPrompt,
  cell: PlannedCell,
  whole: Reading,
  others: readonly Reading[],
  level: number,
): Omit<VarianceCell, 'byClass'> {
  const { law, structural } = cell;
  const { table, weights, trueSlope, totalVariance } = law;
  const { groupCount } = whole.sums;
  const slopeOf = ({ sums }: Reading): number =>
    reader.meanGradient(sums, table).reduce((sum, mean, j) => sum + mean * theory.gradient[j], 0) /
    theory.gradientNormSq;
  const structuralOf = ({ moments }: Reading): number => structural.variance(moments);
  const directOf = ({ sums }: Reading): number => reader.directVariance(sums, table);
  const estimated = (of: (reading: Reading) => number): JackknifeEstimate =>
    jackknife(of(whole), others.map(of));
  const slope = slopeOf(whole);
  const snr = signalToNoise(weights, theory);
  const target = aimedAlpha(cell);
  const { along, across } = varianceSplit(weights, theory);
  const needed = neededGroups({ ...law, slope: trueSlope }, level);
  const slopeEstimate = estimate(slope, trueSlope, groupCount);
  const structuralVariance = measuredVariance(estimated(structuralOf), totalVariance, groupCount, level);
  return {
    estimator: table.estimatorId,
    k: table.k,
    alpha: target,
    effectiveAlpha: weights.effectiveAlpha,
    bias: target === null ? null : { exact: weights.effectiveAlpha - target, measured: slope - target },
    zeroSignalProb: weights.zeroSignalProb,
    slope: {
      ...slopeEstimate,
      z: zScore(slope, trueSlope, groupCount),
      pValue: meanPValue(slope, trueSlope, groupCount, 1e-12 * Math.abs(weights.effectiveAlpha)),
      neededGroups: Number.isFinite(needed) ? needed : null,
      verdict: resolves(trueSlope, groupCount, level) ? 'agree' : 'inconclusive',
    },
    variance: totalVariance,
    varianceAlong: along,
    varianceAcross: across,
    oracleMinimum: cell.oracleMinimum,
    structural: structuralVariance,
    direct: cell.isDirectTestable
      ? measuredVariance(estimated(directOf), totalVariance, groupCount, level)
      : rareVariance(directOf(whole), cell.directGroups, groupCount),
    snr,
    measuredSnr: snr === null ? null : measuredSnr(slopeEstimate, structuralVariance, theory.gradientNormSq),
    samplesForSnr1: snr === null || snr === 0 ? null : n / snr,
  };
}

/**
 * slope² |g|² / Var G with an interval that holds where the slope is not resolved, too, and its square has no normal spread: the
 * ends of |slope|, squared, over the ends of the variance.
 */
function measuredSnr(slope: Estimate, variance: MeasuredVariance, normSq: number): Estimate | null {
  const { low, high } = variance;
  if (low === null || high === null || variance.value <= 0 || low <= 0) return null;
  const half = Math.max(slope.high - slope.value, slope.value - slope.low);
  const size = Math.abs(slope.value);
  const over = (root: number, divisor: number): number => (root * root * normSq) / divisor;
  const value = over(size, variance.value);
  return {
    value,
    // Of the slope's square, and of the variance it is divided by.
    standardError: Math.hypot(
      2 * Math.sqrt(value * over(slope.standardError, variance.value)),
      value * ((variance.standardError ?? 0) / variance.value),
    ),
    low: over(Math.max(0, size - half), high),
    high: over(size + half, low),
    level: slope.level,
    count: slope.count,
  };
}

/** α of the pass@k (or pass@1) that the estimator is meant for; null where it aims at neither. */
function aimedAlpha({ law: { table, alpha } }: PlannedCell): number | null {
  if (table.k !== null) return alpha;
  return findEstimator(table.estimatorId)?.objective.estimates === 'pass@1' ? 1 : null;
}

function measuredVariance(
  measured: JackknifeEstimate,
  exact: number,
  groupCount: number,
  level: number,
): MeasuredVariance {
  const { value, standardError, degreesOfFreedom } = measured;
  const deviation = value - exact;
  // A variance that is the same in every block, such as 0, is exact up to rounding.
  const isExact = standardError <= 1e-13 * Math.abs(exact);
  const z = isExact ? null : deviation / standardError;
  const pValue =
    z === null ? (Math.abs(deviation) <= 1e-9 * Math.abs(exact) ? 1 : 0) : studentPValue(z, degreesOfFreedom);
  const relativeError = exact === 0 ? 0 : standardError / exact;
  const seen = relativeError * (studentQuantile(level, degreesOfFreedom) + RESOLVED_POWER_Z);
  return {
    ...studentEstimate(measured, groupCount),
    relativeError,
    z,
    pValue,
    neededGroups: Math.ceil(groupCount * (relativeError / AIMED_ERROR) ** 2),
    verdict: seen <= RESOLVED_DEVIATION ? 'agree' : 'inconclusive',
  };
}

/** Where weights are too rare for a spread to be seen: a value, no error, and how many groups it would take. */
function rareVariance(value: number, directGroups: number, count: number): MeasuredVariance {
  return {
    value,
    standardError: null,
    low: null,
    high: null,
    level: INTERVAL_LEVEL,
    count,
    relativeError: null,
    z: null,
    pValue: null,
    neededGroups: Math.ceil(directGroups),
    verdict: 'inconclusive',
  };
}
