/**
 * Modes: disjoint sets of correct trajectories whose fates are told apart in training (Yu 2025, Theorem 3.2 speaks of
 * two of them). A mode is a set of accepted sequences; what is correct and in no mode still counts as correct.
 */
import type { Automaton } from './automaton.ts';
import { InputError } from '../input/inputError.ts';
import type { Problem, Prompt, PromptSource } from './problem.ts';

/** Sequences of one mode. */
export type Mode = readonly (readonly number[])[];

/** [prompts][modes] */
export type ProblemModes = readonly (readonly Mode[])[];

/** Modes of one prompt, at most: their bits share a word with c. */
export const MAX_MODES = 15;

/** Every accepted sequence a mode of its own where they are listed and few; otherwise none. */
export function modesOfSequences({ accept }: PromptSource): readonly Mode[] {
  return 'sequences' in accept && accept.sequences.length <= MAX_MODES
    ? accept.sequences.map((sequence) => [sequence])
    : [];
}

export function defaultModes(problem: Problem): ProblemModes {
  return problem.source.prompts.map(modesOfSequences);
}

/**
 * The mode that each final state of a verifier means.
 *
 * @returns [stateCount], 0 where the state rejects, 1 + m for mode m, −1 for what is correct and in no mode
 * @throws InputError where a sequence is not accepted, or two modes end in one state
 */
export function modeOfState(
  prompt: Prompt,
  { vocab, horizon }: Pick<Problem, 'vocab' | 'horizon'>,
  modes: readonly Mode[],
): Int32Array {
  const { automaton, id } = prompt;
  if (modes.length > MAX_MODES) {
    throw new InputError(`prompt '${id}'`, `at most ${MAX_MODES} modes`, String(modes.length), 'name fewer');
  }
  const labels = Int32Array.from(automaton.accepting, (accepts) => -accepts);
  modes.forEach((mode, m) => {
    for (const sequence of mode) {
      const state = finalState(automaton, vocab, sequence);
      if (sequence.length !== horizon || automaton.accepting[state] !== 1) {
        throw new InputError(
          `prompt '${id}', mode ${m}`,
          'accepted sequences',
          sequence.join(' '),
          'change the mode',
        );
      }
      if (labels[state] > 0 && labels[state] !== 1 + m) {
        throw new InputError(
          `prompt '${id}', mode ${m}`,
          'modes that the verifier tells apart',
          `${sequence.join(' ')} ends where one of mode ${labels[state] - 1} does`,
          'list the sequences in the verifier',
        );
      }
      labels[state] = 1 + m;
    }
  });
  return labels;
}

function finalState(automaton: Automaton, vocab: number, sequence: readonly number[]): number {
  return sequence.reduce((state, token) => automaton.next[state * vocab + token], automaton.start);
}
