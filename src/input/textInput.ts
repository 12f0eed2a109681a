/**
 * Reading settings that a person typed: a flag, a URL parameter, a field of the form all come through here.
 */
import { InputError, shown } from './inputError.ts';
import { checkInteger } from './schema.ts';
import { nearestAdvice } from './nearestName.ts';

/** @throws InputError naming `where` */
export function readInteger(text: string, where: string, low: number, high: number): number {
  const value = /^-?\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (Number.isNaN(value)) throw new InputError(where, `an integer in ${low}..${high}`, shown(text));
  checkInteger(value, low, high, where);
  return value;
}

/** "1,2,4": integers in their order, repeated ones once. */
export function readIntegers(text: string, where: string, low: number, high: number): number[] {
  return [...new Set(text.split(',').map((part) => readInteger(part, where, low, high)))];
}

const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A decimal number, or NaN: no hexadecimal, no "Infinity", no nothing. */
export function decimal(text: string): number {
  return DECIMAL.test(text) ? Number(text) : NaN;
}

/** "0.001" or "1e-3", within [low, high] */
export function readNumber(text: string, where: string, low: number, high: number): number {
  const value = decimal(text);
  if (!(value >= low && value <= high))
    throw new InputError(where, `a number in ${low}..${high}`, shown(text));
  return value;
}

export function readChoice<Choice extends string>(
  text: string,
  where: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw new InputError(where, `one of ${choices.join(', ')}`, shown(text), nearestAdvice(text, choices));
  }
  return found;
}
