/** How often training ends with one of two modes: against the rare one's mass, n and the estimator. */
import { drawId } from '../../lab/drawIds.ts';
import { defaultModes } from '../../problem/modes.ts';
import { compileProblem } from '../../problem/problem.ts';
import { keptModes, PolicyEvaluator } from '../../theory/trainedPolicy.ts';
import type { NotDefined } from '../../estimators/weightTables.ts';
import { PLAIN_JOB, adam, type TrainingJob } from '../../engine/training.ts';
import { quantile } from '../../math/stats/quantiles.ts';
import { shareOf } from '../../lab/checks.ts';
import { replicaValues } from '../../lab/replicaValues.ts';
import { tablesAt, teachingTables } from '../../lab/trainedTables.ts';
import { trainJobs, type RunTotals, type TrainingRun } from '../../lab/trainJobs.ts';
import type { KeptCell } from './result.ts';

const MODE_PROB = 0.3;
const RARE_PROBS = [0.005, 0.01, 0.03, 0.1];
const WRONG_ARMS = 6;
const STEPS = 120;
const LEARNING_RATE = 0.05;

export const KEPT_DESCRIPTION = `pi(M1) = ${MODE_PROB}, ${WRONG_ARMS} wrong arms, Adam at rate ${LEARNING_RATE}, ${STEPS} steps`;

export async function keptGrid(
  ids: readonly string[],
  groupSizes: readonly number[],
  ks: readonly number[],
  { trainer, watcher, seed, drawIds, replicaCount }: TrainingRun,
): Promise<{
  readonly kept: readonly KeptCell[];
  readonly notDefined: readonly NotDefined[];
  readonly totals: RunTotals;
}> {
  const problem = compileProblem({
    format: 'passk-problem@1',
    vocab: 2 + WRONG_ARMS,
    horizon: 1,
    context: 'none',
    prompts: RARE_PROBS.map((rareProb, index) => ({
      id: `p${index}`,
      probabilities: [
        [MODE_PROB, rareProb, ...new Array<number>(WRONG_ARMS).fill((1 - MODE_PROB - rareProb) / WRONG_ARMS)],
      ],
      accept: { sequences: [[0], [1]] },
    })),
  });
  const modes = defaultModes(problem);
  const evaluator = new PolicyEvaluator(problem, modes);
  const each = groupSizes.map((n) =>
    teachingTables(
      tablesAt(
        ids,
        n,
        ks.filter((k) => k <= n),
      ),
    ),
  );
  const tables = each.flatMap((entry) => entry.tables);
  const jobs = tables.map((weights): TrainingJob => ({
    ...PLAIN_JOB,
    problem,
    modes,
    groupSize: weights.n,
    batchSize: RARE_PROBS.length,
    weights,
    optimiser: adam(LEARNING_RATE),
    stepCount: STEPS,
    snapshotSteps: [STEPS],
    replicaCount,
    seed,
    // Every estimator sees the same draws.
    drawId: drawId(drawIds, 0),
  }));
  const ends = tables.map(() =>
    RARE_PROBS.map(() => ({ one: 0, rare: [] as number[], success: [] as number[] })),
  );
  const totals = await trainJobs(jobs, trainer, watcher, (job, segment) => {
    replicaValues(segment, evaluator, RARE_PROBS.length).forEach((values, x) => {
      const end = ends[job][x];
      for (const value of values) {
        if (keptModes(value) === 1) end.one += 1;
        end.rare.push(value.modeProbs[1]);
        end.success.push(value.successProb);
      }
    });
  });
  const median = (values: readonly number[]): number => quantile(Float64Array.from(values).sort(), 0.5);
  return {
    totals,
    notDefined: each.flatMap((entry) => entry.notDefined),
    kept: tables.flatMap((table, job) =>
      RARE_PROBS.flatMap((rareProb, x): KeptCell[] => {
        const { one, rare, success } = ends[job][x];
        if (rare.length === 0) return [];
        return [
          {
            estimator: table.estimatorId,
            k: table.k,
            groupSize: table.n,
            rareProb,
            oneMode: shareOf(one, rare.length),
            rareAtEnd: median(rare),
            successAtEnd: median(success),
          },
        ];
      }),
    ),
  };
}
