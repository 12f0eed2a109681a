/**
 * Theorem 3.2 (3): the gap between pass@k and pass@1 along training. Measured from the c of each snapshot's next groups, beside
 * its exact value δ − δ^k with δ = 1 − J1, and what it would be with δ = 1 − π(M1).
 */
import { drawId } from '../../lab/drawIds.ts';
import { binomialProbabilities } from '../../math/binomial.ts';
import { catalogued } from '../../estimators/estimatorSpec.ts';
import { passAtKGap, unbiasedPassAtK } from '../../math/passAtK.ts';
import { compileProblem, type Problem } from '../../problem/problem.ts';
import { defaultModes } from '../../problem/modes.ts';
import { PolicyEvaluator, type PolicyValue } from '../../theory/trainedPolicy.ts';
import { weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import { PLAIN_JOB, type TrainingJob } from '../../engine/training.ts';
import { bandOf } from '../../math/stats/quantiles.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { estimate, meanPValue, zScore } from '../../lab/checks.ts';
import { collapseRules } from './steps.ts';
import { plannedVerdict, type GroupLaw } from '../../theory/promptLaw.ts';
import { mean, replicaValues } from '../../lab/replicaValues.ts';
import { evenSteps, trainJobs, type RunTotals, type TrainingRun } from '../../lab/trainJobs.ts';
import type { GapCurve, GapPoint } from './result.ts';
import type { LiveChart } from '../../lab/watcher.ts';

const STEPS = 160;
const SNAPSHOTS = 10;
const LEARNING_RATE = 1;

interface Course {
  readonly id: string;
  readonly description: string;
  readonly row: readonly number[];
  readonly table: WeightTable;
}

/** How ids of courses begin that an objective trains. */
export const TRAINED_FOR = 'trained for ';

/** At k = 1 there is no gap to follow. */
function courses(n: number, k: number): Course[] {
  if (k === 1) return [];
  const table = (id: string): WeightTable => {
    const estimator = catalogued(id);
    return weightTable(estimator, n, estimator.usesK ? k : null);
  };
  const all = collapseRules(n)[0];
  const rare = [0.04, 0.01, 0.3, 0.25, 0.2, 0.1, 0.06, 0.04];
  const wrong = [0.25, 0.05, 0.4, 0.15, 0.05, 0.05, 0.03, 0.02];
  return [
    {
      id: `${TRAINED_FOR}pass@1`,
      description: 'rloo from J1 = 0.05',
      row: rare,
      table: table('rloo'),
    },
    {
      id: `${TRAINED_FOR}pass@${k}`,
      description: 'pkpo-loo1 from J1 = 0.05',
      row: rare,
      table: table('pkpo-loo1'),
    },
    {
      id: 'every sample reinforced',
      description: 'right or wrong, from J1 = 0.3',
      row: wrong,
      table: all,
    },
  ];
}

export async function gapCurves(
  n: number,
  k: number,
  { trainer, watcher, seed, drawIds, replicaCount }: TrainingRun,
): Promise<{ readonly curves: readonly GapCurve[]; readonly totals: RunTotals }> {
  const chosen = courses(n, k);
  const snapshots = evenSteps(STEPS - 1, SNAPSHOTS);
  const problems = chosen.map(({ row }): Problem =>
    compileProblem({
      format: 'passk-problem@1',
      vocab: row.length,
      horizon: 1,
      context: 'none',
      prompts: [{ id: 'p0', probabilities: [row], accept: { sequences: [[0], [1]] } }],
    }),
  );
  const jobs = chosen.map(({ table }, index): TrainingJob => ({
    ...PLAIN_JOB,
    problem: problems[index],
    modes: defaultModes(problems[index]),
    groupSize: n,
    batchSize: 1,
    weights: table,
    optimiser: { kind: 'sgd', learningRate: LEARNING_RATE },
    stepCount: STEPS,
    snapshotSteps: snapshots,
    replicaCount,
    seed,
    drawId: drawId(drawIds, index),
  }));
  const evaluators = problems.map((problem) => new PolicyEvaluator(problem, defaultModes(problem)));
  /** values at each snapshot, and the c of the groups drawn next: [course] by step */
  const values = chosen.map(() => new Map<number, PolicyValue[]>());
  const counts = chosen.map(() => new Map<number, Float64Array>());
  /** mean exact gap of each snapshot, for the chart of a run in progress */
  const means = chosen.map(() => new Map<number, number>());
  const level = FAMILY_LEVEL / (chosen.length * snapshots.length);
  const points = (course: number): GapPoint[] =>
    [...values[course]].flatMap(([step, own]) => {
      const next = counts[course].get(step);
      return next && own.length === replicaCount ? [gapPoint(step, own, next, n, k, level)] : [];
    });
  const live = (): LiveChart => ({
    title: `collapse: pass@${k} − pass@1 along training`,
    x: 'step',
    y: 'mean gap over replicas',
    series: chosen.map(({ id }, course) => ({
      name: id,
      points: [...means[course]].map(([step, gap]) => ({ x: step, y: gap })),
    })),
  });
  const totals = await trainJobs(
    jobs,
    trainer,
    watcher,
    (job, segment) => {
      const { firstStep, endStep, correctCounts } = segment;
      if (endStep > firstStep) {
        const sum = counts[job].get(firstStep) ?? new Float64Array(n + 1);
        for (let c = 0; c <= n; c += 1) sum[c] += correctCounts[c];
        counts[job].set(firstStep, sum);
      }
      const [own] = replicaValues(segment, evaluators[job], 1) as (PolicyValue[] | undefined)[];
      if (!own) return;
      values[job].set(endStep, [...(values[job].get(endStep) ?? []), ...own]);
      means[job].set(endStep, mean(own.map(({ successProb }) => passAtKGap(successProb, k))));
    },
    live,
  );
  return {
    totals,
    curves: chosen.map(({ id, description }, course) => ({
      id,
      description,
      k,
      points: points(course),
    })),
  };
}

/**
 * Given each replica's policy its group's ρ(n, c, k) − c/n is an unbiased estimate of the gap, independent of the others', so
 * the mean over replicas has the mean of their variances.
 */
function gapPoint(
  step: number,
  own: readonly PolicyValue[],
  counts: Float64Array,
  n: number,
  k: number,
  level: number,
): GapPoint {
  const replicaCount = own.length;
  const gapOf = (c: number): number => unbiasedPassAtK(n, c, k) - c / n;
  const gaps = Array.from({ length: n + 1 }, (_, c) => gapOf(c));
  const exact = own.map(({ successProb }) => passAtKGap(successProb, k));
  const variances = own.map(({ successProb, failureProb }, i) =>
    binomialProbabilities(n, successProb, failureProb).reduce(
      (sum, prob, c) => sum + prob * (gaps[c] - exact[i]) ** 2,
      0,
    ),
  );
  const law: GroupLaw = { mean: mean(exact), variance: mean(variances), bound: 1 };
  const measured = gaps.reduce((sum, gap, c) => sum + gap * counts[c], 0) / replicaCount;
  return {
    step,
    measuredGap: estimate(measured, law, replicaCount),
    exactGap: law.mean,
    gapOfMode: mean(own.map(({ modeProbs }) => passAtKGap(modeProbs[0], k))),
    successProb: bandOf(own.map(({ successProb }) => successProb)),
    modeProb: bandOf(own.map(({ modeProbs }) => modeProbs[0])),
    z: zScore(measured, law, replicaCount),
    // The kernel draws from masses that float32 rounds; the values are those of theta itself.
    pValue: meanPValue(measured, law, replicaCount, 1e-6),
    verdict: plannedVerdict(law, replicaCount, level),
  };
}
