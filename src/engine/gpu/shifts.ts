/**
 * Shifts on SwiftShader, which has them for one lane at a time only: four lanes take as long as a dozen additions. To the left by a
 * literal a shift is a product. To the right a sum of floats shifts all lanes at once: of 1.5 · 2^(23 + k) and a multiple of 2^k the
 * significand counts in units of 2^k, so that its low bits are the multiple's quotient; nothing is rounded. The sum holds 22 bits of
 * quotient: k is 10 at least, and less in parts.
 */

import { hex } from './text/lines.ts';

const SHIFT = /(<<|>>)\s*(\d+)u\b/;
/** Least shift to the right of which one sum holds the whole quotient. */
const LEAST_AT_ONCE = 10;

/**
 * WGSL in which each `x << 7u` has become `x * 128u`, and each `x >> 25u` of an unsigned word `shifted_25(x)`, on the same line, with
 * those functions at its end. What shifts by a value, or is named in a comment, stays as it is.
 */
export function withoutShifts(code: string): string {
  const used = new Set<number>();
  const lines = code.split('\n').map((line) => loweredLine(line, used));
  const functions = [...used].sort((a, b) => a - b).map((count) => shiftFunction(count));
  return [...lines, ...functions].join('\n');
}

function loweredLine(line: string, used: Set<number>): string {
  const comment = line.indexOf('//');
  let rest = comment < 0 ? line : line.slice(0, comment);
  let lowered = '';
  for (let shift = SHIFT.exec(rest); shift; shift = SHIFT.exec(rest)) {
    const before = lowered + rest.slice(0, shift.index);
    rest = rest.slice(shift.index + shift[0].length);
    const count = Number(shift[2]);
    if (count < 1 || count > 31) lowered = before + shift[0];
    else if (shift[1] === '<<') lowered = `${before}* ${2 ** count}u`;
    else {
      const start = operandStart(before);
      lowered = `${before.slice(0, start)}shifted_${count}(${before.slice(start).trim()})`;
      used.add(count);
    }
  }
  return lowered + rest + (comment < 0 ? '' : line.slice(comment));
}

/** Where the operand at the end of a text begins: a name or number with what it is called or indexed with, or a parenthesis. */
function operandStart(text: string): number {
  let at = text.trimEnd().length;
  let depth = 0;
  while (at > 0) {
    const before = text[at - 1];
    if (before === ')' || before === ']') depth += 1;
    else if (before === '(' || before === '[') {
      if (depth === 0) break;
      depth -= 1;
    } else if (depth === 0 && !/[\w.]/.test(before)) break;
    at -= 1;
  }
  return at;
}

const lowBits = (count: number): number => 2 ** count - 1;

/** `shifted_k` */
function shiftFunction(count: number): string {
  const body =
    count >= LEAST_AT_ONCE
      ? quotient('x', 32, count)
      : `((${quotient('x', 32, 16)}) * ${hex(2 ** (16 - count))}) | (${quotient('x', 16, count)})`;
  return `fn shifted_${count}(x: u32) -> u32 { return ${body}; }`;
}

/** Of the low `bits` bits of a word by 2^count; they are read as a signed number, and its quotient's bits are the same. */
function quotient(word: string, bits: number, count: number): string {
  const multiple = `bitcast<i32>(${word} & ${hex(lowBits(bits) - lowBits(count))})`;
  return `bitcast<u32>(f32(${multiple}) + 0x1.8p${23 + count}f) & ${hex(lowBits(bits - count))}`;
}
