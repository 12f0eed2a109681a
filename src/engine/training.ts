/**
 * What training is: a job, and the segments that a trainer hands over. A replica is one parameter vector theta, trained
 * from the base policy for a number of steps; replicas differ in their draws alone, and never meet.
 *
 * In a step each prompt of the batch gets a group of n trajectories from the replica's current policy; the gradient
 * estimate is their weighted sum of scores, averaged over the prompts, and theta moves along it.
 */
import { InputError } from '../input/inputError.ts';
import type { ProblemModes } from '../problem/modes.ts';
import type { Problem } from '../problem/problem.ts';
import { checkInteger } from '../input/schema.ts';
import { MAX_SEED } from '../math/random/stream.ts';

/** Step and replica make up the group index of 40 bits: step × 2^20 + replica. */
export const MAX_REPLICAS = 2 ** 20;
export const MAX_STEPS = 2 ** 20;
/** Counts of a group share a word, 16 bits for each outcome. */
export const MAX_TRAINING_GROUP = 4096;

/** Weights by the number c of correct trajectories: [n + 1] each, as in a `WeightTable`. */
export interface Weights {
  readonly correct: ArrayLike<number>;
  readonly wrong: ArrayLike<number>;
}

/**
 * SimKO (arXiv 2510.14807, CaSP in its v3), on forking tokens only: those whose policy has an entropy of at least a
 * quantile of the response's entropies (interpolated between neighbours, so at least one token of a response forks; at
 * T = 1 all tokens of a group share one policy, and all fork).
 */
export interface Simko {
  /** 0 .. 1 */
  readonly quantile: number;
  /** N: a correct token's target is (1 − a) onehot + (a/N) Σ of the N likeliest */
  readonly topCount: number;
  /** a */
  readonly share: number;
  /** λ: factor of a wrong sample's gradient where its token is the likeliest */
  readonly penalty: number;
}

export const DEFAULT_SIMKO: Simko = { quantile: 0.8, topCount: 3, share: 0.01, penalty: 1.1 };

export type Optimiser =
  | { readonly kind: 'sgd'; readonly learningRate: number }
  /** Kingma & Ba 2015 */
  | {
      readonly kind: 'adam';
      readonly learningRate: number;
      readonly decay1: number;
      readonly decay2: number;
      readonly epsilon: number;
    };

export function adam(learningRate: number): Optimiser {
  return { kind: 'adam', learningRate, decay1: 0.9, decay2: 0.999, epsilon: 1e-8 };
}

export function sgd(learningRate: number): Optimiser {
  return { kind: 'sgd', learningRate };
}

export interface TrainingJob {
  readonly problem: Problem;
  readonly modes: ProblemModes;
  /** n */
  readonly groupSize: number;
  /** prompts in a step; step s takes them in turn, from s × batchSize on */
  readonly batchSize: number;
  readonly weights: Weights;
  readonly simko: Simko | null;
  /** β: adds β times the gradient of the mean entropy of the visited rows, with the visits held fixed */
  readonly entropyBonus: number;
  readonly optimiser: Optimiser;
  /** τ of π_τ ∝ exp(x / τ), from which trajectories are drawn and whose score is taken */
  readonly temperature: number;
  readonly stepCount: number;
  /** steps after which theta is handed over, rising; 0 is the start */
  readonly snapshotSteps: readonly number[];
  readonly firstReplica: number;
  readonly replicaCount: number;
  readonly seed: number;
  readonly drawId: number;
  /** `each`: also every group's outcome, replica by replica */
  readonly outcomes: 'tallies' | 'each';
  /** masses of every prompt's last group before each snapshot: tests hold the kernel against theory with them */
  readonly masses: 'dropped' | 'kept';
  /** theta at the start, the same for all replicas; absent: 0, the base policy */
  readonly initialTheta?: ArrayLike<number>;
}

/** What a job has where nothing special is asked of it: the estimator's weights alone, replicas from 0 on. */
export const PLAIN_JOB = {
  simko: null,
  entropyBonus: 0,
  temperature: 1,
  firstReplica: 0,
  outcomes: 'tallies',
  masses: 'dropped',
} as const satisfies Partial<TrainingJob>;

/** Steps firstStep .. endStep − 1 of a block of replicas, and theta after them where a snapshot is due. */
export interface TrainingSegment {
  readonly firstReplica: number;
  readonly replicaCount: number;
  readonly firstStep: number;
  readonly endStep: number;
  /** [steps, batch, n + 1], replicas by their group's c */
  readonly correctCounts: Uint32Array<ArrayBuffer>;
  /** [steps, batch, MAX_MODES], replicas whose group found the mode */
  readonly modeCounts: Uint32Array<ArrayBuffer>;
  /** [steps, batch, replicas], c, and in the high half a bit for each mode found; bit 31 is any other success */
  readonly outcomes: Uint32Array<ArrayBuffer> | null;
  /** [replicas, params] */
  readonly theta: Float32Array<ArrayBuffer> | null;
  /** [replicas, prompts, cells], 2^32 being 2^32 − 1 */
  readonly masses: Uint32Array<ArrayBuffer> | null;
}

