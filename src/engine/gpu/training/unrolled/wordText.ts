/**
 * Text of a stream's words: xoshiro128** (shaders/lib/random.wgsl) with its state in names of its own at each word, `s0_j` …,
 * and in variables `s0` … before the first word of a chunk and after the last. On software adapters that is half the price of a
 * function that changes a variable. Left shifts by a constant are multiplications, which cost less there.
 */
import { range } from './shape.ts';

/** The names of `wordCount` words, the next of the stream in this order: [j], ordered as signed numbers. */
export function wordsText(wordCount: number, nameOf: (j: number) => string): string[] {
  return range(wordCount).flatMap((j) => {
    const [s0, s1, s2, s3] = range(4).map((i) => (j === 0 ? `s${i}` : `s${i}_${j}`));
    const next = (i: number): string => `let s${i}_${j + 1}`;
    const text = [
      `let scrambled_${j} = ${s1} * 5u; let ${nameOf(j)} = as_signed(((scrambled_${j} * 128u) | (scrambled_${j} >> 25u)) * 9u);`,
      `let z_${j} = ${s2} ^ ${s0}; let w_${j} = ${s3} ^ ${s1};`,
      `${next(0)} = ${s0} ^ w_${j}; ${next(1)} = ${s1} ^ z_${j}; ${next(2)} = z_${j} ^ (${s1} * 512u); ${next(3)} = (w_${j} * 2048u) | (w_${j} >> 21u);`,
    ];
    return j < wordCount - 1
      ? text
      : [
          ...text,
          range(4)
            .reduce((line, i) => `${line}s${i} = s${i}_${wordCount}; `, '')
            .trimEnd(),
        ];
  });
}
