/**
 * The job that every peer does, and what it answers: draw groups of every prompt, verify, weigh by c, the gradient of each group
 * with respect to the logits, its mean and its total variance for each prompt. The policies are those of the experiment
 * `throughput`.
 */
import { estimators } from '../../src/estimators/estimators.ts';
import { weightTable, type WeightTable } from '../../src/estimators/weightTables.ts';
import { TOTAL_MASS } from '../../src/problem/masses.ts';
import { compileProblem, type Problem } from '../../src/problem/problem.ts';
import { sum } from '../../src/problem/workloads.ts';

const VOCAB = 16;
const HORIZON = 8;
const PROMPTS = 64;
const MODULUS = 5;
const RESIDUE = 2;
export const GROUP_SIZE = 16;
export const TOKENS_PER_GROUP = GROUP_SIZE * HORIZON;

/** All that a peer is told; plain data, so that it goes to a page and to Python alike. */
export interface JobSpec {
  readonly promptCount: number;
  readonly horizon: number;
  readonly vocab: number;
  /** n */
  readonly groupSize: number;
  /** a trajectory is correct where the sum of its tokens is `residue` modulo `modulus` */
  readonly modulus: number;
  readonly residue: number;
  /** [prompts, horizon, vocab] */
  readonly probabilities: readonly number[];
  /** [n + 1], the weight of a correct trajectory of a group with c of them */
  readonly correct: readonly number[];
  /** [n + 1], that of a wrong one */
  readonly wrong: readonly number[];
  readonly seed: number;
}

/** What one job found. G is the gradient of one group. */
export interface Answer {
  /** of each prompt */
  readonly groupCount: number;
  /** from the first draw until all of this is in the memory of whoever asked */
  readonly seconds: number;
  /** of all processes at work; null where it is not known */
  readonly cpuSeconds: number | null;
  /** [prompts], the share of correct trajectories */
  readonly successProb: readonly number[];
  /** [prompts, horizon, vocab], the mean of G */
  readonly gradient: readonly number[];
  /** [prompts], the mean of |G|² less the square of the mean */
  readonly variance: readonly number[];
}

/** What is known of a peer once it is open. */
export interface PeerFacts {
  readonly version: string;
  readonly backend: string;
}

export interface Peer {
  readonly name: string;
  /** what it is asked to run on; what it says itself, once it is open, goes before */
  readonly backend: string;
  /** whether it is this project's own */
  readonly isOwn: boolean;
  open(): Promise<PeerFacts>;
  /** @param batchCount how often its own number of groups is drawn for every prompt */
  run(batchCount: number): Promise<Answer>;
  /** whatever state it is in, and never waits long */
  close(): Promise<void>;
}

export function jobProblem(): Problem {
  const successProbs = Array.from({ length: PROMPTS }, (_, i) => 0.02 + (0.96 * i) / (PROMPTS - 1));
  return compileProblem(
    sum({ vocab: VOCAB, horizon: HORIZON, context: 'none', successProbs, seed: 16 }, MODULUS, RESIDUE),
  );
}

export function jobTable(): WeightTable {
  const rloo = estimators.find(({ id }) => id === 'rloo');
  if (rloo === undefined) throw new Error('the catalogue has no rloo');
  return weightTable(rloo, GROUP_SIZE, 1);
}

export function jobSpec(problem: Problem, table: WeightTable, seed: number): JobSpec {
  return {
    promptCount: problem.prompts.length,
    horizon: problem.horizon,
    vocab: problem.vocab,
    groupSize: table.n,
    modulus: MODULUS,
    residue: RESIDUE,
    probabilities: problem.prompts.flatMap(({ masses }) => Array.from(masses, (mass) => mass / TOTAL_MASS)),
    correct: [...table.correct],
    wrong: [...table.wrong],
    seed,
  };
}
