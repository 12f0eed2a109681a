/**
 * Experiment `crossover`: does the policy before training win at large k (Yue et al. 2504.13837)? Prompts that share parameters
 * are trained with each objective; mean pass@k over prompts, and maj@k, of the initial and of the trained policy follow
 * exactly from theta. In the workload where prompts share nothing there is nothing to trade.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import type { Lab } from '../../lab/experiment.ts';
import { catalogued } from '../../estimators/estimatorSpec.ts';
import { majorityAtK } from '../../math/majority.ts';
import { passAtK } from '../../math/passAtK.ts';
import { compileProblem, type Problem, type ProblemSource } from '../../problem/problem.ts';
import { PolicyEvaluator, type PolicyValue } from '../../theory/trainedPolicy.ts';
import { sum } from '../../problem/workloads.ts';
import { weightTable } from '../../estimators/weightTables.ts';
import { PLAIN_JOB, paramCount, sgd, type TrainingJob } from '../../engine/training.ts';
import { bandOf } from '../../math/stats/quantiles.ts';
import { shareOf } from '../../lab/checks.ts';
import { formatShare } from '../../view/format.ts';
import { nameOf, type Objective } from '../../lab/objectiveList.ts';
import { isAborted } from '../../lab/sampleJobs.ts';
import { mean, replicaValues } from '../../lab/replicaValues.ts';
import type { Config, Preset } from '../../lab/settings.ts';
import { addTotals, trainJobs, type RunTotals } from '../../lab/trainJobs.ts';
import type { CrossoverCurve, CrossoverResult } from './result.ts';
import { teachingTables, trainedTables, type TrainedTables } from '../../lab/trainedTables.ts';
import type { LiveChart } from '../../lab/watcher.ts';

/** One for each workload. */
export const DRAW_IDS = [0xb00, 0xbff] as const satisfies DrawIds;
const WORKLOAD_SEED = 9;
const STEPS = 150;
const LEARNING_RATE = 1;
const REPLICAS: Readonly<Record<Preset, number>> = { quick: 96, standard: 512, full: 4096 };
/** k that curves are drawn at, and those at which a majority is taken. */
const KS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const MAJORITY_KS = [1, 2, 4, 8, 16, 32];
/** Replicas whose majorities are computed. */
const MAJORITY_REPLICAS = 8;
/** The initial policy wins at k if its mean pass@k is higher by more than this: half a point. */
const WIN = 0.005;

interface Workload {
  readonly id: string;
  readonly description: string;
  readonly source: ProblemSource;
}

const ARMS = 6;

/** One correct arm; a state for each arm, so that answers can be told apart. */
function armVerifier(arm: number): {
  readonly automaton: { start: number; accept: number[]; next: number[][] };
} {
  const arms = Array.from({ length: ARMS }, (_, v) => v);
  return {
    automaton: {
      start: 0,
      accept: [1 + arm],
      next: [arms.map((v) => 1 + v), ...arms.map((own) => arms.map(() => 1 + own))],
    },
  };
}

function armPrompts(features: readonly (readonly number[])[] | null): ProblemSource {
  // Most prompts want arm 0; two want arms 1 and 2.
  const wanted = [0, 0, 0, 0, 1, 2];
  const chances = [0.3, 0.25, 0.2, 0.15, 0.12, 0.08];
  return {
    format: 'passk-problem@1',
    vocab: ARMS,
    horizon: 1,
    context: 'none',
    prompts: wanted.map((arm, x) => ({
      id: `p${x}`,
      probabilities: [
        Array.from({ length: ARMS }, (_, v) => (v === arm ? chances[x] : (1 - chances[x]) / (ARMS - 1))),
      ],
      accept: armVerifier(arm),
    })),
    ...(features ? { features } : {}),
  };
}

function workloads(): Workload[] {
  return [
    {
      id: 'one habit',
      description: 'six prompts with all parameters in common; four want one answer, two others',
      source: armPrompts([[1], [1], [1], [1], [1], [1]]),
    },
    {
      id: 'partly shared',
      description: 'the same prompts with two shared blocks of parameters, the second told apart by its sign',
      source: armPrompts([
        [1, 0.3],
        [1, 0.3],
        [1, 0.3],
        [1, 0.3],
        [1, -0.6],
        [1, -0.6],
      ]),
    },
    {
      id: 'sums',
      description: 'six prompts of three tokens that must add up to 0 .. 3 modulo 4, two shared blocks',
      source: sums(),
    },
    {
      id: 'nothing shared',
      description: 'the six prompts of the first workload, each with parameters of its own',
      source: armPrompts(null),
    },
  ];
}

