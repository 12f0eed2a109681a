/** Text of a trajectory's tokens, each found by comparing its word with thresholds of its row. */
import { range, type UnrolledShape } from './shape.ts';

/** `token_i_t` from `word_i_t`, in the row of its position or the one that the token before selects. */
export function tokenText({ vocab, context }: UnrolledShape, i: number, t: number): string[] {
  if (context === 'none' || t === 0) {
    const [text, token] = tokenIn(vocab, t, `word_${i}_${t}`, `${i}_${t}`);
    return [...text, `let token_${i}_${t} = ${token};`];
  }
  const text: string[] = [];
  const parts = range(vocab).map((u) => {
    const r = 1 + (t - 1) * vocab + u;
    const [own, token] = tokenIn(vocab, r, `word_${i}_${t}`, `${i}_in_${r}`);
    text.push(...own);
    return `select(0u, ${token}, token_${i}_${t - 1} == ${u}u)`;
  });
  return [...text, `let token_${i}_${t} = ${parts.join(' + ')};`];
}

/**
 * Bisection without a load: each comparison selects the next threshold among those in values. A word beyond the last threshold is
 * the likeliest token's.
 *
 * @param name ends the names of what is found on the way
 * @returns statements, and the token as an expression
 */
function tokenIn(vocab: number, r: number, word: string, name: string): [string[], string] {
  const levels = Math.ceil(Math.log2(vocab));
  const bound = (v: number): string => (v < vocab - 1 ? `signed_${r}_${v}` : '0x7fffffffi');
  const text: string[] = [];
  for (const level of range(levels)) {
    const step = 2 ** (levels - 1 - level);
    let candidates = range(2 ** level).map((j) => bound((2 * j + 1) * step - 1));
    for (let earlier = level - 1; earlier >= 0; earlier -= 1) {
      candidates = range(candidates.length / 2).map((j) =>
        candidates[2 * j] === candidates[2 * j + 1]
          ? candidates[2 * j]
          : `select(${candidates[2 * j + 1]}, ${candidates[2 * j]}, below_${name}_${earlier})`,
      );
    }
    text.push(`let below_${name}_${level} = ${candidates[0]} > ${word};`);
  }
  const passed = range(levels).map(
    (level) => `select(${2 ** (levels - 1 - level)}u, 0u, below_${name}_${level})`,
  );
  const token = `select(likeliest_${r}, ${passed.join(' + ') || '0u'}, signed_${r}_${vocab - 1} > ${word})`;
  return [text, token];
}
