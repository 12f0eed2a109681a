/** Checks of what comes from outside: JSON, schemas, arrays, integers. Each throws one `InputError` that names the place. */
import * as v from 'valibot';
import { InputError, shown } from './inputError.ts';

/** An integer of a range, with one message for whatever is wrong. */
export function integerIn(low: number, high: number): v.GenericSchema<unknown, number> {
  const message = `expected an integer in ${low}..${high}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(low, message), v.maxValue(high, message));
}

/** Objects and arrays within each other, at most: what reads a value afterwards may go into it call by call. */
export const MAX_JSON_DEPTH = 64;

/** @throws InputError where the text is not JSON, or nested deeper than `MAX_JSON_DEPTH` */
export function parseJson(text: string, name: string): unknown {
  if (isTooDeep(text)) {
    throw new InputError(
      name,
      `at most ${MAX_JSON_DEPTH} levels of nesting`,
      'more',
      'take out what is within',
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(name, 'JSON', shown(reason), 'mend the file or save it again');
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (isText) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    // { and [, } and ]: two apart, with one bit between upper and lower.
    else if ((code | 0x20) === 0x7b) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH) return true;
    } else if ((code | 0x20) === 0x7d) depth -= 1;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Runs a schema and turns its first issue into a line: where, expected, got. */
export function check<Schema extends v.GenericSchema>(
  schema: Schema,
  data: unknown,
  where: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, data, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const place = path ? (where.includes(':') ? `${where}.${path}` : `${where}: ${path}`) : where;
  if (issue.expected === 'never') {
    throw new InputError(place, 'no such key', shown(issue.input), 'remove it or correct its spelling');
  }
  const worded = /^expected (.*)/.exec(issue.message)?.[1];
  const missing = issue.received === 'undefined' && issue.expected?.startsWith('"') === true;
  const expected = missing
    ? 'a value, as this key is required'
    : (worded ?? issue.expected ?? 'another value');
  throw new InputError(place, expected.replaceAll('"', "'"), shown(issue.input));
}

/** @throws InputError unless value is an array of that length */
export function checkArray(value: unknown, length: number, of: string, where: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) {
    throw new InputError(where, `an array of ${length} ${of}`, shown(value));
  }
  return value;
}

/** @throws InputError unless value is an integer in [low, high] */
export function checkInteger(
  value: unknown,
  low: number,
  high: number,
  where: string,
  advice?: string,
): asserts value is number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
    throw new InputError(where, `an integer in ${low}..${high}`, shown(value), advice);
  }
}
