/**
 * Is the update kernel's gradient right? From theta = 0 one step of SGD at rate 1 leaves theta = Ḡ, the gradient estimate
 * itself; its mean over replicas must be what theory says of the very masses that the kernel drew from.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { PLAIN_JOB, type Trainer, type TrainingJob } from '../../engine/training.ts';
import { defaultModes } from '../../problem/modes.ts';
import { compileProblem, type Problem } from '../../problem/problem.ts';
import { solvePrompt, type PromptTheory } from '../../theory/promptTheory.ts';
import { catalogued } from '../../estimators/estimatorSpec.ts';
import { tableFromWeights, weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import { bandit, sequences } from '../../problem/workloads.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { estimate, meanPValue, zScore } from '../../lab/checks.ts';
import { CONTROL_LEVEL, rejectionPower } from '../../lab/controls.ts';
import { plannedVerdict, type GroupLaw } from '../../theory/promptLaw.ts';
import type { ControlResult } from '../../lab/results.ts';
import { aggregated, dot, featuresOf, sharedLaw } from '../../theory/sharedParameters.ts';
import { addTotals, trainJobs, type RunTotals, type TrainingRun } from '../../lab/trainJobs.ts';
import type { FirstGradientCell } from './result.ts';

const WORKLOAD_SEED = 32;
/** Rounding of a gradient by the kernel, relative to the largest that a replica may have: float32, some 20 operations. */
const KERNEL_ROUNDING = 20 * 2 ** -24;

/** A bandit with parameters of its own, and three prompts of two positions that share theirs. */
function gradientProblems(): { readonly id: string; readonly problem: Problem }[] {
  const shared = {
    ...sequences(
      { vocab: 3, horizon: 2, context: 'none', successProbs: [0.25, 0.4, 0.6], seed: WORKLOAD_SEED },
      2,
    ),
    features: [
      [1, 0.8],
      [1, -0.5],
      [1, 0.3],
    ],
  };
  return [
    { id: 'bandit', problem: compileProblem(bandit(6, 2, [0.3], WORKLOAD_SEED)) },
    { id: 'shared parameters', problem: compileProblem(shared) },
  ];
}

interface Solved {
  readonly id: string;
  readonly problem: Problem;
  readonly theory: readonly PromptTheory[];
  readonly features: readonly (readonly number[])[];
  /** D: ∇J̄_1 / |∇J̄_1|² */
  readonly direction: Float64Array;
}

export interface FirstGradients {
  readonly cells: readonly FirstGradientCell[];
  readonly controls: readonly ControlResult[];
  readonly totals: RunTotals;
}

/** Draw ids are cut into as many equal parts as there are problems: one id a table. */
export async function firstGradients(
  tables: readonly WeightTable[],
  groupSize: number,
  { trainer, watcher, seed, drawIds, replicaCount }: TrainingRun,
): Promise<FirstGradients> {
  const totals: RunTotals[] = [];
  const cells: FirstGradientCell[] = [];
  const controls: ControlResult[] = [];
  const level = FAMILY_LEVEL / Math.max(1, 2 * tables.length);
  const problems = gradientProblems();
  const idsPerProblem = Math.floor((drawIds[1] + 1 - drawIds[0]) / problems.length);
  for (const [index, { id, problem }] of problems.entries()) {
    const first = drawIds[0] + idsPerProblem * index;
    const own: DrawIds = [first, first + idsPerProblem - 1];
    const plain = plainTable(groupSize);
    const jobFor = (weights: WeightTable, place: number): TrainingJob => ({
      ...PLAIN_JOB,
      problem,
      modes: defaultModes(problem),
      groupSize,
      batchSize: problem.prompts.length,
      weights,
      optimiser: { kind: 'sgd', learningRate: 1 },
      stepCount: 1,
      snapshotSteps: [1],
      replicaCount,
      seed,
      drawId: drawId(own, place),
    });
    const solved = await solveKernel(
      id,
      problem,
      { ...jobFor(plain, 0), replicaCount: 1, masses: 'kept' },
      trainer,
    );
    const flipped = index === 0 ? flippedTable(plain, solved) : null;
    const tried = flipped ? [...tables, flipped] : tables;
    const sums = tried.map(() => ({ along: 0, count: 0 }));
    totals.push(
      await trainJobs(tried.map(jobFor), trainer, watcher, (job, { theta, replicaCount: count }) => {
        if (!theta) return;
        const params = theta.length / count;
        for (let replica = 0; replica < count; replica += 1) {
          sums[job].along += dot(
            solved.direction,
            Float64Array.from(theta.subarray(replica * params, (replica + 1) * params)),
          );
        }
        sums[job].count += count;
      }),
    );
    tried.forEach((table, i) => {
      const { along, count } = sums[i];
      if (count < replicaCount) return;
      const honest = table === flipped ? plain : table;
      const law = sharedLaw(solved.problem, solved.theory, solved.features, solved.direction, honest);
      const measured = along / count;
      const rounding = KERNEL_ROUNDING * Math.abs(law.bound);
      const pValue = meanPValue(measured, law, count, rounding);
      if (table === flipped) {
        controls.push(control(table, solved, law, measured, count, pValue));
        return;
      }
      cells.push({
        problem: id,
        estimator: table.estimatorId,
        k: table.k,
        exact: law.mean,
        measured: estimate(measured, law, count),
        z: zScore(measured, law, count),
        pValue,
        verdict: plannedVerdict(law, count, level),
      });
    });
  }
  return { cells, controls, totals: addTotals(totals) };
}

