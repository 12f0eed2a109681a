/**
 * Built-in workloads: problems generated from a few numbers, the same bits on every host, saved as problem files.
 *
 * Success probabilities are asked for and met exactly as far as 2^-32 masses allow: by construction for `bandit` and
 * `modes`, by bisection on the exact J1 for the others. There J1 need not be monotone in any logit, so the rows are
 * mixed with an accepted (or a rejected) trajectory and the weight is bisected: J1 is continuous in it and reaches 1
 * (or 0) at its end.
 */
import { openStream } from '../math/random/stream.ts';
import { compileAccept, type Accept, type Automaton } from './automaton.ts';
import { portableExp, portableLog } from '../math/elementary.ts';
import { normalise, softmax } from './masses.ts';
import { outcomeChain } from './outcome.ts';
import {
  compileProblem,
  rowCountOf,
  type ContextKind,
  type NestedRows,
  type ProblemSource,
  type PromptSource,
} from './problem.ts';
import { reachableLayers } from './reach.ts';

export const WORKLOADS = ['bandit', 'needle', 'modes', 'sum'] as const;
export type WorkloadKind = (typeof WORKLOADS)[number];

export interface WorkloadSpec {
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  /** target J1 of each prompt, in (0, 1) */
  readonly successProbs: readonly number[];
  readonly seed: number;
  /** told after each prompt that is made: large ones take a second each */
  readonly onPrompt?: (done: number, total: number) => void;
}

/** Philox experiment id of generators: no sampling run uses it. */
const GENERATOR_ID = 0xffffffff;
/** Base logits are uniform on [−spread, spread]. */
const LOGIT_SPREAD = 1.5;
/** Halvings of a weight in [0, 1]: beyond float64's resolution of the masses. */
const BISECTIONS = 60;

/** `count` probabilities evenly spaced in logit from `low` to `high`. */
export function logitGrid(low: number, high: number, count: number): number[] {
  const logit = (p: number): number => portableLog(p) - portableLog(1 - p);
  const first = logit(low);
  const step = count > 1 ? (logit(high) - first) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => 1 / (1 + portableExp(-(first + i * step))));
}

/** One position, some arms correct: T = 1. @param correctArms arms 0 .. correctArms − 1, at least one arm is wrong */
export function bandit(
  vocab: number,
  correctArms: number,
  successProbs: readonly number[],
  seed: number,
): ProblemSource {
  const accept: Accept = { sequences: Array.from({ length: correctArms }, (_, arm) => [arm]) };
  const isCorrect = (arm: number): boolean => arm < correctArms;
  return source({ vocab, horizon: 1, context: 'none', successProbs, seed }, (target, words) => {
    const base = softmax(randomLogits(vocab, words));
    return { accept, rows: [splitMass(base, isCorrect, target)] };
  });
}

/** A bandit whose correct arms are equally likely, and its wrong ones too: no random numbers in it. */
export function evenBandit(
  vocab: number,
  correctArms: number,
  successProbs: readonly number[],
): ProblemSource {
  return {
    format: 'passk-problem@1',
    vocab,
    horizon: 1,
    context: 'none',
    prompts: successProbs.map((p, index) => ({
      id: `p${index}`,
      probabilities: [
        Array.from({ length: vocab }, (_, arm) =>
          arm < correctArms ? p / correctArms : (1 - p) / (vocab - correctArms),
        ),
      ],
      accept: { sequences: Array.from({ length: correctArms }, (_, arm) => [arm]) },
    })),
  };
}

/** One accepted sequence. */
export function needle(spec: WorkloadSpec): ProblemSource {
  return sequences(spec, 1);
}

/** `sequenceCount` accepted sequences with different first tokens. */
export function sequences(spec: WorkloadSpec, sequenceCount: number): ProblemSource {
  const { vocab, horizon } = spec;
  const words = openStream(spec.seed, GENERATOR_ID, spec.successProbs.length, 0, 1);
  const accepted = Array.from({ length: sequenceCount }, (_, i) =>
    Array.from({ length: horizon }, (_, t) => (t === 0 ? i : words() % vocab)),
  );
  return withVerifier(spec, { sequences: accepted });
}

/** Correct where the sum of the tokens is `residue` modulo `modulus`. */
export function sum(spec: WorkloadSpec, modulus: number, residue: number): ProblemSource {
  return withVerifier(spec, { sum: { modulus, residue } });
}

