/**
 * Text of a stream's words: xoshiro128** (shaders/lib/random.wgsl). Its state has names of its own at each word, `s0_j` …, and is in
 * variables `s0` … before the first and after the last of those that are written out: on software adapters a name costs half as much
 * as a variable that changes.
 */
import { range } from './lines.ts';

export interface WordPlace {
  /** what the names of its values end in, and those of the next word */
  readonly name: string;
  readonly next: string;
  /** the state comes from variables, or goes back to them */
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** @param statement what is done with the word, from its text: a product by 9 of a rotated one, which is passed here */
export function wordText(
  { name, next, isFirst, isLast }: WordPlace,
  statement: (rotated: string) => string,
): string[] {
  const [s0, s1, s2, s3] = range(4).map((i) => (isFirst ? `s${i}` : `s${i}_${name}`));
  const after = (i: number): string => `let s${i}_${next}`;
  return [
    `let scrambled_${name} = ${s1} * 5u; ${statement(`((scrambled_${name} << 7u) | (scrambled_${name} >> 25u))`)}`,
    `let z_${name} = ${s2} ^ ${s0}; let w_${name} = ${s3} ^ ${s1};`,
    `${after(0)} = ${s0} ^ w_${name}; ${after(1)} = ${s1} ^ z_${name}; ${after(2)} = z_${name} ^ (${s1} << 9u); ${after(3)} = (w_${name} << 11u) | (w_${name} >> 21u);`,
    ...(isLast
      ? [
          range(4)
            .map((i) => `s${i} = s${i}_${next};`)
            .join(' '),
        ]
      : []),
  ];
}

/** So many words, one after the other: `name_j` for [j]. */
export function wordsText(count: number, statement: (rotated: string, j: number) => string): string[] {
  return range(count).flatMap((j) =>
    wordText({ name: String(j), next: String(j + 1), isFirst: j === 0, isLast: j === count - 1 }, (rotated) =>
      statement(rotated, j),
    ),
  );
}
