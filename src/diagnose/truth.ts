/** Words and numbers for right and wrong, as programs write them. */
import { decimal } from '../input/textInput.ts';

const RIGHT = new Set([
  '1',
  '1.0',
  'true',
  'yes',
  'y',
  'correct',
  'right',
  'pass',
  'passed',
  'ok',
  'c',
  'resolved',
  'success',
  'successful',
  'succeeded',
  'solved',
  'accepted',
  'ac',
]);
const WRONG = new Set([
  '0',
  '0.0',
  'false',
  'no',
  'n',
  'incorrect',
  'wrong',
  'fail',
  'failed',
  'failure',
  'not ok',
  'i',
  'unresolved',
  'unsolved',
  'error',
  'timeout',
  'timed out',
  'exception',
  'syntaxerror',
  'rejected',
  'wa',
  'tle',
]);

/** 1 or 0, or null where it says neither. */
export function truth(value: unknown): 0 | 1 | null {
  if (value === true || value === 1) return 1;
  if (value === false || value === 0) return 0;
  if (typeof value !== 'string') return null;
  // Most of what there is, ten million times.
  if (value === '1') return 1;
  if (value === '0') return 0;
  const word = value.trim().toLowerCase();
  return RIGHT.has(word) ? 1 : WRONG.has(word) ? 0 : null;
}

/** A number, also as a text or a truth value; NaN where it is none. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return NaN;
  const word = value.trim().toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true' ? 1 : 0;
  // As spreadsheets of many countries write it.
  return decimal(/^\s*-?\d+,\d+\s*$/.test(value) ? value.replace(',', '.') : value);
}

/** @param threshold rewards from here on are right; null: only 0 and 1 are understood, and -1 as wrong where it is allowed */
export function rewardTruth(
  value: unknown,
  threshold: number | null,
  minusOne: 'no -1' | '-1 is wrong' = 'no -1',
): 0 | 1 | null {
  const number = numberOf(value);
  if (Number.isNaN(number)) return null;
  if (threshold !== null) return number >= threshold ? 1 : 0;
  if (minusOne === '-1 is wrong' && number === -1) return 0;
  return number === 0 ? 0 : number === 1 ? 1 : null;
}

/** Outcomes of a list, or what stands in it that is none. */
export function outcomesOf(
  list: readonly unknown[],
  read: (value: unknown) => 0 | 1 | null,
): { readonly n: number; readonly correct: number } | { readonly fault: unknown } {
  let correct = 0;
  for (const entry of list) {
    const value = read(entry);
    if (value === null) return { fault: entry };
    correct += value;
  }
  return { n: list.length, correct };
}

/** A list, also as CSV has it: "[True, False]". */
export function listOf(value: unknown): readonly unknown[] | null {
  if (value === '1' || value === '0') return null;
  if (Array.isArray(value)) return value as readonly unknown[];
  if (typeof value !== 'string' || !value.includes('[') || !/^\s*\[.*\]\s*$/s.test(value)) return null;
  const text = value
    .replace(/\bTrue\b/g, 'true')
    .replace(/\bFalse\b/g, 'false')
    .replace(/\bNone\b/g, 'null')
    .replaceAll("'", '"');
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed as readonly unknown[];
  } catch {
    // numpy prints no commas.
  }
  const words = text
    .trim()
    .slice(1, -1)
    .trim()
    .split(/[\s,]+/);
  return words.length > 0 && words.every((word) => word !== '' && truth(word) !== null) ? words : null;
}
