/**
 * Experiment `relation`: is E[G_k] = α_k ∇J1 (Yu 2025, Thm 3.1), for every prompt, every k, every estimator?
 *
 * Plan (plan.ts), sample, the deliberate mistakes (controls.ts), then the verdicts (judge.ts).
 */
import { endingOf } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import type { Engine } from '../../engine/engine.ts';
import type { SamplingJob } from '../../engine/sampler.ts';
import { addTally, emptyTally } from '../../engine/tally.ts';
import type { Verdict } from '../../math/stats/verdict.ts';
import {
  planScaledWord,
  scaledWordControl,
  strictThresholdControl,
  tallyControls,
  type SampledPrompt,
} from './controls.ts';
import { DRAW_IDS, planRelation, type PlannedProblem, type RelationPlan } from './plan.ts';
import { checkAll } from './judge.ts';
import type { ControlResult } from '../../lab/results.ts';
import type { RelationResult } from './result.ts';
import { sampleJobs, type SampledRange } from '../../lab/sampleJobs.ts';
import { isPresetAsItIs, type Preset } from '../../lab/settings.ts';

/**
 * Slopes that a preset, with its own settings, must decide: a run that decided fewer would "agree" because it saw
 * nothing. Theory says beforehand which are within reach, so these are what was planned, not what was hoped for.
 */
const SLOPES_TO_DECIDE: Readonly<Record<Preset, number>> = { quick: 360, standard: 680, full: 990 };

export async function runRelation({ config, engine, watcher }: Lab): Promise<RelationResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const plan = planRelation(config);
  const sampling = await sampleJobs(relationJobs(plan), engine, watcher);
  const { complete } = sampling;
  watcher.onProgress({ stage: 'checking', tokenCount: plan.totalTokens, totalTokens: plan.totalTokens });
  const sampled = plan.problems.flatMap((problem, i) => sampledPrompts(problem, sampling.jobs[i]));
  const controls = complete ? await runControls(plan, engine, sampled) : [];
  const checked = await checkAll(plan, sampled, endingOf(sampling));
  const verdicts = checked.problems.flatMap(({ prompts }) =>
    prompts.flatMap(({ slopes }) => slopes.map(({ verdict }) => verdict)),
  );
  const count = (verdict: Verdict): number => verdicts.filter((given) => given === verdict).length;
  return {
    experiment: 'relation',
    complete,
    ...checked,
    notDefined: plan.notDefined,
    slopeCount: { agree: count('agree'), inconclusive: count('inconclusive'), disagree: count('disagree') },
    slopesToDecide: isPresetAsItIs(config) ? SLOPES_TO_DECIDE[config.preset] : 0,
    controls,
    groupCount: sampling.groupCount,
    tokenCount: sampling.tokenCount,
    samplingMs: sampling.samplingMs,
  };
}

/** One job per problem, one range per prompt. */
function relationJobs({ problems, config }: RelationPlan): SamplingJob[] {
  return problems.map(({ problem, drawId, groupCounts }) => ({
    problem,
    groupSize: config.groupSize,
    level: 'full',
    seed: config.seed,
    drawId,
    ranges: groupCounts.map((groupCount, prompt) => ({ prompt, firstGroup: 0, groupCount })),
  }));
}

function sampledPrompts(problem: PlannedProblem, ranges: readonly SampledRange[]): SampledPrompt[] {
  return problem.laws.map((law, i) => ({
    problemId: problem.id,
    law,
    tally: ranges[i].tally,
    groupCount: ranges[i].groupCount,
  }));
}

async function runControls(
  plan: RelationPlan,
  engine: Engine,
  sampled: readonly SampledPrompt[],
): Promise<ControlResult[]> {
  const { config } = plan;
  const strict = await engine.selfTest('strict-threshold');
  const scaled = planScaledWord(plan.problems, config.groupSize, config.tokensPerPrompt);
  const tally = emptyTally(scaled.problem, config.groupSize, 'groups');
  const job: SamplingJob = {
    problem: scaled.problem,
    groupSize: config.groupSize,
    level: 'groups',
    seed: config.seed,
    drawId: DRAW_IDS[1],
    ranges: [{ prompt: scaled.promptIndex, firstGroup: 0, groupCount: scaled.groupCount }],
    fault: 'scaled-word',
  };
  for await (const event of engine.sample(job)) {
    if (event.kind === 'chunks') for (const chunk of event.chunks) addTally(tally, chunk.tally);
  }
  return [
    ...tallyControls(sampled, config.groupSize, plan.ks),
    scaledWordControl(scaled, tally),
    strictThresholdControl(strict.failures, strict.caseCount),
  ];
}
