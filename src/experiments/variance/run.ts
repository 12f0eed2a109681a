/**
 * Experiment `variance`: bias, variance and signal of every estimator against k and n, each beside its exact law.
 *
 * One sampling pass per group size serves all estimators and ks. Variance is measured twice (blockMoments.ts): directly,
 * with the estimator's weights, and structurally, from the scores' moments.
 */
import { endingOf, judge, type Family } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import type { VariancePrompt, VarianceResult } from './result.ts';
import { sampleJobs, samplingResult } from '../../lab/sampleJobs.ts';
import { measurePrompt } from './measure.ts';
import { DESCRIPTION, planVariance } from './plan.ts';

export const MEANS: Family = {
  id: 'means',
  question: 'mean slopes of all estimators, against alpha_eff',
};
export const STRUCTURAL: Family = {
  id: 'structural',
  question: 'structural variances, Student t of 32 blocks',
};
export const DIRECT: Family = { id: 'direct', question: 'direct variances, Student t of 32 blocks' };
export const BY_CLASS: Family = {
  id: 'varianceByClass',
  question: 'variances within each c where plain groups are too rare',
};

export async function runVariance({ config, own, engine, watcher }: Lab): Promise<VarianceResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const plan = planVariance(config, own);
  const sampling = await sampleJobs([...plan.jobs, ...plan.classJobs], engine, watcher);
  const { tokenCount } = sampling;
  watcher.onProgress({ stage: 'checking', tokenCount, totalTokens: tokenCount });
  const planned = plan.prompts.flat();
  const comparisons = planned.reduce((sum, { cells }) => sum + cells.length, 0);
  const level = FAMILY_LEVEL / Math.max(1, comparisons);
  const measured = plan.prompts.flatMap((prompts, job) =>
    prompts.map((prompt) => {
      const ranges = sampling.jobs[job].filter(({ range }) => range.prompt === prompt.promptIndex);
      const each = sampling.jobs[plan.jobs.length + job].find(
        ({ range }) => range.prompt === prompt.promptIndex,
      );
      const isWhole = each !== undefined && each.groupCount === each.range.groupCount;
      return {
        cells: measurePrompt(plan.problem, prompt, ranges, isWhole ? each.tally : null, level),
        groupCount: ranges.reduce((sum, { groupCount }) => sum + groupCount, 0),
      };
    }),
  );
  const cells = measured.flatMap((prompt) => prompt.cells);
  const ending = endingOf(sampling);
  const means = judge(
    MEANS,
    cells.map(({ slope }) => slope),
    ending,
  );
  // Those that could not be tested have no p-value, and are left out of their family.
  const structural = judge(
    STRUCTURAL,
    cells.map((cell) => cell.structural),
    ending,
  );
  const direct = judge(
    DIRECT,
    cells.map((cell) => cell.direct),
    ending,
  );
  const byClass = judge(
    BY_CLASS,
    cells.flatMap((cell) => cell.byClass ?? []),
    ending,
  );
  const prompts = planned.map(({ n, prompt, theory }, i): VariancePrompt => ({
    id: prompt.id,
    groupSize: n,
    successProb: theory.successProb,
    gradientNormSq: theory.gradientNormSq,
    groupCount: measured[i].groupCount,
    cells: measured[i].cells.map((cell) => ({
      ...cell,
      slope: means.of(cell.slope),
      structural: structural.of(cell.structural),
      direct: direct.of(cell.direct),
      byClass: cell.byClass && byClass.of(cell.byClass),
    })),
  }));
  return {
    experiment: 'variance',
    description: DESCRIPTION,
    prompts,
    notDefined: plan.notDefined,
    ...(await samplingResult(
      sampling,
      [means.summary, structural.summary, direct.summary, byClass.summary],
      [
        ...plan.jobs.map((job) => ({ name: `variance n = ${job.groupSize}`, job })),
        ...plan.classJobs.map((job) => ({ name: `variance by c, n = ${job.groupSize}`, job })),
      ],
    )),
  };
}

/** The n and k that a summary shows: those of an own estimator, else the middle ones, at which all estimators exist. */
export function shownVariance({ prompts }: VarianceResult): { groupSize: number; k: number | null } {
  const own = prompts
    .flatMap(({ groupSize, cells }) => cells.map(({ estimator, k }) => ({ groupSize, estimator, k })))
    .find(({ estimator }) => findEstimator(estimator) === undefined);
  const sizes = [...new Set(prompts.map(({ groupSize }) => groupSize))].sort((a, b) => a - b);
  const groupSize = own?.groupSize ?? sizes[Math.floor((sizes.length - 1) / 2)];
  const ks = [
    ...new Set(
      prompts
        .filter((prompt) => prompt.groupSize === groupSize)
        .flatMap(({ cells }) => cells.flatMap(({ k }) => k ?? [])),
    ),
  ].sort((a, b) => a - b);
  const usual = ks.filter((k) => k >= 2 && k < groupSize);
  const candidates = usual.length > 0 ? usual : ks;
  return { groupSize, k: own?.k ?? candidates.at(Math.floor(candidates.length / 2)) ?? null };
}