/** Any verifier, random rows, mixed to the target success probabilities. */
export function withVerifier(spec: WorkloadSpec, accept: Accept): ProblemSource {
  const { vocab, horizon, context } = spec;
  const automaton = compileAccept(accept, vocab, horizon);
  return source(spec, (target, words) => {
    const rows = Array.from({ length: rowCountOf(context, vocab, horizon) }, () =>
      softmax(randomLogits(vocab, words)),
    );
    const trajectories = ([0, 1] as const).map((outcome) =>
      findTrajectory(automaton, vocab, horizon, outcome, words),
    );
    return { accept, rows: mixToTarget(spec, accept, rows, trajectories, target) };
  });
}

/** Natural logarithm of the largest factor that odds are tilted by. */
const LARGEST_TILT = 25;

/**
 * Correct where tokens below `wanted` occur at least `least` times: random rows whose odds for those tokens are tilted, all
 * by one factor, until J1 is the target. It rises with the factor, and near 1, too, many different trajectories are correct.
 */
export function occurrences(spec: WorkloadSpec, wanted: number, least: number): ProblemSource {
  const { vocab, horizon, context } = spec;
  const count = Array.from({ length: least + 1 }, (_, seen) =>
    Array.from({ length: vocab }, (_value, token) => (token < wanted ? Math.min(least, seen + 1) : seen)),
  );
  const accept: Accept = { automaton: { start: 0, accept: [least], next: count } };
  return source(spec, (target, words) => {
    const rows = Array.from({ length: rowCountOf(context, vocab, horizon) }, () =>
      softmax(randomLogits(vocab, words)),
    );
    const tilted = (tilt: number): Float64Array[] => {
      const factor = portableExp(tilt);
      return rows.map((row) => normalise(row.map((p, token) => (token < wanted ? factor * p : p))));
    };
    let low = -LARGEST_TILT;
    let high = LARGEST_TILT;
    for (let step = 0; step < BISECTIONS; step += 1) {
      const middle = (low + high) / 2;
      if (successProbOf(spec, accept, tilted(middle)) < target) low = middle;
      else high = middle;
    }
    return { accept, rows: tilted(low) };
  });
}

/**
 * Disjoint modes of chosen masses. Mode m is one sequence: token m first, then a tail that all modes share. The tail has
 * chance √S, S the masses' sum, so that first tokens and tail carry the success probability in equal parts.
 *
 * @param masses of each mode relative to the others; a prompt's success probability scales them
 */
export function modes(spec: WorkloadSpec, masses: readonly number[]): ProblemSource {
  const { vocab, horizon, context } = spec;
  const relative = normalise(masses);
  const tailWords = openStream(spec.seed, GENERATOR_ID, spec.successProbs.length, 0, 1);
  const tail = Array.from({ length: horizon - 1 }, () => tailWords() % vocab);
  const accept: Accept = { sequences: masses.map((_, mode) => [mode, ...tail]) };
  return source(spec, (target, words) => {
    const tailProb = horizon === 1 ? 1 : Math.sqrt(target);
    const stepProb = horizon === 1 ? 1 : portableExp(portableLog(tailProb) / (horizon - 1));
    const base = softmax(randomLogits(vocab, words));
    const first = splitMass(base, (token) => token < masses.length, target / tailProb);
    for (let mode = 0; mode < masses.length; mode += 1) first[mode] = (relative[mode] * target) / tailProb;
    const rowCount = rowCountOf(context, vocab, horizon);
    const others = Array.from({ length: rowCount - 1 }, (_, index) => {
      const t = context === 'none' ? index : Math.floor(index / vocab);
      return splitMass(softmax(randomLogits(vocab, words)), (token) => token === tail[t], stepProb);
    });
    return { accept, rows: [first, ...others] };
  });
}

/** Gives the tokens that satisfy `isMember` a total of `mass`, in the proportions they had, and the others the rest. */
function splitMass(row: Float64Array, isMember: (token: number) => boolean, mass: number): Float64Array {
  const memberMass = row.reduce((total, p, token) => (isMember(token) ? total + p : total), 0);
  return row.map((p, token) =>
    isMember(token) ? (p / memberMass) * mass : (p / (1 - memberMass)) * (1 - mass),
  );
}

