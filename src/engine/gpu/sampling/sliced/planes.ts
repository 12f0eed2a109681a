/**
 * Planes of bits as text: each expression stands for 32 lanes. Only what all text of this folder needs: names, and sums without
 * carry, where what comes twice is gone.
 */

/** All lanes, and none. */
export const ALL = '0xffffffffu';
export const NONE = '0u';
export const hex = (word: number): string => `0x${word.toString(16)}u`;

/** Writes `let` lines; a plane that has a name is not named again. */
export class Lines {
  readonly text: string[] = [];

  /** @returns the name */
  let(name: string, expression: string): string {
    if (isName(expression)) return expression;
    this.text.push(`let ${name} = ${expression};`);
    return name;
  }
}

const isName = (expression: string): boolean => /^\w+$/.test(expression);

/** A sum modulo 2 of planes by name, and of ALL where it is a member. */
export type PlaneSum = ReadonlySet<string>;

/** Symmetric difference: the sum of sums. */
export function sumOf(...sums: readonly PlaneSum[]): PlaneSum {
  const total = new Set<string>();
  for (const sum of sums) {
    for (const plane of sum) if (!total.delete(plane)) total.add(plane);
  }
  return total;
}

export function xorText(sum: PlaneSum): string {
  const planes = [...sum].filter((plane) => plane !== ALL);
  if (planes.length === 0) return sum.has(ALL) ? ALL : NONE;
  const text = planes.join(' ^ ');
  return sum.has(ALL) ? `~(${text})` : text;
}

export const orText = (planes: readonly string[]): string =>
  planes.length === 0 ? NONE : planes.join(' | ');

/** `a & b`, where either may be ALL or NONE. */
export function andText(a: string, b: string): string {
  if (a === NONE || b === NONE) return NONE;
  if (a === ALL) return b;
  return b === ALL ? a : `${a} & ${b}`;
}

/** Lanes of `ones` where the bit is set, of `zeros` where it is not. */
export function chooseText(bit: string, ones: string, zeros: string): string {
  if (ones === zeros) return ones;
  if (zeros === NONE) return andText(bit, ones);
  if (ones === NONE) return zeros === ALL ? `~${bit}` : `${zeros} & ~${bit}`;
  if (ones === ALL) return `${bit} | ${zeros}`;
  if (zeros === ALL) return `${ones} | ~${bit}`;
  return `${zeros} ^ (${bit} & (${zeros} ^ ${ones}))`;
}
