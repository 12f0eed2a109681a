/**
 * Experiment `objectives`: one workload trained with each objective at matched samples. What becomes of pass@1, pass@k, the
 * entropy and the number of modes, over many replicas, and how soon a target is reached.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import type { Lab } from '../../lab/experiment.ts';
import { passAtK } from '../../math/passAtK.ts';
import { defaultModes } from '../../problem/modes.ts';
import { compileProblem, type Problem, type ProblemSource } from '../../problem/problem.ts';
import { keptModes, PolicyEvaluator } from '../../theory/trainedPolicy.ts';
import { modes as modesWorkload } from '../../problem/workloads.ts';
import {
  PLAIN_JOB,
  adam,
  type Trainer,
  type TrainingJob,
  type TrainingSegment,
} from '../../engine/training.ts';
import { bandOf, type Band } from '../../math/stats/quantiles.ts';
import { objectiveList, type Objective } from '../../lab/objectiveList.ts';
import { isAborted } from '../../lab/sampleJobs.ts';
import { mean, replicaValues } from '../../lab/replicaValues.ts';
import type { Config, Preset } from '../../lab/settings.ts';
import { addTotals, evenSteps, trainJobs, type RunTotals } from '../../lab/trainJobs.ts';
import type { ObjectiveCurve, ObjectivePoint, ObjectivesResult, ObjectivesWorkload } from './result.ts';
import { trainingK } from '../../lab/trainedTables.ts';
import type { LiveChart, RunWatcher } from '../../lab/watcher.ts';

/** One for each workload. */
export const DRAW_IDS = [0xa00, 0xaff] as const satisfies DrawIds;
const WORKLOAD_SEED = 6;
const LEARNING_RATE = 0.1;
const STEPS = 120;
const SNAPSHOTS = 10;
const REPLICAS: Readonly<Record<Preset, number>> = { quick: 64, standard: 512, full: 4096 };
const TARGET = 0.9;

interface Workload {
  readonly id: string;
  readonly description: string;
  readonly source: ProblemSource;
}

/** Actions A, B, C, D. */
const TREE_PATHS = ['ACD', 'ACB', 'BDC', 'BDA', 'CAB', 'DBA'];

function workloads(): Workload[] {
  const even = [0.25, 0.25, 0.25, 0.25];
  return [
    {
      id: 'modes',
      description: 'four prompts, J1 = .05 to .7, three modes of 6 : 3 : 1 each (V = 6, T = 2)',
      source: modesWorkload(
        {
          vocab: 6,
          horizon: 2,
          context: 'none',
          successProbs: [0.05, 0.15, 0.4, 0.7],
          seed: WORKLOAD_SEED,
        },
        [6, 3, 1],
      ),
    },
    {
      id: 'tree',
      description: 'six rewarded paths of length 3 over 4 actions, all actions equally likely at first',
      source: {
        format: 'passk-problem@1',
        vocab: 4,
        horizon: 3,
        context: 'previous',
        prompts: [
          {
            id: 'tree',
            probabilities: [[even], [even, even, even, even], [even, even, even, even]],
            accept: {
              sequences: TREE_PATHS.map((path) => Array.from(path, (action) => 'ABCD'.indexOf(action))),
            },
          },
        ],
      },
    },
  ];
}

export async function runObjectives({
  config,
  own,
  engine: trainer,
  watcher,
}: Lab): Promise<ObjectivesResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const k = trainingK(config);
  const replicaCount = REPLICAS[config.preset];
  const { objectives, notDefined } = objectiveList(config, own);
  const parts: ObjectivesWorkload[] = [];
  const totals: RunTotals[] = [];
  for (const [index, workload] of workloads().entries()) {
    if (isAborted(watcher)) break;
    const part = await trainWorkload(workload, drawId(DRAW_IDS, index), objectives, k, {
      config,
      trainer,
      watcher,
    });
    parts.push(part.workload);
    totals.push(part.totals);
  }
  return {
    experiment: 'objectives',
    description: `n = ${config.groupSize}, ${STEPS} steps, Adam at rate ${LEARNING_RATE}, ${replicaCount} replicas`,
    replicaCount,
    workloads: parts,
    // Curves that stop early end nowhere.
    findings: isAborted(watcher) ? [] : parts.flatMap(findings),
    notDefined,
    ...addTotals(totals),
    families: [],
  };
}