function sums(): ProblemSource {
  const spec = { vocab: 4, horizon: 3, context: 'none' as const, seed: WORKLOAD_SEED };
  const successProbs = [0.5, 0.4, 0.3, 0.25, 0.15, 0.05];
  const parts = successProbs.map((p, x) => sum({ ...spec, successProbs: [p] }, 4, x % 4));
  return {
    ...parts[0],
    prompts: parts.map(({ prompts }, x) => ({ ...prompts[0], id: `p${x}` })),
    features: [
      [1, 0.8],
      [1, -0.5],
      [1, 0.3],
      [1, -0.9],
      [1, 0.6],
      [1, -0.2],
    ],
  };
}

/** Pass@1's own gradient first, then the run's estimators. */
function objectivesOf(config: Config, tables: TrainedTables['tables']): Objective[] {
  const plain = catalogued('rloo');
  const first = weightTable(plain, config.groupSize, null);
  return [first, ...tables.filter(({ estimatorId }) => estimatorId !== 'rloo')].map((weights) => ({
    id: nameOf(weights),
    weights,
    simko: null,
    entropyBonus: 0,
  }));
}

export async function runCrossover({ config, own, engine: trainer, watcher }: Lab): Promise<CrossoverResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const { tables, notDefined } = teachingTables(trainedTables(config, own));
  const objectives = objectivesOf(config, tables);
  const replicaCount = REPLICAS[config.preset];
  const curves: CrossoverCurve[] = [];
  const totals: RunTotals[] = [];
  const used: Workload[] = [];
  for (const [index, workload] of workloads().entries()) {
    if (isAborted(watcher)) break;
    const problem = compileProblem(workload.source);
    const modes = problem.prompts.map(() => []);
    const evaluator = new PolicyEvaluator(problem, modes);
    const jobs = objectives.map(({ weights }): TrainingJob => ({
      ...PLAIN_JOB,
      problem,
      modes,
      groupSize: config.groupSize,
      batchSize: problem.prompts.length,
      weights,
      optimiser: sgd(LEARNING_RATE * (problem.features ? 1 : problem.prompts.length)),
      stepCount: STEPS,
      snapshotSteps: [STEPS],
      replicaCount,
      seed: config.seed,
      drawId: drawId(DRAW_IDS, index),
    }));
    const start = initialValues(problem, evaluator);
    const ends = objectives.map((): PolicyValue[][] => problem.prompts.map(() => []));
    /** medians of finished jobs, for the chart of a run in progress */
    const medians = new Map<number, number[]>();
    const live = (): LiveChart => ({
      title: `crossover, ${workload.id}: mean pass@k after training`,
      x: 'k',
      y: 'mean pass@k',
      series: [
        { name: 'initial', points: KS.map((k) => ({ x: k, y: meanPassAtK(start, k) })) },
        ...[...medians].map(([job, values]) => ({
          name: objectives[job].id,
          points: KS.map((k, i) => ({ x: k, y: values[i] })),
        })),
      ],
    });
    totals.push(
      await trainJobs(
        jobs,
        trainer,
        watcher,
        (job, segment) => {
          replicaValues(segment, evaluator, problem.prompts.length).forEach((values, x) =>
            ends[job][x].push(...values),
          );
          if (ends[job][0].length < replicaCount) return;
          const replicas = replicasOf(ends[job]);
          medians.set(
            job,
            KS.map((k) => bandOf(replicas.map((values) => meanPassAtK(values, k))).median),
          );
        },
        live,
      ),
    );
    used.push(workload);
    objectives.forEach((_, job) => {
      if (ends[job][0].length < replicaCount) return;
      curves.push(crossoverCurve(workload.id, objectives[job].id, problem, start, ends[job]));
    });
  }
  return {
    experiment: 'crossover',
    description: `n = ${config.groupSize}, ${STEPS} steps of SGD, ${replicaCount} replicas; every k to 64, then steps of a tenth`,
    replicaCount,
    majorityReplicaCount: Math.min(replicaCount, MAJORITY_REPLICAS),
    notDefined,
    workloads: used.map(({ id, description }) => ({ id, description })),
    curves,
    findings: isAborted(watcher) ? [] : findings(curves, used),
    ...addTotals(totals),
    families: [],
  };
}