function randomLogits(vocab: number, words: () => number): number[] {
  return Array.from({ length: vocab }, () => LOGIT_SPREAD * ((2 * words()) / 2 ** 32 - 1));
}

/** Builds every prompt from its own random words. */
function source(
  spec: WorkloadSpec,
  prompt: (target: number, words: () => number) => { accept: Accept; rows: Float64Array[] },
): ProblemSource {
  const { vocab, horizon, context } = spec;
  return {
    format: 'passk-problem@1',
    vocab,
    horizon,
    context,
    prompts: spec.successProbs.map((target, index): PromptSource => {
      const { accept, rows } = prompt(target, openStream(spec.seed, GENERATOR_ID, index, 0, 0));
      spec.onPrompt?.(index + 1, spec.successProbs.length);
      return {
        id: `p${index}`,
        probabilities: nest(
          rows.map((row) => Array.from(row)),
          vocab,
          context,
        ),
        accept,
      };
    }),
  };
}

function nest(rows: number[][], vocab: number, context: ContextKind): NestedRows {
  if (context === 'none') return rows;
  const positions = [rows.slice(0, 1)];
  for (let first = 1; first < rows.length; first += vocab) positions.push(rows.slice(first, first + vocab));
  return positions;
}

/** A random trajectory with the outcome; every token is drawn among those from which it can still be reached. */
function findTrajectory(
  automaton: Automaton,
  vocab: number,
  horizon: number,
  outcome: 0 | 1,
  words: () => number,
): number[] {
  const reaches: Uint8Array[] = [
    Uint8Array.from(automaton.accepting, (accepts) => Number(accepts === outcome)),
  ];
  for (let t = 0; t < horizon; t += 1) {
    const [next] = reaches;
    const here = new Uint8Array(automaton.stateCount);
    for (let edge = 0; edge < automaton.next.length; edge += 1) {
      if (next[automaton.next[edge]] === 1) here[Math.floor(edge / vocab)] = 1;
    }
    reaches.unshift(here);
  }
  let state = automaton.start;
  return Array.from({ length: horizon }, (_, t) => {
    const choices = Array.from({ length: vocab }, (_, token) => token).filter(
      (token) => reaches[t + 1][automaton.next[state * vocab + token]] === 1,
    );
    if (choices.length === 0)
      throw new RangeError(`no ${outcome === 1 ? 'correct' : 'wrong'} trajectory exists`);
    const token = choices[words() % choices.length];
    state = automaton.next[state * vocab + token];
    return token;
  });
}

/** J1 of a policy. */
function successProbOf(spec: WorkloadSpec, accept: Accept, rows: readonly Float64Array[]): number {
  const { vocab, horizon, context } = spec;
  const probabilities = nest(
    rows.map((row) => Array.from(row)),
    vocab,
    context,
  );
  const problem = compileProblem({
    format: 'passk-problem@1',
    ...{ vocab, horizon, context },
    prompts: [{ id: 'p', probabilities, accept }],
  });
  const [prompt] = problem.prompts;
  const reach = reachableLayers(problem, prompt);
  const successors = reach.layers.slice(0, -1).map((_, t) => reach.successors(t));
  return outcomeChain(problem, prompt, reach, successors, 1).prob;
}

/** Mixes rows with a trajectory: (1 − λ) row + λ onehot, λ bisected until J1 is the target. */
function mixToTarget(
  spec: WorkloadSpec,
  accept: Accept,
  rows: readonly Float64Array[],
  [rejected, accepted]: readonly number[][],
  target: number,
): Float64Array[] {
  const { vocab, context } = spec;
  const mixed = (weight: number, trajectory: readonly number[]): Float64Array[] =>
    rows.map((row, index) => {
      const t = context === 'none' || index === 0 ? index : 1 + Math.floor((index - 1) / vocab);
      return row.map((p, token) => (1 - weight) * p + (token === trajectory[t] ? weight : 0));
    });
  const successProb = (candidate: Float64Array[]): number => successProbOf(spec, accept, candidate);
  const rises = successProb(mixed(0, accepted)) < target;
  const trajectory = rises ? accepted : rejected;
  let low = 0;
  let high = 1;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (successProb(mixed(middle, trajectory)) < target === rises) low = middle;
    else high = middle;
  }
  return mixed(low, trajectory);
}
