import { compileFunction } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { askedThresholds, selectedText, selectionText } from '../../src/engine/gpu/text/selection.ts';

/** What the text selects, run as JavaScript, for masks that are ones just where `index` has them. */
function selected(candidates: readonly (number | null)[], index: number): number {
  const maskCount = Math.log2(candidates.length);
  const masks = Array.from({ length: maskCount }, (_, i) => `mask_${i}`);
  const names = candidates.map((candidate, i) => (candidate === null ? null : `c_${i}`));
  const { text, selection } = selectionText('a', names);
  const script = [
    ...candidates.flatMap((candidate, i) => (candidate === null ? [] : [`let c_${i} = ${candidate};`])),
    ...masks.map((mask, i) => `let ${mask} = ${(index >> i) & 1 ? -1 : 0};`),
    ...text,
    `return (${selectedText(selection, masks) ?? '0'}) >>> 0;`,
  ];
  return (compileFunction(script.join('\n')) as () => number)();
}

describe('a selection by masks', () => {
  test.each([0, 1, 2, 3, 4, 5])('of 2^%i words gives each for its masks', (maskCount) => {
    const candidates = Array.from({ length: 2 ** maskCount }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0);
    candidates.forEach((candidate, index) => expect(selected(candidates, index)).toBe(candidate));
  });

  test('gives each word that there is where some are never asked for', () => {
    const candidates = [7, 9, 100, null, 12, null, null, 5];
    candidates.forEach((candidate, index) => {
      if (candidate !== null) expect(selected(candidates, index)).toBe(candidate);
    });
  });

  test('of equal words needs no operation', () => {
    const { text, selection } = selectionText('a', ['same', 'same', 'same', 'same']);
    expect(text).toEqual([]);
    expect(selectedText(selection, ['first', 'second'])).toBe('same');
  });
});

describe('a bisection', () => {
  test.each([2, 3, 5, 6, 8, 13, 16, 33])(
    'of %i tokens finds each, by the thresholds that it asks for',
    (vocab) => {
      const levels = Math.ceil(Math.log2(vocab));
      for (let token = 0; token < vocab; token += 1) {
        let passed = 0;
        let found = 0;
        for (let level = 0; level < levels; level += 1) {
          const asked = askedThresholds(vocab, levels, level)[passed];
          if (asked === null) throw new Error(`V = ${vocab}: token ${token} asks for no threshold`);
          // A word of the token passes the thresholds of all tokens before it.
          if (asked < token) {
            passed += 2 ** level;
            found += 2 ** (levels - 1 - level);
          }
        }
        expect(found).toBe(token);
      }
    },
  );
});
