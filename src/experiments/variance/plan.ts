/**
 * The plan of experiment `variance`: problems, group sizes and numbers of groups, from the configuration and exact theory.
 *
 * Every group size gets the same number of trajectories, so that n = 4 with many groups and n = 64 with few can be
 * compared. The number is what the whole catalogue needs, whatever is asked for: more estimators or ks cost no sampling,
 * and change no tally.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { binomialProbabilities } from '../../math/binomial.ts';
import { estimators } from '../../estimators/estimators.ts';
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import { oracleMinimumVariance } from '../../theory/oracleMinimum.ts';
import { compileProblem, type Problem, type Prompt } from '../../problem/problem.ts';
import { solvePrompt, type PromptTheory } from '../../theory/promptTheory.ts';
import { weightTables, type NotDefined, type WeightTable } from '../../estimators/weightTables.ts';
import { evenBandit } from '../../problem/workloads.ts';
import type { SamplingJob } from '../../engine/sampler.ts';
import { BATCH_COUNT } from '../../engine/tally.ts';
import { VARIANCE_ROUNDS } from '../../lab/classVariance.ts';
import { classLaw, type ClassLaw } from '../../theory/classLaw.ts';
import { exactScoreMoments, expectedNormSq, StructuralLaw } from './blockMoments.ts';
import { tableLaw, type TableLaw } from '../../theory/promptLaw.ts';
import { blockRanges } from '../../lab/sampleJobs.ts';
import type { Config, Preset } from '../../lab/settings.ts';

/** One for each group size. */
export const DRAW_IDS = [0x300, 0x3ff] as const satisfies DrawIds;
/** Where the ids of groups by c begin. */
const CLASS_IDS = 0x80;
/** Rounds of 128 groups of each c. */
const CLASS_ROUNDS: Readonly<Record<Preset, number>> = {
  quick: VARIANCE_ROUNDS,
  standard: 8 * VARIANCE_ROUNDS,
  full: 64 * VARIANCE_ROUNDS,
};
/** Independent repetitions for the jackknife. */
export const BLOCK_COUNT = 32;
/** A block needs this many informative groups before Student's t may be trusted. */
const GROUPS_PER_BLOCK = 40;
/** Relative standard error that groups are planned for. */
export const AIMED_ERROR = 0.005;
/** A direct variance that needs more groups than this for it is not planned for, and stays inconclusive. */
const MOST_GROUPS = 1e7;

const ARMS = 6;
const CORRECT_ARMS = 2;
const SUCCESS_PROBS = [0.1, 0.5, 0.9];
export const DESCRIPTION = `${ARMS} arms, ${CORRECT_ARMS} correct, J1 = ${SUCCESS_PROBS.join(', ')}`;

export interface PlannedCell {
  readonly law: TableLaw;
  readonly structural: StructuralLaw;
  /** least variance of any unbiased member; null for estimators without k */
  readonly oracleMinimum: number | null;
  /** groups for AIMED_ERROR on the direct variance, by theory */
  readonly directGroups: number;
  /** whether Student's t may be trusted with it: decided before any group is drawn */
  readonly isDirectTestable: boolean;
}

export interface PlannedPrompt {
  readonly n: number;
  readonly prompt: Prompt;
  readonly promptIndex: number;
  readonly theory: PromptTheory;
  /** null where an outcome is impossible */
  readonly classLaw: ClassLaw | null;
  readonly blockSize: number;
  readonly cells: readonly PlannedCell[];
}

export interface VariancePlan {
  readonly problem: Problem;
  /** one per group size */
  readonly jobs: readonly SamplingJob[];
  /** one per group size: groups of every c, for variances where plain sampling has too few */
  readonly classJobs: readonly SamplingJob[];
  /** [jobs][prompts] */
  readonly prompts: readonly (readonly PlannedPrompt[])[];
  readonly notDefined: readonly NotDefined[];
}

