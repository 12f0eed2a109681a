/**
 * Text of a stream's planes: words of the stream (text/word.ts), the first of them written out and the rest in a loop.
 */
import { wordText } from '../../text/word.ts';
import type { PlaneSource } from './tokenText.ts';

export function streamSource(tag: string, upFront: number): PlaneSource {
  const planeText = (
    plane: string,
    name: string,
    next: string,
    isFirst: boolean,
    isLast: boolean,
  ): string[] =>
    wordText({ name, next, isFirst, isLast }, (rotated) => `let ${plane} = finished(${rotated});`);
  return {
    next: (plane, depth) =>
      planeText(plane, `${tag}_${depth}`, `${tag}_${depth + 1}`, depth === 0, depth === upFront - 1),
    nextInLoop: (plane) => planeText(plane, tag, `${tag}_next`, true, true),
  };
}
