/**
 * What `sliced@1` can be asked for. Its kernels have a policy's thresholds and its verifier written out, so both must be small enough to
 * compile in seconds; what they do not fit is refused before anything is done, on every engine alike.
 */
import { InputError } from '../input/inputError.ts';
import type { Automaton } from '../problem/automaton.ts';
import type { Problem } from '../problem/problem.ts';
import { SLICED_SAMPLER_ID } from '../math/random/stream.ts';
import type { Level } from './tally.ts';

const MOST_VOCAB = 32;
const MOST_HORIZON = 32;
/** T (V − 1) */
const MOST_THRESHOLDS = 256;
/** Transitions that are written out, all positions together. */
const MOST_TRANSITIONS = 256;
const MOST_MODULUS = 64;
/** Each has a kernel of its own. */
const MOST_PROMPTS = 16;
const SMALLER = 'ask for --sampler cdf@1, which has all levels and shapes';

/** @param prompts those that are sampled @throws InputError */
export function checkSliced(problem: Problem, level: Level, prompts: readonly number[]): void {
  const { vocab, horizon, context } = problem;
  const expect = (holds: boolean, what: string, expected: string, got: string | number): void => {
    if (!holds) throw new InputError(`sampler ${SLICED_SAMPLER_ID}: ${what}`, expected, String(got), SMALLER);
  };
  expect(level === 'groups', 'level', 'groups', level);
  expect(context === 'none', 'context', 'none', context);
  expect(vocab <= MOST_VOCAB, 'vocab', `at most ${MOST_VOCAB}`, vocab);
  expect(horizon <= MOST_HORIZON, 'horizon', `at most ${MOST_HORIZON}`, horizon);
  const thresholds = horizon * (vocab - 1);
  expect(thresholds <= MOST_THRESHOLDS, 'horizon x (vocab - 1)', `at most ${MOST_THRESHOLDS}`, thresholds);
  expect(prompts.length <= MOST_PROMPTS, 'prompts', `at most ${MOST_PROMPTS}`, prompts.length);
  for (const prompt of prompts) {
    const { accept, id } = problem.source.prompts[prompt];
    if ('sum' in accept) {
      const { modulus } = accept.sum;
      expect(modulus <= MOST_MODULUS, `modulus of prompt ${id}`, `at most ${MOST_MODULUS}`, modulus);
      continue;
    }
    const { automaton } = problem.prompts[prompt];
    const count = transitionsOf(automaton, vocab, horizon).reduce((sum, { length }) => sum + length, 0);
    const what = `transitions of the verifier of prompt ${id}, over all positions`;
    expect(count <= MOST_TRANSITIONS, what, `at most ${MOST_TRANSITIONS}`, count);
  }
}

/** From one state to another by any of some tokens. */
export interface Transition {
  readonly from: number;
  /** after the last position all accepting states are one, ACCEPTED */
  readonly to: number;
  readonly tokens: ReadonlySet<number>;
}

export const ACCEPTED = -1;

/**
 * Of each position the transitions that some accepted trajectory makes there: between states that it can be in, and from which it
 * can still be accepted.
 *
 * @returns [T]
 */
export function transitionsOf(
  { start, accepting, next, stateCount }: Automaton,
  vocab: number,
  horizon: number,
): Transition[][] {
  const alive: Set<number>[] = Array.from({ length: horizon + 1 }, () => new Set());
  accepting.forEach((accepts, state) => accepts === 1 && alive[horizon].add(state));
  for (let t = horizon - 1; t >= 0; t -= 1) {
    for (let state = 0; state < stateCount; state += 1) {
      const leadsOn = next.subarray(state * vocab, (state + 1) * vocab).some((to) => alive[t + 1].has(to));
      if (leadsOn) alive[t].add(state);
    }
  }
  let reached = alive[0].has(start) ? [start] : [];
  return Array.from({ length: horizon }, (_, t) => {
    const found = new Map<string, { from: number; to: number; tokens: Set<number> }>();
    for (const from of reached) {
      for (let token = 0; token < vocab; token += 1) {
        const state = next[from * vocab + token];
        if (!alive[t + 1].has(state)) continue;
        const to = t === horizon - 1 ? ACCEPTED : state;
        const transition = found.get(`${from} ${to}`) ?? { from, to, tokens: new Set() };
        transition.tokens.add(token);
        found.set(`${from} ${to}`, transition);
      }
    }
    const own = [...found.values()];
    reached = [...new Set(own.map(({ to }) => to))];
    return own;
  });
}
