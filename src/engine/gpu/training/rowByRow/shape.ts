/** The shape that a kernel is written for which takes policy rows one after the other. */
import { rowCountOf } from '../../../../problem/problem.ts';
import type { UnrolledShape } from '../unrolled/shape.ts';

/** What the text depends on; everything else is a value at run time. */
export interface RowShape extends Pick<
  UnrolledShape,
  'vocab' | 'horizon' | 'context' | 'isAdam' | 'hasEntropyBonus' | 'writesMasses' | 'verifier'
> {
  readonly promptCount: number;
  /** parameter blocks that every prompt mixes, or `own`: each prompt has one to itself */
  readonly blocks: number | 'own';
  /** trajectories that share a word, and the bits of each */
  readonly lanes: 2 | 4;
  /** memory for so many words of trajectories, each with `lanes` of them */
  readonly wordCount: number;
}

/** Tokens of a row that are in values together, at most. */
const MOST_TOGETHER = 16;
const LEAST_TOGETHER = 8;

/**
 * A row in parts of `together` tokens; `width` in all, of which the last may be none of the vocabulary's: they have no mass, and
 * memory of their own.
 */
export function partsOf({ vocab }: Pick<RowShape, 'vocab'>): {
  readonly together: number;
  readonly partCount: number;
  readonly width: number;
} {
  const least = Math.ceil(vocab / MOST_TOGETHER);
  let partCount = least;
  while (vocab % partCount !== 0 && vocab / (partCount + 1) >= LEAST_TOGETHER) partCount += 1;
  if (vocab % partCount !== 0) partCount = least;
  const together = Math.ceil(vocab / partCount);
  return { together, partCount, width: together * partCount };
}

export const rowCount = ({ context, vocab, horizon }: RowShape): number =>
  rowCountOf(context, vocab, horizon);
/** Parameters in a thread's memory, those of no token counted. */
export const slotCount = (shape: RowShape): number =>
  (shape.blocks === 'own' ? shape.promptCount : shape.blocks) * rowCount(shape) * partsOf(shape).width;

/** Words of memory that a thread has to itself. */
export function memoryWords(shape: RowShape): number {
  const { isAdam, blocks, horizon, wordCount } = shape;
  const perParam = 1 + (isAdam ? 2 : 0) + (blocks === 'own' ? 0 : 1);
  return (
    perParam * slotCount(shape) +
    rowCount(shape) * (partsOf(shape).width + 1) +
    wordCount * (horizon + 1) +
    partsOf(shape).width
  );
}
