/**
 * The ends of J1, sampled by classes: slopes given the outcome, and variances by c, where plain sampling would see nothing but
 * failures, or nothing but successes. One pass with groups of every c serves both.
 */
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import type { SamplingJob } from '../../engine/sampler.ts';
import { BATCH_COUNT } from '../../engine/tally.ts';
import {
  classCellComparisons,
  classCellPValues,
  classCheck,
  classMeanResult,
  measuredClassMean,
} from '../../lab/classChecks.ts';
import { isOutOfReach, openReason, resolvedBy, type Bound } from '../../lab/classPlan.ts';
import { VARIANCE_ROUNDS, varianceByClass, type VarianceByClass } from '../../lab/classVariance.ts';
import { judge, judgeParts, type Ending, type Family } from '../../lab/judge.ts';
import type { ClassCheck, Estimate, FamilySummary } from '../../lab/results.ts';
import type { SampledRange } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { compileProblem, type Problem, type ProblemSource } from '../../problem/problem.ts';
import { classCell, classLaw, type ClassLaw } from '../../theory/classLaw.ts';
import { signalToNoise, weightMoments } from '../../theory/estimatorTheory.ts';
import { solvePrompt, type PromptTheory } from '../../theory/promptTheory.ts';
import type { EndCell, EndResult } from './result.ts';

export const END_SLOPES: Family = { id: 'endSlopes', question: 'slopes given the outcome at the ends of J1' };
export const END_VARIANCES: Family = {
  id: 'endVariances',
  question: 'variances by c at the ends of J1, Student t of 32 blocks',
};
export const END_CELLS: Family = {
  id: 'endCells',
  question: 'tally cells at the ends of J1, exactly binomial',
};

export interface EndPrompt {
  readonly problem: Problem;
  readonly promptIndex: number;
  readonly theory: PromptTheory;
  readonly law: ClassLaw;
}

export function endsOf(problem: Problem, promptIndices: readonly number[]): EndPrompt[] {
  return promptIndices.map((promptIndex) => {
    const prompt = problem.prompts[promptIndex];
    const theory = solvePrompt(problem, prompt);
    const law = classLaw(problem, prompt, theory);
    if (!law) throw new Error(`prompt ${prompt.id}: an end of J1 is neither 0 nor 1`);
    return { problem, promptIndex, theory, law };
  });
}

/** Rounds of 128 groups of each c. */
const ROUNDS: Readonly<Record<Preset, number>> = {
  quick: VARIANCE_ROUNDS,
  standard: 8 * VARIANCE_ROUNDS,
  full: 64 * VARIANCE_ROUNDS,
};

const NEEDLE_HORIZON = 16;
const NEEDLE_PROB = 1e-100;
const STEP = 5.623413251903491e-7;

/** Sixteen tokens, each right with a chance of 1e-100^(1/16) = 5.6e-7; the last one in two ways, so that correct scores differ. */
export function needleProblem(): Problem {
  const shares = [0.4, 0.3, 0.2, 0.1];
  const early = [STEP, 0, ...shares.map((share) => share * (1 - STEP))];
  const last = [0.7 * STEP, 0.3 * STEP, ...shares.map((share) => share * (1 - STEP))];
  const zeros = new Array<number>(NEEDLE_HORIZON - 1).fill(0);
  const source: ProblemSource = {
    format: 'passk-problem@1',
    vocab: early.length,
    horizon: NEEDLE_HORIZON,
    context: 'none',
    prompts: [
      {
        id: `needle-${NEEDLE_PROB}`,
        probabilities: [...zeros.map(() => early), last],
        accept: { sequences: [0, 1].map((token) => [...zeros, token]) },
      },
    ],
  };
  return compileProblem(source);
}

/** Groups of every c of a problem's ends, as many rounds as variances need. */
export function endJob(
  problem: Problem,
  ends: readonly EndPrompt[],
  { groupSize, seed, drawId }: Pick<SamplingJob, 'groupSize' | 'seed' | 'drawId'>,
  preset: Preset,
): SamplingJob {
  return {
    ...{ problem, groupSize, seed, drawId, level: 'full', given: 'each' },
    ranges: ends
      .filter((end) => end.problem === problem)
      .map(({ promptIndex }) => ({
        prompt: promptIndex,
        firstGroup: 0,
        groupCount: ROUNDS[preset] * BATCH_COUNT * (groupSize + 1),
      })),
  };
}