async function trainWorkload(
  { id, description, source }: Workload,
  draws: number,
  objectives: readonly Objective[],
  k: number,
  { config, trainer, watcher }: { config: Config; trainer: Trainer; watcher: RunWatcher },
): Promise<{ readonly workload: ObjectivesWorkload; readonly totals: RunTotals }> {
  const problem = compileProblem(source);
  const modes = defaultModes(problem);
  const evaluator = new PolicyEvaluator(problem, modes);
  const jobs = objectives.map(({ weights, simko, entropyBonus }): TrainingJob => ({
    ...PLAIN_JOB,
    problem,
    modes,
    groupSize: config.groupSize,
    batchSize: problem.prompts.length,
    weights,
    simko,
    entropyBonus,
    optimiser: adam(LEARNING_RATE),
    stepCount: STEPS,
    snapshotSteps: evenSteps(STEPS, SNAPSHOTS),
    replicaCount: REPLICAS[config.preset],
    seed: config.seed,
    drawId: draws,
  }));
  const points = objectives.map((): ObjectivePoint[] => []);
  const live = (): LiveChart => ({
    title: `objectives, ${id}: median pass@1 along training`,
    x: 'step',
    y: 'median pass@1',
    series: objectives.flatMap((objective, i) =>
      points[i].length > 1
        ? [
            {
              name: objective.id,
              points: points[i].map(({ step, passAt1 }) => ({ x: step, y: passAt1.median })),
            },
          ]
        : [],
    ),
  });
  const totals = await trainJobs(
    jobs,
    trainer,
    watcher,
    (job, segment) => {
      if (segment.theta) points[job].push(pointOf(segment, evaluator, problem, k));
    },
    live,
  );
  const samplesPerStep = config.groupSize * problem.prompts.length;
  return {
    totals,
    workload: {
      id,
      description,
      k,
      modeCount: modes[0].length,
      target: TARGET,
      curves: objectives.flatMap((objective, i): ObjectiveCurve[] => {
        if (points[i].length === 0) return [];
        const reached = points[i].find(({ passAt1 }) => passAt1.median >= TARGET)?.step ?? null;
        return [
          {
            objective: objective.id,
            points: points[i],
            stepsToTarget: reached,
            samplesToTarget: reached === null ? null : reached * samplesPerStep,
          },
        ];
      }),
    },
  };
}

/** Means over prompts, bands over replicas. */
function pointOf(
  segment: TrainingSegment,
  evaluator: PolicyEvaluator,
  problem: Problem,
  k: number,
): ObjectivePoint {
  const values = replicaValues(segment, evaluator, problem.prompts.length);
  const band = (of: (value: (typeof values)[number][number]) => number): Band =>
    bandOf(
      Array.from({ length: segment.replicaCount }, (_, replica) =>
        mean(values.map((own) => of(own[replica]))),
      ),
    );
  return {
    step: segment.endStep,
    passAt1: band(({ successProb }) => successProb),
    passAtK: band(({ successProb, failureProb }) => passAtK(successProb, k, failureProb)),
    entropy: band(({ entropy }) => entropy),
    modes: band(keptModes),
  };
}

function findings({ id, curves, modeCount, target }: ObjectivesWorkload): string[] {
  const ends = curves.map(({ objective, points }) => ({ objective, ...points[points.length - 1] }));
  if (ends.length === 0) return [];
  const most = ends.reduce((best, end) => (end.modes.median > best.modes.median ? end : best));
  const least = ends.reduce((best, end) => (end.modes.median < best.modes.median ? end : best));
  const best = ends.reduce((top, end) => (end.passAt1.median > top.passAt1.median ? end : top));
  const soonest = curves
    .filter(({ stepsToTarget }) => stepsToTarget !== null)
    .sort((a, b) => (a.stepsToTarget ?? 0) - (b.stepsToTarget ?? 0))
    .at(0);
  return [
    `${id}: of ${modeCount} modes ${least.objective} keeps ${least.modes.median.toFixed(1)} and ${most.objective} ` +
      `${most.modes.median.toFixed(1)} (medians); the highest pass@1 at the end is ${best.passAt1.median.toFixed(3)} (${best.objective})` +
      (soonest
        ? `; ${soonest.objective} is the first whose median pass@1 reaches ${target}, by step ${soonest.stepsToTarget}`
        : `; none reaches a median pass@1 of ${target}`),
  ];
}
