/**
 * The verdicts of experiment `relation`: p-values of every family from finished tallies, Holm's rule within each family,
 * and the result that reports show.
 */
import { massesSha256, problemSha256 } from '../../problem/problem.ts';
import { SAMPLER_ID } from '../../math/random/stream.ts';
import type { Family } from '../../math/stats/verdict.ts';
import {
  countPValues,
  gradientChecks,
  passAtKCheck,
  promptTallySha256,
  secondPValues,
  summary,
} from '../../lab/checks.ts';
import type { SampledPrompt } from './controls.ts';
import { judgeFamily, withVerdicts, type Ending } from '../../lab/judge.ts';
import type { RelationPlan } from './plan.ts';
import type { CheckSummary, FamilySummary, ProblemResult, PromptResult } from '../../lab/results.ts';

const RELATION_FAMILIES = [
  'slopes',
  'coordinates',
  'passAtK',
  'counts',
  'second',
] as const satisfies readonly Family[];
type RelationFamily = (typeof RELATION_FAMILIES)[number];

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
  const pValues: Readonly<Record<RelationFamily, readonly (readonly number[])[]>> = {
    slopes: raw.map(({ slopes }) => slopes.map(({ pValue }) => pValue)),
    coordinates: raw.map(({ coordinates }) => coordinates),
    passAtK: raw.map(({ passAtK }) => passAtK.map(({ pValue }) => pValue)),
    counts: raw.map(({ counts }) => counts),
    second: raw.map(({ second }) => second),
  };
  const families = RELATION_FAMILIES.map((family) => {
    const judged = judgeFamily(family, pValues[family].flat(), run);
    let next = 0;
    const byPrompt = pValues[family].map((own) => judged.rejected.slice(next, (next += own.length)));
    return { family, summary: judged.summary, byPrompt };
  });
  const rejectedIn = (family: RelationFamily, prompt: number): boolean[] =>
    families.find((entry) => entry.family === family)?.byPrompt[prompt] ?? [];
  const summaryOf = (family: RelationFamily, prompt: number): CheckSummary =>
    summary(pValues[family][prompt], rejectedIn(family, prompt));

  let next = 0;
  const problems: ProblemResult[] = [];
  for (const { id, description, problem, experiment } of plan.problems) {
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
        experiment,
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
        slopes: withVerdicts(raw[at].slopes, rejectedIn('slopes', at), run),
        passAtK: withVerdicts(raw[at].passAtK, rejectedIn('passAtK', at), run),
        coordinates: summaryOf('coordinates', at),
        counts: summaryOf('counts', at),
        second: summaryOf('second', at),
      });
    }
    problems.push({ id, description, ...hashes, experiment, prompts });
  }
  return {
    problems,
    families: run === 'complete' ? families.map((judged) => judged.summary) : [],
  };
}
