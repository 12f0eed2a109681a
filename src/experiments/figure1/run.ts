/**
 * Experiment `figure1`: the paper's Figure 1 (Yu 2025) with measured points on it: J_k and α_k / 2 against J1.
 *
 * J_k is measured by the mean of ρ(n, c, k); α_k by the slope of the mean gradient on ∇J1, with the unbiased estimator of
 * the catalogue that has the least exact variance there: chosen by theory, before anything is drawn.
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
import { promptLaw } from '../../theory/promptLaw.ts';
import type { Figure1Result } from './result.ts';
import { sampleJobs, samplingResult } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';

export const DRAW_IDS = [0x500, 0x5ff] as const satisfies DrawIds;
export const FIGURE: Family = { id: 'figure', question: 'points of Figure 1: J_k and alpha_k' };
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
  const sampling = await sampleJobs([job], engine, watcher);
  const [ranges] = sampling.jobs;
  const level = FAMILY_LEVEL / (2 * ks.length * laws.length);
  const points = laws.map((law, i) => {
    const { tally, groupCount } = ranges[i];
    if (groupCount === 0) return { slopes: [], passAtK: [] };
    const slopes = law.tables.map((tableLaw) => {
      const measured = measuredGradient(problem, law.prompt, tally, groupCount, tableLaw.table);
      return slopeCheck(law, tableLaw, measured, groupCount, level);
    });
    return { slopes, passAtK: ks.map((k) => passAtKCheck(law, tally, groupCount, k)) };
  });
  const judged = judge(
    FIGURE,
    points.flatMap(({ slopes, passAtK }) => [...slopes, ...passAtK]),
    endingOf(sampling),
  );
  return {
    experiment: 'figure1',
    description: `${ARMS} arms, ${CORRECT_ARMS} correct, n = ${n}`,
    ks,
    points: points.map(({ slopes, passAtK }, i) => ({
      successProb: laws[i].theory.successProb,
      slopes: slopes.map(judged.of),
      passAtK: passAtK.map(judged.of),
    })),
    ...(await samplingResult(sampling, [judged.summary], [{ name: 'figure1', job }])),
  };
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