export function measureEnds(
  ends: readonly EndPrompt[],
  jobs: readonly SamplingJob[],
  ranges: readonly (readonly SampledRange[])[],
  tables: readonly WeightTable[],
  ending: Ending,
): { readonly results: EndResult[]; readonly families: FamilySummary[] } {
  if (ending !== 'complete') return { results: [], families: [] };
  const unbiased = tables.filter(
    ({ estimatorId }) => (findEstimator(estimatorId)?.objective.estimates ?? 'other') !== 'other',
  );
  const slopeLevel = FAMILY_LEVEL / Math.max(1, unbiased.length * ends.length);
  const varianceLevel = FAMILY_LEVEL / Math.max(1, tables.length * ends.length);
  const { groupSize, ranges: planned } = jobs[0];
  const designed = Array.from({ length: groupSize + 1 }, () => planned[0].groupCount / (groupSize + 1));
  const cellLevel =
    FAMILY_LEVEL / ends.reduce((sum, { law }) => sum + classCellComparisons(law, designed), 0);
  const raw = ends.map((end) => {
    const job = jobs.findIndex(({ problem }) => problem === end.problem);
    const sampled = ranges[job].find(({ range }) => range.prompt === end.promptIndex)!;
    return measureEnd(end, sampled, tables, unbiased, designed, { slopeLevel, varianceLevel, cellLevel });
  });
  const slopes = judge(
    END_SLOPES,
    raw.flatMap(({ slopes: own }) => [...own.values()]),
    ending,
  );
  const variances = judge(
    END_VARIANCES,
    raw.flatMap(({ cells }) => cells.map(({ variance }) => variance)),
    ending,
  );
  const counts = judgeParts(
    END_CELLS,
    raw.map(({ cellPValues }) => cellPValues),
    ending,
  );
  return {
    families: [slopes.summary, variances.summary, counts.summary],
    results: raw.map(({ result, cells, slopes: own }, i) => ({
      ...result,
      cells: cells.map((cell, at): EndCell => {
        const check = own.get(tables[at]);
        return { ...cell, slope: check ? slopes.of(check) : null, variance: variances.of(cell.variance) };
      }),
      counts: counts.parts[i],
    })),
  };
}

function measureEnd(
  { problem, promptIndex, theory, law }: EndPrompt,
  { tally, groupCount }: SampledRange,
  tables: readonly WeightTable[],
  unbiased: readonly WeightTable[],
  designed: readonly number[],
  levels: { readonly slopeLevel: number; readonly varianceLevel: number; readonly cellLevel: number },
): {
  readonly result: Omit<EndResult, 'cells' | 'counts'>;
  readonly cells: readonly Omit<EndCell, 'slope'>[];
  readonly slopes: ReadonlyMap<WeightTable, ClassCheck>;
  readonly cellPValues: readonly number[];
} {
  const correct = measuredClassMean(law, 1, tally);
  const wrong = measuredClassMean(law, 0, tally);
  const counts = { correct: correct.count, wrong: wrong.count };
  const slopes = new Map(
    unbiased.map((table): [WeightTable, ClassCheck] => {
      const cell = classCell(table, law, theory);
      const decided: Bound | null = resolvedBy(cell, law, counts, levels.slopeLevel);
      const check = classCheck(cell, law, correct, wrong, levels.slopeLevel, decided);
      if (decided !== null) return [table, check];
      const open = openReason(cell, law, counts, levels.slopeLevel, counts.correct + counts.wrong);
      const beyond = isOutOfReach(cell, levels.slopeLevel);
      return [table, { ...check, open, verdict: beyond ? 'out of reach' : 'inconclusive' }];
    }),
  );
  return {
    result: {
      place: `J1 = ${problem.prompts[promptIndex].id}`,
      successProb: theory.successProb,
      failureProb: theory.failureProb,
      groupCount,
      means: [classMeanResult(law, 1, correct), classMeanResult(law, 0, wrong)],
    },
    slopes,
    cells: tables.map((table) => {
      const variance = varianceByClass(law, theory, table, tally, levels.varianceLevel);
      const snr = signalToNoise(weightMoments(table, theory.successProb, theory.failureProb), theory);
      return {
        estimator: table.estimatorId,
        k: table.k,
        variance,
        snr,
        measuredSnr: measuredSnr(snr, variance),
      };
    }),
    cellPValues: classCellPValues(law, tally, designed, levels.cellLevel),
  };
}

/** |E G|² is exact; of Var G the measured part is, and the rest is exact. */
function measuredSnr(snr: number | null, { ratio, share }: VarianceByClass): Estimate | null {
  if (snr === null || ratio === null) return null;
  const over = (part: number): number => snr / (share * part + 1 - share);
  return {
    value: over(ratio.value),
    standardError: (over(ratio.value) ** 2 / snr) * share * ratio.standardError,
    low: over(ratio.high),
    high: over(Math.max(0, ratio.low)),
    level: ratio.level,
    count: ratio.count,
  };
}