function initialValues(problem: Problem, evaluator: PolicyEvaluator): PolicyValue[] {
  const theta = new Float64Array(paramCount(problem));
  return problem.prompts.map((_, x) => evaluator.evaluate(x, theta));
}

/** [replicas][prompts] from [prompts][replicas] */
function replicasOf(ends: readonly (readonly PolicyValue[])[]): PolicyValue[][] {
  return ends[0].map((_, replica) => ends.map((own) => own[replica]));
}

const meanPassAtK = (values: readonly PolicyValue[], k: number): number =>
  mean(values.map(({ successProb, failureProb }) => passAtK(successProb, k, failureProb)));

/** Answers are final states of the verifier; one of them is correct. */
function meanMajority(problem: Problem, values: readonly PolicyValue[], k: number): number {
  return mean(
    values.map(({ finalProbs }, x) => {
      const { accepting } = problem.prompts[x].automaton;
      const correct = accepting.indexOf(1);
      const others = Array.from(finalProbs).filter((_, state) => state !== correct);
      return majorityAtK(finalProbs[correct], others, k);
    }),
  );
}

function crossoverCurve(
  workload: string,
  objective: string,
  problem: Problem,
  start: readonly PolicyValue[],
  ends: readonly (readonly PolicyValue[])[],
): CrossoverCurve {
  const replicas = replicasOf(ends);
  const firstWins = replicas.map((values) =>
    scannedKs().find((k) => meanPassAtK(start, k) > meanPassAtK(values, k) + WIN),
  );
  const won = firstWins.filter((k) => k !== undefined);
  return {
    workload,
    objective,
    points: KS.map((k) => {
      const hasMajority = MAJORITY_KS.includes(k);
      return {
        k,
        initial: meanPassAtK(start, k),
        trained: bandOf(replicas.map((values) => meanPassAtK(values, k))),
        initialMajority: hasMajority ? meanMajority(problem, start, k) : null,
        trainedMajority: hasMajority
          ? bandOf(replicas.slice(0, MAJORITY_REPLICAS).map((values) => meanMajority(problem, values, k)))
          : null,
      };
    }),
    overtaken: shareOf(won.length, replicas.length),
    overtakesAtK: won.length > 0 ? bandOf(won) : null,
  };
}

/** Every k to 64, then steps of a tenth, to the largest that is drawn. */
function scannedKs(): number[] {
  const ks: number[] = [];
  for (let k = 1; k <= KS[KS.length - 1]; k = k < 64 ? k + 1 : Math.ceil(k * 1.1)) ks.push(k);
  return ks;
}

function findings(curves: readonly CrossoverCurve[], used: readonly Workload[]): string[] {
  return used.flatMap(({ id, description }) => {
    const own = curves.filter(({ workload }) => workload === id);
    if (own.length === 0) return [];
    const first = own[0];
    const words = ({ objective, overtaken, overtakesAtK, points }: CrossoverCurve): string => {
      const last = points[points.length - 1];
      const change = `pass@1 ${points[0].initial.toFixed(2)} to ${points[0].trained.median.toFixed(2)}, pass@${last.k} ${last.initial.toFixed(2)} to ${last.trained.median.toFixed(2)}`;
      return overtakesAtK && overtaken.value >= 0.5
        ? `after ${objective} the initial policy is ahead by half a point from k = ${Math.round(overtakesAtK.median)} in ${formatShare(overtaken)} of replicas (${change})`
        : `after ${objective} the initial policy gets half a point ahead at some k in ${formatShare(overtaken)} of replicas (${change})`;
    };
    const best = own.reduce((top, curve) => {
      const end = (entry: CrossoverCurve): number => entry.points[entry.points.length - 1].trained.median;
      return end(curve) > end(top) + 1e-9 ? curve : top;
    });
    return [`${id} (${description}): ${words(first)}${best === first ? '' : `; ${words(best)}`}`];
  });
}
