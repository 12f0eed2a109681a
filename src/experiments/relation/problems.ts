/**
 * The problems of experiment `relation`: four horizons × two contexts with all three kinds of verifiers, each with
 * eight prompts whose success probabilities are evenly spaced in logit from 1e-4 to 1 − 1e-4. In most of them the high J1 come
 * of mixing the policy with one accepted trajectory, so that nearly all correct trajectories are that one: needles. Two further
 * problems, counted apart, reach the same J1 with many correct trajectories of different scores.
 */
import { compileProblem, type ContextKind, type Problem, type ProblemSource } from '../../problem/problem.ts';
import {
  bandit,
  logitGrid,
  occurrences,
  sequences,
  sum,
  withVerifier,
  type WorkloadSpec,
} from '../../problem/workloads.ts';

/** `usual`: the 64 prompts of every run so far. `wide`: those whose correct trajectories differ at every J1. */
export type ProblemSet = 'usual' | 'wide';

export interface RelationProblem {
  readonly id: string;
  readonly set: ProblemSet;
  readonly description: string;
  readonly problem: Problem;
}

const PROMPTS = 8;
const LOWEST_PROB = 1e-4;
const WORKLOAD_SEED = 2025;

/** Correct where token 0 is followed, later on, by token 1: states "nothing yet", "0 seen", "0 then 1 seen". */
function subsequenceVerifier(vocab: number): {
  automaton: { start: number; accept: number[]; next: number[][] };
} {
  const row = (to: (token: number) => number): number[] =>
    Array.from({ length: vocab }, (_, token) => to(token));
  return {
    automaton: {
      start: 0,
      accept: [2],
      next: [row((token) => (token === 0 ? 1 : 0)), row((token) => (token === 1 ? 2 : 1)), row(() => 2)],
    },
  };
}

export function relationProblems(): RelationProblem[] {
  const successProbs = logitGrid(LOWEST_PROB, 1 - LOWEST_PROB, PROMPTS);
  const spec = (vocab: number, horizon: number, context: ContextKind): WorkloadSpec => ({
    vocab,
    horizon,
    context,
    successProbs,
    seed: WORKLOAD_SEED + horizon,
  });
  const make = (id: string, verifier: string, source: ProblemSource): RelationProblem => ({
    id,
    set: id.startsWith('wide') ? 'wide' : 'usual',
    description: `V = ${source.vocab}, T = ${source.horizon}, context ${source.context}, ${verifier}`,
    problem: compileProblem(source),
  });
  return [
    make('t1-arms', '2 correct arms of 6', bandit(6, 2, successProbs, WORKLOAD_SEED)),
    make('t1-sum', 'sum = 1 mod 3', sum(spec(7, 1, 'previous'), 3, 1)),
    make('t2-sum', 'sum = 2 mod 4', sum(spec(5, 2, 'none'), 4, 2)),
    make(
      't2-automaton',
      'token 0, later token 1',
      withVerifier(spec(4, 2, 'previous'), subsequenceVerifier(4)),
    ),
    make('t4-automaton', 'token 0, later token 1', withVerifier(spec(4, 4, 'none'), subsequenceVerifier(4))),
    make('t4-sequences', '3 accepted sequences', sequences(spec(4, 4, 'previous'), 3)),
    make('t8-sequences', '2 accepted sequences', sequences(spec(4, 8, 'none'), 2)),
    make('t8-sum', 'sum = 0 mod 3', sum(spec(4, 8, 'previous'), 3, 0)),
    make('wide-t4', 'token 0 occurs', occurrences(spec(6, 4, 'none'), 1, 1)),
    make('wide-t6', 'tokens 0 and 1 occur twice', occurrences(spec(5, 6, 'previous'), 2, 2)),
  ];
}