/** @param own tables from a file, at their own n and k */
export function planVariance(config: Config, own: readonly WeightTable[]): VariancePlan {
  const problem = compileProblem(evenBandit(ARMS, CORRECT_ARMS, SUCCESS_PROBS));
  const solved = problem.prompts.map((prompt) => solvePrompt(problem, prompt));
  const chosen = config.estimators.flatMap((id) => findEstimator(id) ?? []);
  const groupSizes = [...new Set([...config.groupSizes, ...own.map(({ n }) => n)])];
  const samples = solved.map((theory) =>
    Math.min(config.varianceSamples, Math.max(...groupSizes.map((n) => neededSamples(theory, n)))),
  );
  const byGroupSize = groupSizes.map((n, index) => {
    const mine = own.filter((table) => table.n === n);
    // An own estimator stands beside the catalogue's at its k.
    const ks = [...new Set([...config.ks, ...mine.flatMap(({ k }) => k ?? [])])].filter((k) => k <= n);
    const { tables, notDefined } = weightTables(chosen, [n], ks);
    const all = [...tables, ...mine];
    const prompts = problem.prompts.map((prompt, promptIndex): PlannedPrompt => {
      const theory = solved[promptIndex];
      const blockSize = Math.max(2, Math.ceil(samples[promptIndex] / n / BLOCK_COUNT));
      return {
        n,
        prompt,
        promptIndex,
        theory,
        classLaw: classLaw(problem, prompt, theory),
        blockSize,
        cells: all.map((table) => planCell(table, theory, blockSize)),
      };
    });
    const job: SamplingJob = {
      problem,
      groupSize: n,
      level: 'full',
      seed: config.seed,
      drawId: drawId(DRAW_IDS, index),
      ranges: blockRanges(
        BLOCK_COUNT,
        prompts.map(({ blockSize }) => blockSize),
      ),
    };
    const rare = prompts.filter(({ cells }) => cells.some(({ isDirectTestable }) => !isDirectTestable));
    const classJob: SamplingJob = {
      ...{ problem, groupSize: n, level: 'moments', seed: config.seed },
      drawId: drawId(DRAW_IDS, CLASS_IDS + index),
      given: 'each',
      ranges: rare.map(({ promptIndex }) => ({
        prompt: promptIndex,
        firstGroup: 0,
        groupCount: CLASS_ROUNDS[config.preset] * BATCH_COUNT * (n + 1),
      })),
    };
    return { job, classJob, prompts, notDefined };
  });
  return {
    problem,
    jobs: byGroupSize.map(({ job }) => job),
    classJobs: byGroupSize.map(({ classJob }) => classJob),
    prompts: byGroupSize.map(({ prompts }) => prompts),
    notDefined: byGroupSize.flatMap(({ notDefined }) => notDefined),
  };
}

function planCell(table: WeightTable, theory: PromptTheory, blockSize: number): PlannedCell {
  const law = tableLaw(table, theory);
  const { mean, square, cube } = normSqMoments(table, theory);
  // Student's t needs frequent events: this share of the groups makes |G|² what it is.
  const informative = Math.min(mean ** 2 / square, square ** 3 / cube ** 2);
  return {
    law,
    structural: new StructuralLaw(table, theory),
    oracleMinimum:
      table.k === null || table.k > table.n ? null : oracleMinimumVariance(theory, table.n, table.k),
    directGroups: directGroups(square, law.totalVariance),
    // Weights that are all 0 are seen exactly.
    isDirectTestable: square === 0 || blockSize * informative >= GROUPS_PER_BLOCK,
  };
}

/** First three moments of E[|G|² | c]. */
function normSqMoments(
  table: WeightTable,
  theory: PromptTheory,
): { readonly mean: number; readonly square: number; readonly cube: number } {
  const moments = exactScoreMoments(theory);
  let [mean, square, cube] = [0, 0, 0];
  binomialProbabilities(table.n, theory.successProb, theory.failureProb).forEach((prob, c) => {
    const value = expectedNormSq(moments, table, c);
    mean += prob * value;
    square += prob * value ** 2;
    cube += prob * value ** 3;
  });
  return { mean, square, cube };
}

/** Given c, |G|² is taken to vary like an exponential, E|G|⁴ = 2 (E|G|²)²: more than it does. */
function directGroups(square: number, variance: number): number {
  return variance === 0 ? 0 : (2 * square) / (variance * AIMED_ERROR) ** 2;
}

/** Trajectories for AIMED_ERROR on every direct variance of the catalogue that MOST_GROUPS can give it to. */
function neededSamples(theory: PromptTheory, n: number): number {
  const ks = Array.from({ length: n }, (_, i) => i + 1);
  const needed = weightTables(estimators, [n], ks).tables.map((table) =>
    directGroups(normSqMoments(table, theory).square, tableLaw(table, theory).totalVariance),
  );
  return n * Math.ceil(Math.max(...needed.filter((groups) => groups <= MOST_GROUPS)));
}
