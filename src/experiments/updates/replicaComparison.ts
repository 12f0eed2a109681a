/**
 * Do many steps of the update kernel lead where the twin's do? Replicas of both, each with draws of its own, are compared
 * as two samples: J1 by Kolmogorov-Smirnov, the number of modes kept by an exact chi-square.
 */
import { drawId } from '../../lab/drawIds.ts';
import { TwinTrainer } from '../../engine/twin/twinTrainer.ts';
import { PLAIN_JOB, type Trainer, type TrainingJob } from '../../engine/training.ts';
import { defaultModes } from '../../problem/modes.ts';
import { compileProblem, type Problem } from '../../problem/problem.ts';
import { keptModes, PolicyEvaluator } from '../../theory/trainedPolicy.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import { homogeneityPValue, ksPValue } from '../../math/stats/twoSamples.ts';
import { addTotals, trainJobs, type RunTotals, type TrainingRun } from '../../lab/trainJobs.ts';
import type { ReplicaComparison } from './result.ts';

const STEPS = 30;
const LEARNING_RATE = 1;

/** A bandit of two correct arms, and two correct sequences whose second token depends on the first. */
function comparedProblems(): { readonly id: string; readonly problem: Problem }[] {
  return [
    {
      id: 'bandit of two modes',
      problem: compileProblem({
        format: 'passk-problem@1',
        vocab: 5,
        horizon: 1,
        context: 'none',
        prompts: [
          { id: 'p0', probabilities: [[0.2, 0.06, 0.34, 0.25, 0.15]], accept: { sequences: [[0], [1]] } },
        ],
      }),
    },
    {
      id: 'two sequences, with context',
      problem: compileProblem({
        format: 'passk-problem@1',
        vocab: 3,
        horizon: 2,
        context: 'previous',
        prompts: [
          {
            id: 'p0',
            probabilities: [
              [[0.5, 0.3, 0.2]],
              [
                [0.3, 0.3, 0.4],
                [0.2, 0.5, 0.3],
                [0.4, 0.3, 0.3],
              ],
            ],
            accept: {
              sequences: [
                [0, 1],
                [1, 2],
              ],
            },
          },
        ],
      }),
    },
  ];
}

interface Ends {
  readonly successProbs: number[];
  readonly modeCounts: number[];
}

export async function compareReplicas(
  weights: WeightTable,
  { trainer, watcher, seed, drawIds, replicaCount }: TrainingRun,
): Promise<{ readonly replicas: readonly ReplicaComparison[]; readonly totals: RunTotals }> {
  const replicas: ReplicaComparison[] = [];
  const totals: RunTotals[] = [];
  for (const [index, { id, problem }] of comparedProblems().entries()) {
    const modes = defaultModes(problem);
    const evaluator = new PolicyEvaluator(problem, modes);
    const job: TrainingJob = {
      ...PLAIN_JOB,
      problem,
      modes,
      groupSize: weights.n,
      batchSize: 1,
      weights,
      optimiser: { kind: 'sgd', learningRate: LEARNING_RATE },
      stepCount: STEPS,
      snapshotSteps: [STEPS],
      replicaCount,
      seed,
      drawId: drawId(drawIds, 2 * index),
    };
    const run = async (engine: Trainer, own: TrainingJob): Promise<Ends> => {
      const ends: Ends = { successProbs: [], modeCounts: new Array<number>(modes[0].length + 1).fill(0) };
      totals.push(
        await trainJobs([own], engine, watcher, (_, { theta, replicaCount: count }) => {
          if (!theta) return;
          const params = theta.length / count;
          for (let replica = 0; replica < count; replica += 1) {
            const value = evaluator.evaluate(0, theta.subarray(replica * params, (replica + 1) * params));
            ends.successProbs.push(value.successProb);
            ends.modeCounts[keptModes(value)] += 1;
          }
        }),
      );
      return ends;
    };
    const kernel = await run(trainer, job);
    const twin = await run(new TwinTrainer(), { ...job, drawId: drawId(drawIds, 2 * index + 1) });
    if (kernel.successProbs.length < replicaCount || twin.successProbs.length < replicaCount) break;
    replicas.push({
      description: `${id}, ${weights.estimatorId}, n = ${weights.n}, ${STEPS} steps at rate ${LEARNING_RATE}`,
      replicaCount,
      successPValue: ksPValue(kernel.successProbs, twin.successProbs),
      modesPValue: homogeneityPValue(kernel.modeCounts, twin.modeCounts),
      kernelModes: kernel.modeCounts,
      twinModes: twin.modeCounts,
    });
  }
  return { replicas, totals: addTotals(totals) };
}
