/**
 * Theorem 3.2 (1) and (2), one step at a time: how often a step finds M2, and what steps that do not do to the mass of M1.
 *
 * Given no sample of M2, c samples are of M1 and the others wrong, c ~ Binomial(n, π(M1)/(1 − π(M2))), so to first order
 *   E[Δπ(M1)]/η = E[c w1(c)] |∇π(M1)|²/π(M1) + E[(n−c) w0(c)] μ_W·∇π(M1),   μ_W = −∇J1/(1 − J1)
 * μ_W being the mean score of a wrong trajectory.
 */
import { drawId } from '../../lab/drawIds.ts';
import { binomialProbabilities } from '../../math/binomial.ts';
import { catalogued } from '../../estimators/estimatorSpec.ts';
import { PolicyEvaluator } from '../../theory/trainedPolicy.ts';
import { tableFromWeights, weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import { PLAIN_JOB, type TrainingJob, type TrainingSegment } from '../../engine/training.ts';
import { MODE_BIT } from '../../engine/outcomeTallies.ts';
import { binomialPValue } from '../../math/stats/tails.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { shareOf } from '../../lab/checks.ts';
import { worstBatches } from './batches.ts';
import { exactMeanChange } from './finiteStep.ts';
import { RULES } from './statements.ts';
import { caseSets, RARE_MODE, solveCase, type CaseSet, type CaseTheory } from './cases.ts';
import { plannedVerdict, type GroupLaw } from '../../theory/promptLaw.ts';
import type { Estimate } from '../../lab/results.ts';
import { dot } from '../../theory/sharedParameters.ts';
import { addTotals, trainJobs, type RunTotals, type TrainingRun } from '../../lab/trainJobs.ts';
import type { CollapseCase, CollapseCell, Holds } from './result.ts';

const LEARNING_RATE = 1;
/** A change smaller than this times the learning rate may be float32 rounding of theta. */
const ROUNDING = 1e-6;
/** A first-order value of less is rounding. */
const NOTHING = 1e-12;
/** Level of each mean's interval: some 150 of them together miss once in a thousand runs. */
const MEAN_LEVEL = 1 - 1e-3 / 150;
/** Its normal quantile. */
const INTERVAL_Z = 4.503;
const LEAST_BATCHES = 200;

/** The rules that the theorem may speak of. */
export function collapseRules(n: number): WeightTable[] {
  const rule = (id: string, name: string): WeightTable => {
    const estimator = catalogued(id);
    return { ...weightTable(estimator, n, null), estimatorId: name };
  };
  const all = new Float64Array(n + 1).fill(1 / n);
  return [
    tableFromWeights(
      { estimatorId: RULES[0], n, k: null, centred: false },
      all.map((weight, c) => (c === 0 ? 0 : weight)),
      all.map((weight, c) => (c === n ? 0 : weight)),
    ),
    rule('reinforce', RULES[1]),
    rule('rloo', RULES[2]),
  ];
}

export interface CollapseSteps {
  readonly cases: readonly CollapseCase[];
  readonly totals: RunTotals;
}

/** One draw id for each set of cases; all rules see the same draws. */
export async function collapseSteps(
  groupSizes: readonly number[],
  { trainer, watcher, seed, drawIds, replicaCount }: TrainingRun,
): Promise<CollapseSteps> {
  const cases: CollapseCase[] = [];
  const totals: RunTotals[] = [];
  const sets = caseSets().flatMap((set) => groupSizes.map((n) => ({ set, n })));
  const comparisons = sets.reduce((sum, { set }) => sum + set.cases.length, 0);
  for (const [index, { set, n }] of sets.entries()) {
    const rules = collapseRules(n);
    const promptCount = set.cases.length;
    const jobs = rules.map((weights): TrainingJob => ({
      ...PLAIN_JOB,
      problem: set.problem,
      modes: set.modes,
      groupSize: n,
      batchSize: promptCount,
      weights,
      // The mean over prompts would divide each one's step, though they share no parameter.
      optimiser: { kind: 'sgd', learningRate: LEARNING_RATE * promptCount },
      stepCount: 1,
      snapshotSteps: [1],
      replicaCount,
      seed,
      drawId: drawId(drawIds, index),
      outcomes: 'each',
    }));
    const segments: TrainingSegment[][] = rules.map(() => []);
    totals.push(await trainJobs(jobs, trainer, watcher, (job, segment) => segments[job].push(segment)));
    if (segments.some((own) => own.length === 0)) break;
    const evaluator = new PolicyEvaluator(set.problem, set.modes);
    for (let x = 0; x < promptCount; x += 1) {
      cases.push(caseOf(set, x, { n, rules, segments, evaluator, level: FAMILY_LEVEL / comparisons }));
    }
  }
  return { cases, totals: addTotals(totals) };
}

/** A set of cases after one step with each rule. */
interface TrainedSet {
  readonly n: number;
  readonly rules: readonly WeightTable[];
  /** [rules][segments] */
  readonly segments: readonly (readonly TrainingSegment[])[];
  readonly evaluator: PolicyEvaluator;
  /** of one comparison at the family's first Holm step */
  readonly level: number;
}

function caseOf(set: CaseSet, x: number, { n, rules, segments, evaluator, level }: TrainedSet): CollapseCase {
  const { id, wrong, rows, mode } = set.cases[x];
  const theory = solveCase(set, x);
  const [modeProb, rareProb] = [theory.mode.successProb, theory.rareMode.successProb];
  const found = foundRare(segments[0], x);
  const trials = found.length;
  const finds = found.filter(Boolean).length;
  const exact = -Math.expm1(n * Math.log1p(-rareProb));
  const law: GroupLaw = { mean: exact, variance: exact * (1 - exact), bound: Math.max(exact, 1 - exact) };
  const standardError = Math.sqrt(law.variance / trials);
  return {
    id: `${id}, n = ${n}`,
    description: `pi(M1) = ${modeProb.toFixed(4)}, pi(M2) = ${rareProb.toPrecision(3)}`,
    wrong,
    modeSize: mode.length === 1 ? 'one trajectory' : 'several trajectories',
    horizon: rows.length,
    groupSize: n,
    modeProb,
    rareProb,
    discovery: {
      exact,
      measured: shareOf(finds, trials),
      bound: Math.min(1, n * rareProb),
      pValue: binomialPValue(finds, trials, exact),
      z: standardError > 0 ? (finds / trials - exact) / standardError : null,
      verdict: plannedVerdict(law, trials, level),
    },
    cells: rules.map((rule, r) =>
      cellOf(
        rule,
        theory,
        worstBatches(rule, set, x, theory, evaluator, LEARNING_RATE),
        exactMeanChange(rule, set.cases[x], LEARNING_RATE),
        changesOf(segments[r], x, theory, evaluator),
      ),
    ),
  };
}

/** [replicas], whether the group of prompt x found M2. */
function foundRare(segments: readonly TrainingSegment[], x: number): boolean[] {
  return segments.flatMap(({ outcomes, replicaCount }) =>
    Array.from(
      { length: replicaCount },
      (_, replica) =>
        outcomes !== null && ((outcomes[x * replicaCount + replica] >>> (MODE_BIT + RARE_MODE)) & 1) === 1,
    ),
  );
}

/** Changes of π(M1) in the steps that did not find M2. */
function changesOf(
  segments: readonly TrainingSegment[],
  x: number,
  { mode }: CaseTheory,
  evaluator: PolicyEvaluator,
): number[] {
  const found = foundRare(segments, x);
  let before = 0;
  return segments.flatMap(({ theta, replicaCount }) => {
    const first = before;
    before += replicaCount;
    if (!theta) return [];
    const params = theta.length / replicaCount;
    return Array.from({ length: replicaCount }, (_, replica) => replica)
      .filter((replica) => !found[first + replica])
      .map((replica) => {
        const own = theta.subarray(replica * params, (replica + 1) * params);
        return evaluator.evaluate(x, own).modeProbs[0] - mode.successProb;
      });
  });
}

function cellOf(
  rule: WeightTable,
  theory: CaseTheory,
  worst: CollapseCell['worst'],
  exactChange: number | null,
  changes: readonly number[],
): CollapseCell {
  const count = changes.length;
  const lowered = changes.filter((change) => change < -ROUNDING * LEARNING_RATE).length;
  const meanChange = count > 0 ? meanEstimate(changes) : null;
  const first = firstOrder(rule, theory);
  const lowers =
    lowered > 0 ||
    worst.smallStep.firstOrder < -NOTHING ||
    worst.finiteStep.change < -ROUNDING * LEARNING_RATE;
  return {
    rule: rule.estimatorId,
    loweringShare: count > 0 ? shareOf(lowered, count) : null,
    meanChange,
    exactChange,
    learningRate: LEARNING_RATE,
    firstOrder: first,
    worst,
    perBatch: lowers ? 'fails' : 'holds',
    inMeanFirstOrder: first >= -NOTHING ? 'holds' : 'fails',
    inMeanFiniteStep:
      exactChange === null ? finiteStep(meanChange) : exactChange >= -NOTHING ? 'holds' : 'fails',
  };
}

function meanEstimate(changes: readonly number[]): Estimate {
  const count = changes.length;
  const mean = changes.reduce((sum, change) => sum + change, 0) / count;
  const variance = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0) / Math.max(1, count - 1);
  const standardError = Math.sqrt(variance / count);
  const half = INTERVAL_Z * standardError + ROUNDING * LEARNING_RATE;
  return { value: mean, standardError, low: mean - half, high: mean + half, level: MEAN_LEVEL, count };
}

/** Where the mean was not enumerated. Few batches say nothing: their spread is not known. */
function finiteStep(meanChange: Estimate | null): Holds {
  if (!meanChange || meanChange.count < LEAST_BATCHES) return 'open';
  if (meanChange.high < 0) return 'fails';
  return meanChange.low >= -2 * ROUNDING * LEARNING_RATE ? 'holds' : 'open';
}

/** Rate of E[Δπ(M1)] at a small learning rate, given that no sample is of M2. */
export function firstOrder(rule: WeightTable, { whole, mode, rareMode }: CaseTheory): number {
  const { n } = rule;
  const others = rareMode.failureProb;
  const p = Math.min(1, mode.successProb / others);
  const q = whole.failureProb / others;
  let fromMode = 0;
  let fromWrong = 0;
  binomialProbabilities(n, p, q).forEach((prob, c) => {
    if (c > 0) fromMode += prob * c * rule.correct[c];
    if (c < n) fromWrong += prob * (n - c) * rule.wrong[c];
  });
  const wrongScore = whole.failureProb > 0 ? -dot(whole.gradient, mode.gradient) / whole.failureProb : 0;
  return fromMode * (mode.gradientNormSq / mode.successProb) + fromWrong * wrongScore;
}
