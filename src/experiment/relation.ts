/**
 * Experiment `relation`: is E[G_k] = α_k ∇J1 (Yu 2025, Thm 3.1), for every prompt, every k, every estimator?
 *
 * Plan (groups per prompt, from theory alone), sample, check, then the negative controls and the theorem's limit.
 */
import { aggregateGradients } from '../math/aggregate.ts';
import { findEstimator, weightTable, type WeightTable } from '../math/estimators.ts';
import { massesSha256, problemSha256 } from '../math/problem.ts';
import { SAMPLER_ID } from '../random/stream.ts';
import type { Sampler, SamplerEvent, SamplingJob } from '../kernels/sampler.ts';
import { addTally, BATCH_COUNT, emptyTally, type PromptTally } from '../kernels/tally.ts';
import { holm } from '../stats/holm.ts';
import { FAMILIES, FAMILY_LEVEL, type Family, type Verdict } from '../stats/verdict.ts';
import {
  countComparisons,
  countPValues,
  gradientChecks,
  passAtKCheck,
  promptTallySha256,
  secondPValues,
  summary,
  testableSecondMoments,
  type ComparisonLevels,
} from './checks.ts';
import {
  planScaledWord,
  scaledWordControl,
  strictThresholdControl,
  tallyControls,
  type SampledPrompt,
} from './controls.ts';
import { neededGroups, promptLaw, type PromptLaw } from './promptLaw.ts';
import { relationProblems, type RelationProblem } from './relationProblems.ts';
import type {
  AggregateResult,
  CheckSummary,
  ControlResult,
  FamilySummary,
  NotDefined,
  ProblemResult,
  PromptResult,
  RelationResult,
  SlopeCheck,
} from './result.ts';
import { isPresetAsItIs, type Config, type Preset } from './settings.ts';

/** Philox experiment ids: `tally` has 0. */
const FIRST_EXPERIMENT_ID = 0x100;
const CONTROL_EXPERIMENT_ID = 0x1ff;
/** Groups of a prompt whose slopes are all out of reach: enough for its other checks. */
const LEAST_GROUPS = 16 * BATCH_COUNT;

/**
 * Slopes that a preset, with its own settings, must decide: a run that decided fewer would "agree" because it saw
 * nothing. Theory says beforehand which are within reach, so these are what was planned, not what was hoped for.
 */
const SLOPES_TO_DECIDE: Readonly<Record<Preset, number>> = { quick: 250, standard: 480, full: 700 };

export interface RunProgress {
  readonly stage: 'planning' | 'compiling' | 'sampling' | 'checking';
  readonly tokenCount: number;
  readonly totalTokens: number;
}

/** Told of progress, and asked whether to go on. */
export interface RunWatcher {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}

export interface PlannedProblem extends RelationProblem {
  readonly experiment: number;
  readonly laws: readonly PromptLaw[];
  /** [prompts] */
  readonly groupCounts: readonly number[];
}

/** Everything decided before the first trajectory is drawn. */
export interface RelationPlan {
  readonly config: Config;
  readonly tables: readonly WeightTable[];
  readonly notDefined: readonly NotDefined[];
  readonly problems: readonly PlannedProblem[];
  readonly levels: ComparisonLevels;
  readonly totalTokens: number;
  readonly ks: readonly number[];
}

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

