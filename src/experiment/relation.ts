/**
 * Experiment `relation`: is E[G_k] = α_k ∇J1 (Yu 2025, Thm 3.1), for every prompt, every k, every estimator?
 *
 * Plan (relationPlan.ts), sample, check (relationVerdicts.ts), then the negative controls and the theorem's limit.
 */
import { aggregateGradients } from '../math/aggregate.ts';
import type { Sampler, SamplerEvent, SamplingJob } from '../kernels/sampler.ts';
import { addTally, emptyTally, type PromptTally } from '../kernels/tally.ts';
import type { Verdict } from '../stats/verdict.ts';
import {
  planScaledWord,
  scaledWordControl,
  strictThresholdControl,
  tallyControls,
  type SampledPrompt,
} from './controls.ts';
import { planRelation, type PlannedProblem, type RelationPlan } from './relationPlan.ts';
import { checkAll } from './relationVerdicts.ts';
import type { AggregateResult, ControlResult, RelationResult } from './result.ts';
import { isPresetAsItIs, type Config, type Preset } from './settings.ts';
import type { RunWatcher } from './watcher.ts';

/** Philox experiment id of the faulty sampler's draws. */
const CONTROL_EXPERIMENT_ID = 0x1ff;

/**
 * Slopes that a preset, with its own settings, must decide: a run that decided fewer would "agree" because it saw
 * nothing. Theory says beforehand which are within reach, so these are what was planned, not what was hoped for.
 */
const SLOPES_TO_DECIDE: Readonly<Record<Preset, number>> = { quick: 250, standard: 480, full: 700 };

export async function runRelation(
  config: Config,
  sampler: Sampler,
  watcher: RunWatcher,
): Promise<RelationResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const plan = planRelation(config);
  const start = performance.now();
  const tallies = await samplePlan(plan, sampler, watcher);
  const samplingMs = performance.now() - start;
  const complete = !watcher.signal.aborted;
  watcher.onProgress({ stage: 'checking', tokenCount: plan.totalTokens, totalTokens: plan.totalTokens });
  const sampled = plan.problems.flatMap((problem, i) => sampledPrompts(problem, tallies[i]));
  const controls = complete ? await runControls(plan, sampler, sampled) : [];
  const checked = await checkAll(plan, sampled, complete ? 'complete' : 'cut short');
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
    aggregate: opposingExample(config.ks),
    groupCount: sampled.reduce((sum, { groupCount }) => sum + groupCount, 0),
    tokenCount: sampled.reduce(
      (sum, { groupCount, law }) => sum + groupCount * config.groupSize * law.problem.horizon,
      0,
    ),
    samplingMs,
  };
}

/** @returns [problems][prompts], what was finished when the signal came where it came */
async function samplePlan(
  plan: RelationPlan,
  sampler: Sampler,
  watcher: RunWatcher,
): Promise<PromptTally[][]> {
  let before = 0;
  const all: PromptTally[][] = [];
  for (const { problem, experiment, groupCounts } of plan.problems) {
    const job: SamplingJob = {
      problem,
      groupSize: plan.config.groupSize,
      level: 'full',
      seed: plan.config.seed,
      experiment,
      ranges: groupCounts.map((groupCount, prompt) => ({ prompt, firstGroup: 0, groupCount })),
    };
    const tallies = problem.prompts.map(() => emptyTally(problem, job.groupSize, job.level));
    all.push(tallies);
    if (isAborted(watcher)) continue;
    for await (const event of sampler.sample(job)) {
      takeIn(event, tallies);
      if (event.kind !== 'chunks') {
        watcher.onProgress({
          stage: event.kind === 'progress' ? 'sampling' : 'compiling',
          tokenCount: before + (event.kind === 'progress' ? event.tokenCount : 0),
          totalTokens: plan.totalTokens,
        });
      }
      if (isAborted(watcher)) break;
    }
    before += groupCounts.reduce((sum, groups) => sum + groups * job.groupSize * problem.horizon, 0);
  }
  return all;
}

/** Asked afresh each time: it changes while work is awaited. */
const isAborted = ({ signal }: RunWatcher): boolean => signal.aborted;

function takeIn(event: SamplerEvent, tallies: readonly PromptTally[]): void {
  if (event.kind !== 'chunks') return;
  for (const { range, tally } of event.chunks) addTally(tallies[range.prompt], tally);
}

function sampledPrompts(problem: PlannedProblem, tallies: readonly PromptTally[]): SampledPrompt[] {
  return problem.laws.map((law, i) => ({
    problemId: problem.id,
    law,
    tally: tallies[i],
    groupCount: tallies[i].groups.reduce((sum, groups) => sum + groups, 0),
  }));
}

async function runControls(
  plan: RelationPlan,
  sampler: Sampler,
  sampled: readonly SampledPrompt[],
): Promise<ControlResult[]> {
  const { config } = plan;
  const strict = await sampler.selfTest('strict-threshold');
  const scaled = planScaledWord(plan.problems, config.groupSize, config.tokensPerPrompt);
  const tally = emptyTally(scaled.problem, config.groupSize, 'groups');
  const job: SamplingJob = {
    problem: scaled.problem,
    groupSize: config.groupSize,
    level: 'groups',
    seed: config.seed,
    experiment: CONTROL_EXPERIMENT_ID,
    ranges: [{ prompt: scaled.promptIndex, firstGroup: 0, groupCount: scaled.groupCount }],
    fault: 'scaled-word',
  };
  for await (const event of sampler.sample(job)) {
    if (event.kind === 'chunks') for (const chunk of event.chunks) addTally(tally, chunk.tally);
  }
  return [
    ...tallyControls(sampled, config.groupSize, plan.ks),
    scaledWordControl(scaled, tally),
    strictThresholdControl(strict.failures, strict.caseCount),
  ];
}

/**
 * The limit of the theorem, exactly: two prompts that share two parameters, p = (.9, .1), ∇p = (1, 0) and (−.5, .1).
 * Each prompt's ∇J_k is a multiple of its own ∇J_1, yet the gradient of the mean J_8 points against that of mean J_1.
 */
function opposingExample(ks: readonly number[]): AggregateResult {
  const prompts = [
    { successProb: 0.9, gradient: [1, 0] },
    { successProb: 0.1, gradient: [-0.5, 0.1] },
  ];
  return {
    description: 'two prompts sharing two parameters: p = (.9, .1), grad p = (1, 0) and (-.5, .1)',
    successProbs: prompts.map(({ successProb }) => successProb),
    rows: aggregateGradients(
      prompts,
      [[1], [1]],
      [...new Set([...ks, 8])].sort((a, b) => a - b),
    ),
  };
}
