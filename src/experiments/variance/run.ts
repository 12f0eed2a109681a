/**
 * Experiment `variance`: bias, variance and signal of every estimator against k and n, each beside its exact law.
 *
 * One sampling pass per group size serves all estimators and ks. Variance is measured twice (blockMoments.ts): directly,
 * with the estimator's weights, and structurally, from the scores' moments.
 */
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import type { Sampler } from '../../engine/sampler.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { judgeFamily, withVerdicts, type Ending } from '../../lab/judge.ts';
import type { VarianceCell, VariancePrompt, VarianceResult } from '../../lab/results.ts';
import { sampleJobs, samplingResult } from '../../lab/sampleJobs.ts';
import type { Config } from '../../lab/settings.ts';
import { measurePrompt } from './measure.ts';
import { DESCRIPTION, planVariance } from './plan.ts';
import type { RunWatcher } from '../../lab/watcher.ts';

/** @param own tables from a file, at their own n and k */
export async function runVariance(
  config: Config,
  own: readonly WeightTable[],
  sampler: Sampler,
  watcher: RunWatcher,
): Promise<VarianceResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const plan = planVariance(config, own);
  const sampling = await sampleJobs(plan.jobs, sampler, watcher);
  const { tokenCount } = sampling;
  const ending: Ending = sampling.complete ? 'complete' : 'cut short';
  watcher.onProgress({ stage: 'checking', tokenCount, totalTokens: tokenCount });
  const planned = plan.prompts.flat();
  const comparisons = planned.reduce((sum, { cells }) => sum + cells.length, 0);
  const level = FAMILY_LEVEL / Math.max(1, comparisons);
  const measured = plan.prompts.flatMap((prompts, job) =>
    prompts.map((prompt) => {
      const ranges = sampling.jobs[job].filter(({ range }) => range.prompt === prompt.promptIndex);
      return {
        cells: measurePrompt(plan.problem, prompt, ranges, level),
        groupCount: ranges.reduce((sum, { groupCount }) => sum + groupCount, 0),
      };
    }),
  );
  const { cells, families } = judgeCells(
    measured.flatMap((prompt) => prompt.cells),
    ending,
  );
  let next = 0;
  const prompts = planned.map(({ n, prompt, theory }, i): VariancePrompt => ({
    id: prompt.id,
    groupSize: n,
    successProb: theory.successProb,
    gradientNormSq: theory.gradientNormSq,
    groupCount: measured[i].groupCount,
    cells: cells.slice(next, (next += measured[i].cells.length)),
  }));
  return {
    experiment: 'variance',
    description: DESCRIPTION,
    prompts,
    notDefined: plan.notDefined,
    ...(await samplingResult(
      sampling,
      families,
      plan.jobs.map((job) => ({ name: `variance n = ${job.groupSize}`, job })),
    )),
  };
}

/** Three families over all cells; those that could not be tested are left out of theirs. */
function judgeCells(
  cells: readonly VarianceCell[],
  ending: Ending,
): { cells: VarianceCell[]; families: VarianceResult['families'] } {
  const judgeBy = <Part extends 'slope' | 'structural' | 'direct'>(
    family: 'means' | 'structural' | 'direct',
    part: Part,
  ): { checks: VarianceCell[Part][]; summary: VarianceResult['families'][number] } => {
    const tested = cells.flatMap((cell, index) => {
      const { pValue } = cell[part];
      return pValue === null ? [] : [{ index, pValue }];
    });
    const { rejected, summary } = judgeFamily(
      family,
      tested.map(({ pValue }) => pValue),
      ending,
    );
    const rejectedCells = new Set(tested.filter((_, i) => rejected[i]).map(({ index }) => index));
    const checks = withVerdicts<VarianceCell[Part]>(
      cells.map((cell) => cell[part]),
      cells.map((_, index) => rejectedCells.has(index)),
      ending,
    );
    return { checks, summary };
  };
  const means = judgeBy('means', 'slope');
  const structural = judgeBy('structural', 'structural');
  const direct = judgeBy('direct', 'direct');
  return {
    cells: cells.map((cell, i) => ({
      ...cell,
      slope: means.checks[i],
      structural: structural.checks[i],
      direct: direct.checks[i],
    })),
    families: [means.summary, structural.summary, direct.summary],
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
