/**
 * The verdicts of experiment `relation`: p-values of every family from finished tallies, Holm's rule within each family,
 * and the result that reports show.
 */
import { massesSha256, problemSha256 } from '../../problem/problem.ts';
import { SAMPLER_ID } from '../../math/random/stream.ts';
import {
  countPValues,
  gradientChecks,
  passAtKCheck,
  promptTallySha256,
  secondPValues,
} from '../../lab/checks.ts';
import type { SampledPrompt } from './controls.ts';
import { judge, judgeParts, type Ending, type Family, type JudgedParts } from '../../lab/judge.ts';
import type { RelationPlan } from './plan.ts';
import type { FamilySummary } from '../../lab/results.ts';
import type { ProblemResult, PromptResult } from './result.ts';

export const SLOPES: Family = { id: 'slopes', question: 'slopes on grad J1, against alpha_k' };
export const COORDINATES: Family = { id: 'coordinates', question: 'coordinates, against alpha_k grad J1' };
export const PASS_AT_K: Family = { id: 'passAtK', question: 'mean of rho(n, c, k), against J_k' };
export const COUNTS: Family = { id: 'counts', question: 'tally cells, exactly binomial' };
export const SECOND: Family = { id: 'second', question: 'second moments, Student t of 128 batches' };

/**
 * Every p-value first, then Holm within each family, then verdicts. A run cut short reports what it measured, and every
 * verdict is inconclusive: its number of groups was not fixed beforehand.
 */
export async function checkAll(
  plan: RelationPlan,
  sampled: readonly SampledPrompt[],
  run: Ending,
): Promise<{ problems: ProblemResult[]; families: FamilySummary[] }> {
  const raw = sampled.map(({ law, tally, groupCount }) => {
    if (groupCount === 0) return { slopes: [], passAtK: [], coordinates: [], counts: [], second: [] };
    const gradients = law.tables.map((table) => gradientChecks(law, table, tally, groupCount, plan.levels));
    return {
      slopes: gradients.map(({ slope }) => slope),
      passAtK: plan.ks.map((k) => passAtKCheck(law, tally, groupCount, k)),
      ...(run === 'complete'
        ? {
            coordinates: gradients.flatMap(({ coordinatePValues }) => coordinatePValues),
            counts: countPValues(law, tally, groupCount, plan.levels.counts),
            second: secondPValues(law, tally, groupCount),
          }
        : { coordinates: [], counts: [], second: [] }),
    };
  });
  const slopes = judge(
    SLOPES,
    raw.flatMap((prompt) => prompt.slopes),
    run,
  );
  const passAtK = judge(
    PASS_AT_K,
    raw.flatMap((prompt) => prompt.passAtK),
    run,
  );
  const parts = (family: Family, of: (prompt: (typeof raw)[number]) => readonly number[]): JudgedParts =>
    judgeParts(family, raw.map(of), run);
  const coordinates = parts(COORDINATES, (prompt) => prompt.coordinates);
  const counts = parts(COUNTS, (prompt) => prompt.counts);
  const second = parts(SECOND, (prompt) => prompt.second);

  let next = 0;
  const problems: ProblemResult[] = [];
  for (const { id, description, problem, drawId } of plan.problems) {
    const hashes = { problemSha256: await problemSha256(problem), massesSha256: await massesSha256(problem) };
    const prompts: PromptResult[] = [];
    for (const [index, prompt] of problem.prompts.entries()) {
      const at = next;
      next += 1;
      const { law, tally, groupCount } = sampled[at];
      const identity = {
        ...hashes,
        sampler: SAMPLER_ID,
        seed: plan.config.seed,
        experiment: drawId,
        groupSize: plan.config.groupSize,
        prompt: index,
        firstGroup: 0,
        groupCount,
      };
      prompts.push({
        id: prompt.id,
        successProb: law.theory.successProb,
        gradientNormSq: law.theory.gradientNormSq,
        groupCount,
        tallySha256: await promptTallySha256(identity, tally),
        slopes: raw[at].slopes.map(slopes.of),
        passAtK: raw[at].passAtK.map(passAtK.of),
        coordinates: coordinates.parts[at],
        counts: counts.parts[at],
        second: second.parts[at],
      });
    }
    problems.push({ id, description, ...hashes, experiment: drawId, prompts });
  }
  return {
    problems,
    families:
      run === 'complete'
        ? [slopes, coordinates, passAtK, counts, second].map((judged) => judged.summary)
        : [],
  };
}
