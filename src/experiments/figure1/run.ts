/**
 * Experiment `figure1`: the paper's Figure 1 (Yu 2025) with measured points on it: J_k and α_k / 2 against J1.
 *
 * J_k is measured by the mean of ρ(n, c, k); α_k by the slope of the mean gradient on ∇J1, with the unbiased estimator of
 * the catalogue that has the least exact variance there: chosen by theory, before anything is drawn. Where its weights are too rare
 * for plain sampling, the slope is measured given the outcome.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { endingOf, judge, type Family } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import { estimators } from '../../estimators/estimators.ts';
import { slopeVariance, weightMoments } from '../../theory/estimatorTheory.ts';
import { compileProblem } from '../../problem/problem.ts';
import { weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import { evenBandit } from '../../problem/workloads.ts';
import { everyPrompt, type SamplingJob } from '../../engine/sampler.ts';
import { solvePrompt, type PromptTheory } from '../../theory/promptTheory.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { passAtKCheck, slopeCheck } from '../../lab/checks.ts';
import { measuredGradient } from '../../lab/measure.ts';
import { promptLaw, type PromptLaw } from '../../theory/promptLaw.ts';
import { classCell, classLaw } from '../../theory/classLaw.ts';
import { classCheck, measuredClassMean } from '../../lab/classChecks.ts';
import { resolvedBy } from '../../lab/classPlan.ts';
import type { ClassCheck } from '../../lab/results.ts';
import { BATCH_COUNT, type PromptTally } from '../../engine/tally.ts';
import type { Figure1Result } from './result.ts';
import { sampleJobs, samplingResult } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';

export const DRAW_IDS = [0x500, 0x5ff] as const satisfies DrawIds;
export const FIGURE: Family = { id: 'figure', question: 'points of Figure 1: J_k and alpha_k' };
export const FIGURE_CLASSES: Family = {
  id: 'figureClasses',
  question: 'points of Figure 1 given the outcome: alpha_k',
};
/** Rounds of 128 groups of each c: some 20 thousand trajectories of each outcome at n = 16. */
const CLASS_ROUNDS = 1;
const ARMS = 6;
const CORRECT_ARMS = 2;
/** The axis of the paper's figure is linear in J1. */
const SUCCESS_PROBS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98];
const GROUPS: Readonly<Record<Preset, number>> = { quick: 2 ** 15, standard: 2 ** 17, full: 2 ** 20 };

export async function runFigure1({ config, engine, watcher }: Lab): Promise<Figure1Result> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const n = config.groupSize;
  const ks = config.ks.filter((k) => k <= n);
  const problem = compileProblem(evenBandit(ARMS, CORRECT_ARMS, SUCCESS_PROBS));
  const laws = problem.prompts.map((prompt) => {
    const theory = solvePrompt(problem, prompt);
    return promptLaw(
      problem,
      prompt,
      ks.map((k) => steadiest(theory, n, k)),
    );
  });
  const job: SamplingJob = {
    problem,
    groupSize: n,
    level: 'full',
    seed: config.seed,
    drawId: drawId(DRAW_IDS, 0),
    ranges: everyPrompt(problem, 0, GROUPS[config.preset]),
  };
  const classJob: SamplingJob = {
    ...job,
    drawId: drawId(DRAW_IDS, 1),
    given: 'each',
    ranges: everyPrompt(problem, 0, CLASS_ROUNDS * BATCH_COUNT * (n + 1)),
  };
  const sampling = await sampleJobs([job, classJob], engine, watcher);
  const [ranges, classRanges] = sampling.jobs;
  const ending = endingOf(sampling);
  const level = FAMILY_LEVEL / (2 * ks.length * laws.length);
  const points = laws.map((law, i) => {
    const { tally, groupCount } = ranges[i];
    if (groupCount === 0) return { slopes: [], passAtK: [], classes: [] };
    const slopes = law.tables.map((tableLaw) => {
      const measured = measuredGradient(problem, law.prompt, tally, groupCount, tableLaw.table);
      return slopeCheck(law, tableLaw, measured, groupCount, level);
    });
    return {
      slopes,
      passAtK: ks.map((k) => passAtKCheck(law, tally, groupCount, k)),
      classes: ending === 'complete' ? classChecks(law, classRanges[i].tally, level) : [],
    };
  });
  const judged = judge(
    FIGURE,
    points.flatMap(({ slopes, passAtK }) => [...slopes, ...passAtK]),
    ending,
  );
  const judgedClasses = judge(
    FIGURE_CLASSES,
    points.flatMap(({ classes }) => classes),
    ending,
  );
  return {
    experiment: 'figure1',
    description: `${ARMS} arms, ${CORRECT_ARMS} correct, n = ${n}`,
    ks,
    points: points.map(({ slopes, passAtK, classes }, i) => ({
      successProb: laws[i].theory.successProb,
      slopes: slopes.map(judged.of),
      passAtK: passAtK.map(judged.of),
      // Given the outcome the law of c is theory's: where J_k is rejected nothing is said to agree.
      classes: classes.map((check) => {
        const own = judgedClasses.of(check);
        const stands = passAtK.every((plain) => judged.of(plain).verdict !== 'disagree');
        return own.verdict === 'agree' && !stands
          ? { ...own, verdict: 'inconclusive' as const, open: 'plain checks' as const }
          : own;
      }),
    })),
    ...(await samplingResult(
      sampling,
      [judged.summary, judgedClasses.summary],
      [
        { name: 'figure1', job },
        { name: 'figure1 given the outcome', job: classJob },
      ],
    )),
  };
}

/** The slopes of a prompt given the outcome, over trajectories of groups of every c. */
function classChecks(
  { problem, prompt, theory, tables }: PromptLaw,
  tally: PromptTally,
  level: number,
): ClassCheck[] {
  const law = classLaw(problem, prompt, theory);
  if (!law) return [];
  const [correct, wrong] = [measuredClassMean(law, 1, tally), measuredClassMean(law, 0, tally)];
  const counts = { correct: correct.count, wrong: wrong.count };
  return tables.map(({ table }) => {
    const cell = classCell(table, law, theory);
    return classCheck(cell, law, correct, wrong, level, resolvedBy(cell, law, counts, level));
  });
}

/** The unbiased estimator whose slope varies least. */
function steadiest(theory: PromptTheory, n: number, k: number): WeightTable {
  const candidates = estimators
    .filter(
      ({ objective, usesK, undefinedBecause }) =>
        undefinedBecause(n, k) === null &&
        (usesK ? objective.estimates === 'pass@k' : objective.estimates === 'pass@1' && k === 1),
    )
    .map((estimator) => {
      const table = weightTable(estimator, n, estimator.usesK ? k : null);
      return {
        table,
        variance: slopeVariance(weightMoments(table, theory.successProb, theory.failureProb), theory),
      };
    });
  const [best] = candidates.sort((a, b) => a.variance - b.variance);
  return best.table;
}
