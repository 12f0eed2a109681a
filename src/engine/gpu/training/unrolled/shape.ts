/** The shape that an unrolled update kernel is written for. */
import { rowCountOf, type ContextKind } from '../../../../problem/problem.ts';

/** What the text depends on; everything else is a value at run time. */
export interface UnrolledShape {
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  /**
   * `prompts`: each prompt goes through all steps before the next, with what it needs in variables: where each has its own parameters
   * and every step has all of them, for then they never meet. `steps`: each step goes through its prompts.
   */
  readonly order: 'prompts' | 'steps';
  /** parameter blocks that every prompt mixes, or `own`: each prompt has one to itself */
  readonly blocks: number | 'own';
  /** where theta and Adam's moments live between steps */
  readonly theta: 'variables' | 'state';
  readonly isAdam: boolean;
  readonly hasEntropyBonus: boolean;
  readonly writesMasses: boolean;
  readonly verifier: UnrolledVerifier;
  /** trajectories that are drawn together, with their words in values; four where one has several tokens */
  readonly chunk: number;
  /** how many make a group: one; some, all of them full; or some that are not */
  readonly chunks: 'one' | 'even' | 'uneven';
  /** where trajectories have several tokens: memory for so many times four */
  readonly quadCount: number;
}

/**
 * `tokens`: T = 1, a verdict for each token; `sequences`: so many accepted ones, compared; `sum`: of the tokens, modulo a
 * number; `table`: the automaton, step by step.
 */
export type UnrolledVerifier =
  { readonly kind: 'tokens' | 'sum' | 'table' } | { readonly kind: 'sequences'; readonly count: number };

export const rowCount = ({ context, vocab, horizon }: UnrolledShape): number =>
  rowCountOf(context, vocab, horizon);
/** Cells of one prompt's policy. */
export const cellCount = (shape: UnrolledShape): number => rowCount(shape) * shape.vocab;
/** Parameters that a step of one prompt can move. */
export const paramCount = (shape: UnrolledShape): number =>
  (shape.blocks === 'own' ? 1 : shape.blocks) * cellCount(shape);

/** 0 .. count − 1 */
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
