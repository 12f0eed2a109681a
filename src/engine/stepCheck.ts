/**
 * One step of training held against the twin: a trainer hands over the masses that it drew from, the twin takes the same step
 * from them in float64, and what is left is rounding, whose bound is derived.
 */
import { defaultModes } from '../problem/modes.ts';
import { compileProblem } from '../problem/problem.ts';
import { modes } from '../problem/workloads.ts';
import { sgd, type Trainer, type TrainingJob, type TrainingSegment } from './training.ts';
import { ReplicaTwin, twinTables } from './twin/twinTrainer.ts';

/** Two positions of four tokens: eight cells, two accepted sequences of unequal mass. */
const SMALL = compileProblem(
  modes({ vocab: 4, horizon: 2, context: 'none', successProbs: [0.3], seed: 3 }, [2, 1]),
);
/** Offsets of theta that leave no two tokens equally likely. */
const SMALL_THETA = [0.3, -0.7, 0.1, 0.5, -0.2, 0.4, 0.9, -0.6];
const REPLICAS = 64;
const DRAW_ID = 0xfffffffe;

/** A job's rule on eight cells: its estimator, token-level rules and group size; SGD at rate 1, whose step is the gradient. */
export function smallStep(job: TrainingJob): TrainingJob {
  return {
    ...job,
    problem: SMALL,
    modes: defaultModes(SMALL),
    batchSize: 1,
    simko: job.simko && { ...job.simko, topCount: Math.min(job.simko.topCount, SMALL.vocab) },
    optimiser: sgd(1),
    stepCount: 1,
    snapshotSteps: [1],
    firstReplica: 0,
    replicaCount: REPLICAS,
    drawId: DRAW_ID,
    outcomes: 'each',
    masses: 'kept',
    initialTheta: SMALL_THETA,
  };
}

/** @returns the first place where a trainer's step is not the twin's, as a sentence; null where it is everywhere */
export async function checkStep(trainer: Trainer, job: TrainingJob): Promise<string | null> {
  for await (const event of trainer.train(job)) {
    if (event.kind !== 'segment' || event.segment.endStep !== 1) continue;
    const difference = stepDifference(job, event.segment);
    if (difference !== null) return difference;
  }
  return null;
}

/** @param job of one step, with masses and outcomes kept @param segment a block of its replicas */
export function stepDifference(job: TrainingJob, segment: TrainingSegment): string | null {
  const { firstReplica, replicaCount, theta, masses, outcomes } = segment;
  if (!theta || !masses || !outcomes) throw new Error('a step is checked by its masses and outcomes');
  const { vocab, rowCount, prompts } = job.problem;
  const shared = twinTables(job);
  const cells = prompts.length * rowCount * vocab;
  const words = new Uint32Array(job.batchSize);
  for (let index = 0; index < replicaCount; index += 1) {
    const replica = firstReplica + index;
    const twin = new ReplicaTwin(shared, replica);
    const params = twin.theta.length;
    twin.step(0, words, givenMasses(masses.subarray(index * cells, (index + 1) * cells), vocab));
    for (let b = 0; b < job.batchSize; b += 1) {
      const outcome = outcomes[b * replicaCount + index];
      if (outcome !== words[b]) {
        return `replica ${replica}: outcome ${outcome.toString(16)} of group ${b}, the twin's is ${words[b].toString(16)}`;
      }
    }
    for (let i = 0; i < params; i += 1) {
      const start = job.initialTheta?.[i] ?? 0;
      const found = theta[index * params + i];
      if (!(Math.abs(found - twin.theta[i]) <= stepTolerance(job, words, start, twin.theta[i]))) {
        return `replica ${replica}: parameter ${i} is ${found}, the twin's ${twin.theta[i]}`;
      }
    }
  }
  return null;
}

/** Masses as a trainer hands them over, where a row of one token alone would not fit its words. */
function givenMasses(masses: Uint32Array, vocab: number): Float64Array {
  const given = Float64Array.from(masses);
  for (let first = 0; first < given.length; first += vocab) {
    const row = given.subarray(first, first + vocab);
    const sum = row.reduce((total, mass) => total + mass, 0);
    if (sum === 2 ** 32 - 1) row[row.indexOf(2 ** 32 - 1)] = 2 ** 32;
  }
  return given;
}

const UNIT = 2 ** -24;

/** How far float32 may carry a parameter from the twin's in its first step. */
function stepTolerance(job: TrainingJob, words: Uint32Array, start: number, expected: number): number {
  if (job.optimiser.kind === 'adam') {
    const { learningRate } = job.optimiser;
    // Its first step is the rate times ±1 (from a gradient far above epsilon), or nothing; where the gradient is rounding
    // alone, either sign is right.
    return Math.abs(Math.abs(expected - start) - learningRate) < learningRate * 1e-3
      ? learningRate * 16 * UNIT + 4 * UNIT * Math.abs(expected)
      : learningRate * 2.1;
  }
  return Math.max(...Array.from(words, (word) => stepBound(job, word & 0xffff, expected)));
}

/**
 * A gradient is a sum of at most 2 n terms no larger than the largest weight: weights are rounded once, products and sums each
 * once, the policy twice, the factor twice, and every prompt adds once more; that is below 20 roundings of 2^-24 each. log is
 * within 2^-21 (WGSL 15.7.4), and meets the bonus once for itself and once in the entropy.
 */
function stepBound(job: TrainingJob, c: number, theta: number): number {
  const weight = Math.max(Math.abs(job.weights.correct[c]), Math.abs(job.weights.wrong[c]));
  const feature = Math.max(1, ...(job.problem.features ?? []).flat().map(Math.abs));
  const terms = 2 * job.groupSize * weight * Math.max(1, job.simko?.penalty ?? 1);
  const gradient =
    (feature *
      (20 * UNIT * terms + job.entropyBonus * (2 ** -19 + 40 * UNIT * Math.log(job.problem.vocab)))) /
    job.temperature;
  return job.optimiser.learningRate * gradient + 4 * UNIT * Math.abs(theta);
}
