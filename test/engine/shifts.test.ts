import { compileFunction } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { withoutShifts } from '../../src/engine/gpu/shifts.ts';

/** The lowered code without the functions at its end. */
const lowered = (code: string): string => withoutShifts(code).split('\nfn shifted_')[0];

/** A function of the lowered code as JavaScript: its float arithmetic rounds to float32, its words are unsigned. */
function shiftedBy(count: number): (word: number) => number {
  const text = withoutShifts(`let y = x >> ${count}u;`);
  const body = new RegExp(`fn shifted_${count}\\(x: u32\\) -> u32 \\{ return (.*); \\}`).exec(text)?.[1];
  if (body === undefined) throw new Error(`no function in ${text}`);
  const script = body
    .replaceAll(/(0x[0-9a-f]+)u/g, '$1')
    .replaceAll(/0x1\.8p(\d+)f/g, (_, exponent) => String(1.5 * 2 ** Number(exponent)))
    .replaceAll('bitcast<u32>', 'bitsOf')
    .replaceAll('bitcast<i32>', 'asSigned')
    .replaceAll('f32(', 'Math.fround(');
  const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0];
  const asSigned = (word: number): number => word | 0;
  const run = compileFunction(`return (${script}) >>> 0;`, ['x', 'bitsOf', 'asSigned']) as (
    ...values: unknown[]
  ) => number;
  return (word) => run(word, bitsOf, asSigned);
}

describe('a right shift as a sum of floats', () => {
  test.each(Array.from({ length: 31 }, (_, i) => i + 1))('by %i is the shift', (count) => {
    const shifted = shiftedBy(count);
    const bits = Array.from({ length: 32 }, (_, bit) => 2 ** bit);
    const words = [
      ...[0, 0x7fffffff, 0xffffffff],
      ...bits.flatMap((one) => [one, 0xffffffff - one]),
      ...Array.from({ length: 5000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0),
    ];
    expect(words.filter((word) => shifted(word) !== word >>> count)).toEqual([]);
  });
});

describe('WGSL without shifts', () => {
  test.each([
    ['let a = b >> 25u;', 'let a = shifted_25(b);'],
    ['((a * 128u) | (a >> 25u)) * 9u', '((a * 128u) | (shifted_25(a))) * 9u'],
    ['(total * reciprocal) >> 16u', 'shifted_16((total * reciprocal))'],
    ['guide[(row + 1u) * 2u] >> 16u', 'shifted_16(guide[(row + 1u) * 2u])'],
    ['sum_of(a, b[1]) >> 7u', 'shifted_7(sum_of(a, b[1]))'],
    ['(word >> 1u) >> 21u', 'shifted_21((shifted_1(word)))'],
    ['c.y >> 3u', 'shifted_3(c.y)'],
    ['group_high | (stream << 8u)', 'group_high | (stream * 256u)'],
    ['((a << 7u) | (a >> 25u)) << 2u', '((a * 128u) | (shifted_25(a))) * 4u'],
  ])('%s', (code, expected) => {
    expect(lowered(code)).toBe(expected);
  });

  test.each([
    'a >> count;',
    'a >> 0u;',
    'a >> 32u;',
    'a >> (16u);',
    'a >>= 16u;',
    '// a >> 16u',
    'let a = b << count;',
  ])('leaves %s', (code) => {
    expect(withoutShifts(code)).toBe(code);
  });

  test('keeps every line where it was, and writes each function once', () => {
    const code = 'a >> 16u;\n// a >> 3u\nb >> 16u; c >> 25u; // >> 2u';
    expect(
      withoutShifts(code)
        .split('\n')
        .map((line) => line.slice(0, 31)),
    ).toEqual([
      'shifted_16(a);',
      '// a >> 3u',
      'shifted_16(b); shifted_25(c); /',
      'fn shifted_16(x: u32) -> u32 { ',
      'fn shifted_25(x: u32) -> u32 { ',
    ]);
  });
});
