/** Estimators of one's own from a text: tables over c as JSON, or a trainer's log. */
import * as v from 'valibot';
import { InputError, shown } from '../input/inputError.ts';
import { readRecords } from '../input/records.ts';
import { check, integerIn, parseJson } from '../input/schema.ts';
import { fraction, toNumber } from '../math/fraction.ts';
import { PLAIN_LOG, type LogOptions } from './logColumns.ts';
import { tablesOfLog } from './logTables.ts';
import { asMean, type Convention, type OwnEstimator, type OwnWeight } from './ownEstimator.ts';
import { columnPrecision, type ColumnPrecision } from './precision.ts';
import { MAX_GROUP_SIZE } from './rolloutLog.ts';

const MAX_OWN_K = 1e6;
/** Of what float64 arithmetic does to an exact number. */
const FLOAT64_ROUNDING = 2 ** -50;
/** Larger weights would overflow when squared and summed. */
const MAX_WEIGHT = 1e100;
const MAX_NAME_LENGTH = 128;
const WEIGHT_EXPECTED = `a number of size at most ${MAX_WEIGHT}, a fraction like "3/28", or null`;
const FRACTION = /^-?\d{1,300}(\/[1-9]\d{0,299})?$/;
const weight = v.nullable(
  v.union(
    [v.number(), v.pipe(v.string(), v.regex(FRACTION, `expected ${WEIGHT_EXPECTED}`))],
    `expected ${WEIGHT_EXPECTED}`,
  ),
);
const table = v.strictObject({
  format: v.literal('passk-estimator@1'),
  name: v.pipe(
    v.string(),
    v.minLength(1, 'expected a name'),
    v.maxLength(MAX_NAME_LENGTH),
    v.regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'expected printable characters'),
  ),
  n: integerIn(1, MAX_GROUP_SIZE),
  k: v.optional(v.nullable(integerIn(1, MAX_OWN_K))),
  correct: v.array(weight),
  wrong: v.array(weight),
});

/**
 * @param text JSON (one table, or an array of them for several n), or a log of rollouts: CSV, JSONL or JSON with a reward and an
 *   advantage a row, and n and c or what makes a group
 * @param convention 'open' leaves it to whoever names the advantages of a log; tables, and logs with n and c, are sums then
 * @throws InputError
 */
export function readOwnEstimators(
  text: string,
  name: string,
  convention: Convention | 'open',
  options: LogOptions = PLAIN_LOG,
): OwnEstimator[] {
  const read = isTable(text) ? readTables(text, name) : tablesOfLog(readRecords(text, name), options, name);
  if (convention === 'open') return read;
  return read.map((own) => (convention === 'mean' ? asMean(own) : { ...own, convention: 'sum' }));
}

/** JSON that says so, or that has the two tables; the rest are logs. */
function isTable(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  if (/"format"\s*:\s*"/.test(text.slice(0, HEAD_CHARACTERS)) || /^\s*\[\s*\]\s*$/.test(text)) return true;
  return /"wrong"\s*:\s*\[/.test(text) && /"correct"\s*:\s*\[/.test(text);
}

const HEAD_CHARACTERS = 4096;

function readTables(text: string, name: string): OwnEstimator[] {
  const data = parseJson(text, name);
  const entries = Array.isArray(data) ? data : [data];
  if (entries.length === 0) throw new InputError(name, 'at least one table', 'an empty array');
  const read = entries.map((entry, index) => {
    const where = Array.isArray(data) ? `${name}: [${index}]` : name;
    const { name: own, n, k, correct, wrong } = check(table, entry, where);
    return {
      name: own,
      n,
      k: k ?? null,
      ...weightsOf(correct, wrong, n, where),
      convention: 'sum' as const,
    };
  });
  const seen = new Set<string>();
  for (const { name: own, n, k } of read) {
    const key = `${own} n = ${n} k = ${k ?? 'none'}`;
    if (seen.has(key))
      throw new InputError(name, 'each name, n and k once', `${shown(own)} at n = ${n} again`);
    seen.add(key);
  }
  return read;
}

function weightsOf(
  correct: readonly (number | string | null)[],
  wrong: readonly (number | string | null)[],
  n: number,
  where: string,
): Pick<OwnEstimator, 'correct' | 'wrong'> {
  const precision = columnPrecision(
    [...correct, ...wrong].flatMap((entry) =>
      typeof entry === 'number' && entry !== 0 ? [String(entry)] : [],
    ),
  );
  return {
    correct: weightsByCount(correct, n, 0, precision, `${where}: correct`),
    wrong: weightsByCount(wrong, n, n, precision, `${where}: wrong`),
  };
}

/**
 * @param weights [n + 1] by c, or [n] without the entry that does not exist
 * @param absent the c at which no sample has the weight
 */
function weightsByCount(
  weights: readonly (number | string | null)[],
  n: number,
  absent: number,
  precision: ColumnPrecision,
  where: string,
): (OwnWeight | null)[] {
  const lengths = `${n + 1} weights, for c = 0..${n} (or ${n}, without that of c = ${absent})`;
  if (weights.length !== n && weights.length !== n + 1) {
    throw new InputError(where, lengths, `${weights.length}`);
  }
  if (weights.length === n && weights[absent === 0 ? 0 : n - 1] === null) {
    throw new InputError(where, lengths, `${n} with null for c = ${absent} among them`);
  }
  const values = weights.map((entry, i) => readWeight(entry, precision, `${where}[${i}]`));
  if (weights.length === n) return absent === 0 ? [null, ...values] : [...values, null];
  const extra = values[absent];
  if (extra !== null && extra.value !== 0) {
    throw new InputError(
      `${where}[${absent}]`,
      'null or 0',
      String(extra.value),
      `a group with c = ${absent} has no such sample`,
    );
  }
  return values.map((value, c) => (c === absent ? null : value));
}

function readWeight(
  entry: number | string | null,
  precision: ColumnPrecision,
  where: string,
): OwnWeight | null {
  if (entry === null) return null;
  if (typeof entry === 'number') {
    if (!(Math.abs(entry) <= MAX_WEIGHT)) throw new InputError(where, WEIGHT_EXPECTED, String(entry));
    return { value: entry, rounding: precision.rounding(entry) };
  }
  const [numerator, denominator = '1'] = entry.split('/');
  const value = toNumber(fraction(BigInt(numerator), BigInt(denominator)));
  if (!(Math.abs(value) <= MAX_WEIGHT)) throw new InputError(where, WEIGHT_EXPECTED, shown(entry));
  return { value, rounding: FLOAT64_ROUNDING * Math.abs(value) };
}
