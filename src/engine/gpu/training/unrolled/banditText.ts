/** Text of a group of one-token trajectories: words are counted, and trajectories are not told apart. */
import { range, type UnrolledShape } from './shape.ts';
import { wordsText } from './wordText.ts';

/** `above_v`, the number of words beyond the threshold of token v. */
export function banditText({ vocab, chunk, chunks }: UnrolledShape): string[] {
  const isUneven = chunks === 'uneven';
  return [
    ...wordsText(chunk, (i) => (isUneven ? `drawn_${i}` : `word_${i}`)),
    // A word that belongs to no trajectory lies beyond all thresholds.
    ...(isUneven
      ? range(chunk).map((i) => `let word_${i} = select(0x7fffffffi, drawn_${i}, first + ${i}u < length);`)
      : []),
    ...range(vocab).map(
      (v) =>
        `above_${v} += ${range(chunk)
          .map((i) => `select(1u, 0u, signed_0_${v} > word_${i})`)
          .join(' + ')};`,
    ),
  ];
}

/** `count_0_v`, the difference of two neighbours, and the likeliest token's what lies beyond all; `correct_count`, `found`. */
export function banditCounts({ vocab, chunk, chunks }: UnrolledShape): string[] {
  const tokens = range(vocab);
  const last = `above_${vocab - 1}`;
  const surplus = [
    'let rest = group_size % stream_length;',
    `let chunk_count = group_size / stream_length * ((stream_length + ${chunk - 1}u) / ${chunk}u) + (rest + ${chunk - 1}u) / ${chunk}u;`,
    `let drawn_count = chunk_count * ${chunk}u;`,
  ];
  return [
    ...(chunks === 'uneven' ? surplus : ['let drawn_count = group_size;']),
    ...tokens.map((v) => {
      const before = v === 0 ? 'drawn_count' : `above_${v - 1}`;
      return `let count_0_${v} = ${before} - above_${v} + select(0u, ${last} - (drawn_count - group_size), likeliest_0 == ${v}u);`;
    }),
    `correct_count = ${tokens.map((v) => `select(0u, count_0_${v}, bits_${v} != 0u)`).join(' + ')};`,
    `found = ${tokens.map((v) => `select(0u, bits_${v}, count_0_${v} != 0u)`).join(' | ')};`,
  ];
}
