/** The shape that a kernel is written for which takes policy rows one after the other. */
import { rowCountOf } from '../../../../problem/problem.ts';
import { loopText } from '../../text/lines.ts';
import type { UnrolledShape } from '../unrolled/shape.ts';

/** What the text depends on; everything else is a value at run time. */
export interface RowShape extends Pick<
  UnrolledShape,
  'vocab' | 'horizon' | 'context' | 'isAdam' | 'hasEntropyBonus' | 'writesMasses' | 'verifier'
> {
  readonly promptCount: number;
  /** parameter blocks that every prompt mixes, or `own`: each prompt has one to itself */
  readonly blocks: number | 'own';
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

/** What a row declares where it is in values as a whole. */
export const wholeRow = (shape: Pick<RowShape, 'vocab'>): string[] =>
  partsOf(shape).partCount === 1 ? ['const part_first = 0u;', firstCell(shape)] : [];

/** Where a part's cells begin: a sum that is written once is taken once. */
const firstCell = (shape: Pick<RowShape, 'vocab'>): string =>
  `let cell_first = row * ${partsOf(shape).width}u + part_first;`;

/** Statements for each part of a row, from `part_first` on, its cells from `cell_first`. */
export function inParts(shape: Pick<RowShape, 'vocab'>, text: readonly string[]): string[] {
  const { partCount, together, width } = partsOf(shape);
  if (partCount === 1) return [...text];
  const loop = loopText('part_first', `${width}u`, [firstCell(shape), ...text], { step: `${together}u` });
  return ['{', ...loop.map((line) => `  ${line}`), '}'];
}

export const rowCount = ({ context, vocab, horizon }: RowShape): number =>
  rowCountOf(context, vocab, horizon);
/** Parameters in a thread's memory, those of no token counted. */
export const slotCount = (shape: RowShape): number =>
  (shape.blocks === 'own' ? shape.promptCount : shape.blocks) * rowCount(shape) * partsOf(shape).width;

/** Words of memory that a thread has to itself. */
export function memoryWords(shape: RowShape): number {
  const { isAdam, blocks, horizon } = shape;
  const perParam = 1 + (isAdam ? 2 : 0) + (blocks === 'own' ? 0 : 1);
  return (
    perParam * slotCount(shape) +
    rowCount(shape) * (2 * partsOf(shape).width + 1) +
    horizon +
    partsOf(shape).partCount
  );
}