/** The exact theory of the masses that the kernel makes of theta = 0. */
async function solveKernel(
  id: string,
  problem: Problem,
  job: TrainingJob,
  trainer: Trainer,
): Promise<Solved> {
  const cells = problem.rowCount * problem.vocab;
  let prompts = problem.prompts;
  for await (const event of trainer.train(job)) {
    if (event.kind !== 'segment' || !event.segment.masses) continue;
    const { masses } = event.segment;
    prompts = problem.prompts.map((prompt, x) => ({
      ...prompt,
      masses: Float64Array.from(masses.subarray(x * cells, (x + 1) * cells)),
    }));
  }
  const own: Problem = { ...problem, prompts };
  const theory = prompts.map((prompt) => solvePrompt(own, prompt));
  const features = featuresOf(problem);
  const first = aggregated(
    theory.map(({ gradient }) => gradient),
    features,
  );
  const size = dot(first, first);
  return { id, problem: own, theory, features, direction: first.map((value) => value / size) };
}

/** What the control flips a weight of: defined at every n. */
function plainTable(groupSize: number): WeightTable {
  const rloo = catalogued('rloo');
  return weightTable(rloo, groupSize, null);
}

/** The sign of one weight turned: of a correct trajectory, at the c where that moves the mean most. */
function flippedTable(table: WeightTable, solved: Solved): WeightTable {
  const flippedAt = (c: number): WeightTable => flipOne(table, c);
  const meanOf = (tried: WeightTable): number =>
    sharedLaw(solved.problem, solved.theory, solved.features, solved.direction, tried).mean;
  const honest = meanOf(table);
  const cs = Array.from({ length: table.n }, (_, i) => i + 1);
  const shifts = cs.map((c) => Math.abs(meanOf(flippedAt(c)) - honest));
  return flippedAt(cs[shifts.indexOf(Math.max(...shifts))]);
}

function flipOne(table: WeightTable, c: number): WeightTable {
  const correct = table.correct.map((weight, i) => (i === c ? -weight : weight));
  return tableFromWeights(
    { ...table, estimatorId: `${table.estimatorId}, flipped at c = ${c}` },
    correct,
    table.wrong,
  );
}

function control(
  table: WeightTable,
  { problem, theory, features, direction }: Solved,
  claim: GroupLaw,
  measured: number,
  count: number,
  pValue: number,
): ControlResult {
  const truth = sharedLaw(problem, theory, features, direction, table);
  return {
    id: 'flipped-weight',
    description: `update kernel with the sign of one weight flipped (${table.estimatorId})`,
    power: rejectionPower(claim, truth, count),
    flagged: pValue <= CONTROL_LEVEL,
    pValue,
    detail: `mean first gradient ${measured.toFixed(4)} where ${claim.mean.toFixed(4)} is claimed, ${count} replicas`,
  };
}