export type TrainingEvent =
  | { readonly kind: 'compiling' }
  /** tokens sampled so far in this call */
  | { readonly kind: 'progress'; readonly tokenCount: number }
  | { readonly kind: 'segment'; readonly segment: TrainingSegment };

export interface Trainer {
  /**
   * Trains the replicas of a job. Segments of a block of replicas come in the order of steps, block after block; how
   * they are cut depends on the job alone. Stopping the iteration early loses only what was not yet in a segment.
   * The same job gives the same segments on the same adapter.
   */
  train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void>;
}

/** Parameters of one replica: a block shaped like a policy for each feature, or for each prompt. */
export function paramCount({ vocab, rowCount, prompts, features }: Problem): number {
  return rowCount * vocab * (features ? features[0].length : prompts.length);
}

/** The rates of each step as the kernel takes them: [steps][2]. Adam's bias corrections are in them. */
export function stepRates(optimiser: Optimiser, stepCount: number): Float64Array {
  const rates = new Float64Array(2 * stepCount);
  for (let step = 0; step < stepCount; step += 1) {
    if (optimiser.kind === 'sgd') {
      rates[2 * step] = optimiser.learningRate;
    } else {
      const { learningRate, decay1, decay2 } = optimiser;
      rates[2 * step] = learningRate / (1 - decay1 ** (step + 1));
      rates[2 * step + 1] = 1 / Math.sqrt(1 - decay2 ** (step + 1));
    }
  }
  return rates;
}

/** Tokens that one replica samples in one step. */
export function tokensPerStep({ batchSize, groupSize, problem }: TrainingJob): number {
  return batchSize * groupSize * problem.horizon;
}

/** @throws InputError where a number of the job is out of range */
export function checkTraining(job: TrainingJob): void {
  const { problem, optimiser, simko } = job;
  checkInteger(job.groupSize, 1, MAX_TRAINING_GROUP, 'group size');
  checkInteger(job.batchSize, 1, problem.prompts.length, 'prompts in a batch');
  checkInteger(job.stepCount, 0, MAX_STEPS, 'steps');
  checkInteger(job.firstReplica, 0, MAX_REPLICAS - 1, 'first replica');
  checkInteger(job.replicaCount, 1, MAX_REPLICAS - job.firstReplica, 'replicas');
  checkInteger(job.seed, 0, MAX_SEED, 'seed');
  checkInteger(job.drawId, 0, 2 ** 32 - 1, 'draw id');
  job.snapshotSteps.forEach((step, i) => {
    const least = i === 0 ? 0 : job.snapshotSteps[i - 1] + 1;
    checkInteger(step, least, job.stepCount, 'snapshot steps, rising,');
  });
  checkNumber(job.temperature, 'temperature', 1e-3, 1e3);
  checkNumber(job.entropyBonus, 'entropy bonus', 0, 1e3);
  checkNumber(optimiser.learningRate, 'learning rate', 0, 1e9);
  if (job.weights.correct.length !== job.groupSize + 1 || job.weights.wrong.length !== job.groupSize + 1) {
    throw new InputError(
      'weights',
      `${job.groupSize + 1} entries for c = 0 .. n`,
      `${job.weights.correct.length} and ${job.weights.wrong.length}`,
      'use a table of this group size',
    );
  }
  if (simko) {
    checkNumber(simko.quantile, 'SimKO quantile', 0, 1);
    checkInteger(simko.topCount, 1, problem.vocab, 'SimKO top tokens');
    checkNumber(simko.share, 'SimKO share', 0, 1);
    checkNumber(simko.penalty, 'SimKO penalty', 0, 1e3);
  }
  if (optimiser.kind === 'adam' && !problem.features && job.batchSize < problem.prompts.length) {
    throw new InputError(
      'optimiser',
      'a batch of all prompts where Adam trains parameters that prompts do not share',
      `${job.batchSize} of ${problem.prompts.length} prompts`,
      'use SGD, or all prompts in each step',
    );
  }
  if (job.initialTheta && job.initialTheta.length !== paramCount(problem)) {
    throw new InputError(
      'initial theta',
      `${paramCount(problem)} parameters`,
      String(job.initialTheta.length),
      'shape it like the policy',
    );
  }
}

function checkNumber(value: number, where: string, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new InputError(where, `a number from ${low} to ${high}`, String(value), 'change it');
}

/** Where the run of a block is cut: after each snapshot step, and wherever the outcomes must be read back. */
export function segmentEnds(job: TrainingJob, segmentSteps: number): number[] {
  const ends: number[] = [];
  let step = 0;
  for (const stop of [...new Set([...job.snapshotSteps, job.stepCount])]) {
    while (step + segmentSteps < stop) ends.push((step += segmentSteps));
    if (stop > step) ends.push((step = stop));
  }
  return ends;
}