export function planRelation(config: Config): RelationPlan {
  const tables: WeightTable[] = [];
  const notDefined: NotDefined[] = [];
  const n = config.groupSize;
  for (const id of config.estimators) {
    const estimator = findEstimator(id);
    if (!estimator) throw new Error(`unknown estimator ${id} in a validated configuration`);
    for (const k of estimator.usesK ? config.ks : [null]) {
      const reason = estimator.undefinedBecause(n, k ?? 1);
      if (reason === null) tables.push(weightTable(estimator, n, k));
      else notDefined.push({ estimator: id, n, k, reason });
    }
  }
  const ks = config.ks.filter((k) => k <= n);
  const base = relationProblems().map((entry, index) => ({
    ...entry,
    experiment: FIRST_EXPERIMENT_ID + index,
    laws: entry.problem.prompts.map((prompt) => promptLaw(entry.problem, prompt, tables)),
  }));
  const laws = base.flatMap((problem) => problem.laws);
  const slopeLevel = FAMILY_LEVEL / Math.max(1, laws.length * tables.length);
  const problems = base.map((problem): PlannedProblem => {
    const cap = Math.floor(config.tokensPerPrompt / (n * problem.problem.horizon));
    return { ...problem, groupCounts: problem.laws.map((law) => groupsFor(law, slopeLevel, cap)) };
  });
  const each = (comparisons: (law: PromptLaw, groupCount: number) => number): number =>
    FAMILY_LEVEL /
    Math.max(
      1,
      problems.reduce(
        (sum, { laws: own, groupCounts }) =>
          sum + own.reduce((part, law, i) => part + comparisons(law, groupCounts[i]), 0),
        0,
      ),
    );
  return {
    config,
    tables,
    notDefined,
    problems,
    ks,
    levels: {
      slopes: slopeLevel,
      coordinates: each((law) => tables.length * law.prompt.masses.length),
      passAtK: each(() => ks.length),
      counts: each((law) => countComparisons(law, n)),
      second: each((law, groups) => testableSecondMoments(law, n, groups).filter(Boolean).length),
    },
    totalTokens: problems.reduce(
      (sum, { problem, groupCounts }) =>
        sum + groupCounts.reduce((part, groups) => part + groups * n * problem.horizon, 0),
      0,
    ),
  };
}

/** As many groups as the most demanding slope within the cap needs, in whole rounds of the 128 batches. */
function groupsFor(law: PromptLaw, level: number, cap: number): number {
  const needed = law.tables.map((table) => neededGroups(table, level)).filter((groups) => groups <= cap);
  const groups = Math.max(LEAST_GROUPS, ...needed);
  return Math.ceil(groups / BATCH_COUNT) * BATCH_COUNT;
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

/**
 * Every p-value first, then Holm within each family, then verdicts. A run cut short reports what it measured, and every
 * verdict is inconclusive: its number of groups was not fixed beforehand.
 */
async function checkAll(
  plan: RelationPlan,
  sampled: readonly SampledPrompt[],
  run: 'complete' | 'cut short',
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
  const pValues: Readonly<Record<Family, readonly (readonly number[])[]>> = {
    slopes: raw.map(({ slopes }) => slopes.map(({ pValue }) => pValue)),
    coordinates: raw.map(({ coordinates }) => coordinates),
    passAtK: raw.map(({ passAtK }) => passAtK.map(({ pValue }) => pValue)),
    counts: raw.map(({ counts }) => counts),
    second: raw.map(({ second }) => second),
  };
  const families = (Object.keys(FAMILIES) as Family[]).map((family) => {
    const flat = pValues[family].flat();
    const rejected = run === 'complete' ? holm(flat, FAMILY_LEVEL) : flat.map(() => false);
    let next = 0;
    const byPrompt = pValues[family].map((own) => rejected.slice(next, (next += own.length)));
    return { family, flat, rejected, byPrompt };
  });
  const rejectedIn = (family: Family, prompt: number): boolean[] =>
    families.find((entry) => entry.family === family)?.byPrompt[prompt] ?? [];
  const summaryOf = (family: Family, prompt: number): CheckSummary =>
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
    families: families.map(({ family, flat, rejected }) => ({
      family,
      question: FAMILIES[family],
      level: FAMILY_LEVEL,
      ...summary(flat, rejected),
    })),
  };
}

function withVerdicts<Row extends Pick<SlopeCheck, 'verdict'>>(
  rows: readonly Row[],
  rejected: readonly boolean[],
  run: 'complete' | 'cut short',
): Row[] {
  if (run === 'cut short') return rows.map((row) => ({ ...row, verdict: 'inconclusive' }));
  return rows.map((row, i) => (rejected[i] ? { ...row, verdict: 'disagree' } : row));
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
