/**
 * Text that selects one of several words by masks, each of them all ones or all zeros. Over GF(2) the selected word is a polynomial of
 * the masks (its algebraic normal form); evaluated mask by mask it takes two operations for each candidate but one, where a choice by
 * `select` takes four and a mask's complement. What the candidates contribute is worked out once, for all words that are compared.
 */
import { hex, range } from './lines.ts';

/** Coefficient S belongs to the product of the masks i with bit i of S; null is 0. */
export type Selection = readonly (string | null)[];

/**
 * The coefficients, each a sum of candidates: a_S = c_S − Σ a_T over the T that S contains.
 *
 * @param name what the names of coefficients begin with
 * @param candidates [2^masks]: candidate j is the one where just the masks i with bit i of j are ones; null where that never is
 */
export function selectionText(
  name: string,
  candidates: readonly (string | null)[],
): { readonly text: string[]; readonly selection: Selection } {
  const text: string[] = [];
  const sums: ReadonlySet<string>[] = [];
  const selection = candidates.map((candidate, index): string | null => {
    // Where nothing is asked for, the coefficient that costs least is right.
    const sum = new Set(candidate === null ? [] : [candidate]);
    if (candidate !== null) {
      for (const below of range(index)) {
        if ((below & index) !== below) continue;
        for (const term of sums[below]) if (!sum.delete(term)) sum.add(term);
      }
    }
    sums.push(sum);
    if (sum.size <= 1) return [...sum][0] ?? null;
    text.push(`let ${name}_${index} = ${[...sum].join(' ^ ')};`);
    return `${name}_${index}`;
  });
  return { text, selection };
}

/** The selected word. @param masks of which the last is the last to be known */
export function selectedText(selection: Selection, masks: readonly string[], index = 0): string | null {
  if (masks.length === 0) return selection[index];
  const [last, rest] = [masks[masks.length - 1], masks.slice(0, -1)];
  const without = selectedText(selection, rest, index);
  const extra = selectedText(selection, rest, index + 2 ** rest.length);
  if (extra === null) return without;
  return without === null ? `(${extra} & ${last})` : `(${without} ^ (${extra} & ${last}))`;
}

/**
 * Which threshold a bisection compares with at a level, for each combination of what was passed at the levels before, the first of
 * them in the lowest bit; null where none of the tokens is left.
 *
 * @param levels ⌈log2 V⌉; the first one halves all tokens
 */
export function askedThresholds(vocab: number, levels: number, level: number): (number | null)[] {
  const half = 2 ** (levels - 1 - level);
  return range(2 ** level).map((index) => {
    const passed = range(level).reduce(
      (sum, earlier) => sum + ((index >> earlier) & 1) * 2 ** (levels - 1 - earlier),
      0,
    );
    return passed < vocab ? passed + half - 1 : null;
  });
}

/** A number whose bits are masks, each moved to a place of its own; 0 where there are none. */
export const numberText = (masks: readonly string[], places: (bit: number) => number): string =>
  masks.map((mask, bit) => `(${mask} & ${hex(2 ** places(bit))})`).join(' | ') || '0u';
