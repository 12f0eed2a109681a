/**
 * Experiment `relation`: is E[G_k] = α_k ∇J1 (Yu 2025, Thm 3.1), for every prompt, every k, every estimator?
 *
 * Plan (plan.ts), sample, the deliberate mistakes (controls.ts), then the verdicts (judge.ts).
 */
import { endingOf } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import type { Engine } from '../../engine/engine.ts';
import type { SamplingJob } from '../../engine/sampler.ts';
import { addTally, BATCH_COUNT, emptyTally, type PromptTally } from '../../engine/tally.ts';
import {
  planScaledWord,
  scaledWordControl,
  strictThresholdControl,
  tallyControls,
  type SampledPrompt,
} from './controls.ts';
import { CLASS_MISTAKES, classMistakeControl, planClassMistake } from './classControls.ts';
import { passDrawId, planRelation, type PlannedProblem, type RelationPlan } from './plan.ts';
import { checkAll } from './judge.ts';
import type { ControlResult } from '../../lab/results.ts';
import type { RelationResult } from './result.ts';
import { sampleJobs, tallyRecords } from '../../lab/sampleJobs.ts';
import { isPresetAsItIs, type Config, type Preset } from '../../lab/settings.ts';

/**
 * Slopes of the usual prompts that a preset, with its own settings, must decide, plainly and given the outcome: a run that
 * decided fewer would "agree" because it saw nothing. Theory says beforehand which are within reach.
 */
const TO_DECIDE: Readonly<Record<Preset, RelationResult['toDecide']>> = {
  quick: { plain: 360, givenOutcome: 1170 },
  standard: { plain: 360, givenOutcome: 1260 },
  full: { plain: 360, givenOutcome: 1350 },
};

export async function runRelation({ config, engine, watcher }: Lab): Promise<RelationResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const plan = planRelation(config);
  const plain = plan.problems.map((problem) => plainJob(problem, config));
  const byClass = CLASS_PASSES.map((pass) => plan.problems.map((problem) => classJob(pass, problem, config)));
  const sampling = await sampleJobs([...plain, ...byClass.flat()], engine, watcher);
  const { complete } = sampling;
  watcher.onProgress({
    stage: 'checking',
    tokenCount: sampling.tokenCount,
    totalTokens: sampling.tokenCount,
  });
  const passOf = (pass: number): typeof sampling.jobs =>
    sampling.jobs.slice(pass * plan.problems.length, (pass + 1) * plan.problems.length);
  const [own, correct, wrong, each] = [0, 1, 2, 3].map(passOf);
  const sampled = plan.problems.flatMap((problem, i) =>
    problem.laws.map((law, prompt): SampledPrompt => {
      const { tally, groupCount } = own[i][prompt];
      return {
        problemId: problem.id,
        set: problem.set,
        law,
        tally,
        groupCount,
        classes: {
          plan: problem.classes[prompt],
          tallies: [correct[i][prompt].tally, wrong[i][prompt].tally, each[i][prompt].tally],
        },
      };
    }),
  );
  const controls = complete ? await runControls(plan, engine, sampled) : [];
  const checked = await checkAll(plan, sampled, endingOf(sampling));
  const tallies = await Promise.all(
    byClass.flatMap((jobs, pass) =>
      jobs.map((job, i) =>
        tallyRecords(
          `${plan.problems[i].id} ${CLASS_PASSES[pass]}`,
          job,
          sampling.jobs[(pass + 1) * plan.problems.length + i],
        ),
      ),
    ),
  );
  const tokensOf = (jobs: typeof sampling.jobs): number =>
    jobs.reduce(
      (sum, ranges, i) =>
        sum +
        ranges.reduce((groups, range) => groups + range.groupCount, 0) *
          config.groupSize *
          plan.problems[i].problem.horizon,
      0,
    );
  return {
    experiment: 'relation',
    complete,
    ...checked,
    notDefined: plan.notDefined,
    toDecide: isPresetAsItIs(config) ? TO_DECIDE[config.preset] : { plain: 0, givenOutcome: 0 },
    controls,
    tallies: tallies.flat(),
    groupCount: sampling.groupCount,
    tokenCount: sampling.tokenCount,
    classTokenCount: tokensOf(correct) + tokensOf(wrong) + tokensOf(each),
    samplingMs: sampling.samplingMs,
  };
}

/** One job per problem, one range per prompt. */
function plainJob({ problem, index, groupCounts }: PlannedProblem, { groupSize, seed }: Config): SamplingJob {
  return {
    ...{ problem, groupSize, seed, level: 'full' },
    drawId: passDrawId('plain', index),
    ranges: groupCounts.map((groupCount, prompt) => ({ prompt, firstGroup: 0, groupCount })),
  };
}

/** The two main passes, of correct trajectories alone and of wrong ones alone, and a small one with every c. */
const CLASS_PASSES = ['correct', 'wrong', 'each'] as const;

function classJob(
  pass: (typeof CLASS_PASSES)[number],
  { problem, index, classes }: PlannedProblem,
  { groupSize, seed }: Config,
): SamplingJob {
  return {
    ...{ problem, groupSize, seed, level: 'full' },
    drawId: passDrawId(pass, index),
    given: pass === 'each' ? 'each' : pass === 'correct' ? groupSize : 0,
    ranges: classes.map(({ counts }, prompt) => ({
      prompt,
      firstGroup: 0,
      groupCount: pass === 'each' ? BATCH_COUNT * (groupSize + 1) : counts[pass] / groupSize,
    })),
  };
}

async function runControls(
  plan: RelationPlan,
  engine: Engine,
  sampled: readonly SampledPrompt[],
): Promise<ControlResult[]> {
  const { config } = plan;
  const strict = await engine.selfTest('strict-threshold');
  const usual = plan.problems.filter(({ set }) => set === 'usual');
  const scaled = planScaledWord(usual, config.groupSize, config.tokensPerPrompt);
  const tally = await tallyOf(engine, {
    problem: scaled.problem,
    ...{ groupSize: config.groupSize, seed: config.seed, level: 'groups' },
    drawId: passDrawId('mistake', 15),
    ranges: [{ prompt: scaled.promptIndex, firstGroup: 0, groupCount: scaled.groupCount }],
    fault: 'scaled-word',
  });
  const mistakes: ControlResult[] = [];
  for (const [index, fault] of CLASS_MISTAKES.entries()) {
    const mistake = planClassMistake(fault, usual, config, passDrawId('mistake', index));
    mistakes.push(classMistakeControl(mistake, await tallyOf(engine, mistake.job)));
  }
  return [
    ...tallyControls(sampled, config.groupSize, plan.ks),
    scaledWordControl(scaled, tally),
    strictThresholdControl(strict.failures, strict.caseCount),
    ...mistakes,
  ];
}

/** Of a job with one range. */
async function tallyOf(engine: Engine, job: SamplingJob): Promise<PromptTally> {
  const tally = emptyTally(job.problem, job.groupSize, job.level);
  for await (const event of engine.sample(job)) {
    if (event.kind === 'chunks') for (const chunk of event.chunks) addTally(tally, chunk.tally);
  }
  return tally;
}
