/** The shape that an unrolled update kernel is written for. */
import { rowCountOf, type ContextKind } from '../../../../problem/problem.ts';
import { range } from '../../text/lines.ts';

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
  /** some prompt's modes are told apart */
  readonly hasModes: boolean;
  readonly verifier: UnrolledVerifier;
  /** trajectories that are drawn together, with their words in values */
  readonly chunk: number;
  /** how many make a group: one; some, all of them full; or some that are not */
  readonly chunks: 'one' | 'even' | 'uneven';
  /** tokens whose counts share a word, in lanes of 8 or 16 bits: the highest bit of a count stays free */
  readonly lanes: 2 | 4;
}

/**
 * `tokens`: T = 1, a verdict for each token; `sequences`: so many accepted ones, compared; `sum`: of the tokens, modulo a
 * number; `table`: the automaton, step by step.
 */
export type UnrolledVerifier =
  { readonly kind: 'tokens' | 'sum' | 'table' } | { readonly kind: 'sequences'; readonly count: number };

type PolicyShape = Pick<UnrolledShape, 'vocab' | 'horizon' | 'context'>;

export const rowCount = ({ context, vocab, horizon }: PolicyShape): number =>
  rowCountOf(context, vocab, horizon);
/** Cells of one prompt's policy. */
export const cellCount = (shape: PolicyShape): number => rowCount(shape) * shape.vocab;
/** Parameters that a step of one prompt can move. */
export const paramCount = (shape: UnrolledShape): number =>
  (shape.blocks === 'own' ? 1 : shape.blocks) * cellCount(shape);

/** Bits of a token. */
export const tokenBits = ({ vocab }: Pick<UnrolledShape, 'vocab'>): number => Math.ceil(Math.log2(vocab));

/** Whether the row of position t depends on the token before. */
export const isConditional = ({ context }: PolicyShape, t: number): boolean =>
  context === 'previous' && t > 0;

/** Rows that position t may visit: one, or that after each token. */
export const rowsOf = (shape: PolicyShape, t: number): number[] =>
  shape.context === 'none' ? [t] : t === 0 ? [0] : range(shape.vocab, 1 + (t - 1) * shape.vocab);
