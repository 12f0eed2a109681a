/**
 * An estimator from a file: tables over c (`passk-estimator@1`), or the advantages of rollouts as another program
 * logged them (CSV). Data only: nothing in a file is executed.
 */
import * as v from 'valibot';
import { fraction, toNumber } from '../math/fraction.ts';
import { InputError, shown } from '../input/inputError.ts';
import { check, integerIn, parseJson } from '../input/schema.ts';
import { decimal } from '../input/textInput.ts';
import { tableFromWeights, type WeightTable } from '../estimators/weightTables.ts';

/** A weight of a file, and how far rounding may have moved it. */
export interface OwnWeight {
  readonly value: number;
  /** absolute: half of the last place printed, or that of float32, whichever is more; 0 for a fraction */
  readonly rounding: number;
}

/** Weights as a file has them; null where it does not say, and at w1(0) and w0(n), which no sample has. */
export interface OwnEstimator {
  readonly name: string;
  readonly n: number;
  /** the k that it is meant for, or null where the file does not say */
  readonly k: number | null;
  /** [n + 1] */
  readonly correct: readonly (OwnWeight | null)[];
  /** [n + 1] */
  readonly wrong: readonly (OwnWeight | null)[];
}

/** sum: G = Σ w_i s_i. mean: G = (1/n) Σ A_i s_i, so w_i = A_i / n. */
export type Convention = 'sum' | 'mean';
export const CONVENTIONS: readonly Convention[] = ['sum', 'mean'];

export const MAX_OWN_GROUP_SIZE = 1024;
const MAX_OWN_K = 1e6;
/** Programs compute in float32 and log it: no number of theirs is known better than this share of itself. */
export const FLOAT32_ROUNDING = 2 ** -23;
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
  n: integerIn(1, MAX_OWN_GROUP_SIZE),
  k: v.optional(v.nullable(integerIn(1, MAX_OWN_K))),
  correct: v.array(weight),
  wrong: v.array(weight),
});

/**
 * @param text JSON (one table, or an array of them for several n) or CSV with the columns n, c, reward, advantage
 * @throws InputError
 */
export function readOwnEstimators(text: string, name: string, convention: Convention): OwnEstimator[] {
  const isJson = /^\s*[[{]/.test(text);
  const read = isJson ? readTables(text, name) : readRollouts(text, name);
  if (convention === 'sum') return read;
  return read.map((own) => {
    const share = (weight: OwnWeight | null): OwnWeight | null =>
      weight && { value: weight.value / own.n, rounding: weight.rounding / own.n };
    return { ...own, correct: own.correct.map(share), wrong: own.wrong.map(share) };
  });
}

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
      correct: weightsByCount(correct, n, 0, `${where}: correct`),
      wrong: weightsByCount(wrong, n, n, `${where}: wrong`),
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

/**
 * @param weights [n + 1] by c, or [n] without the entry that does not exist
 * @param absent the c at which no sample has the weight
 */
function weightsByCount(
  weights: readonly (number | string | null)[],
  n: number,
  absent: number,
  where: string,
): (OwnWeight | null)[] {
  const lengths = `${n + 1} weights, for c = 0..${n} (or ${n}, without that of c = ${absent})`;
  if (weights.length !== n && weights.length !== n + 1) {
    throw new InputError(where, lengths, `${weights.length}`);
  }
  if (weights.length === n && weights[absent === 0 ? 0 : n - 1] === null) {
    throw new InputError(where, lengths, `${n} with null for c = ${absent} among them`);
  }
  const values = weights.map((entry, i) => readWeight(entry, `${where}[${i}]`));
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

function readWeight(entry: number | string | null, where: string): OwnWeight | null {
  if (entry === null) return null;
  if (typeof entry === 'number') {
    if (!(Math.abs(entry) <= MAX_WEIGHT)) throw new InputError(where, WEIGHT_EXPECTED, String(entry));
    return { value: entry, rounding: FLOAT32_ROUNDING * Math.abs(entry) };
  }
  const [numerator, denominator = '1'] = entry.split('/');
  const value = toNumber(fraction(BigInt(numerator), BigInt(denominator)));
  if (!(Math.abs(value) <= MAX_WEIGHT)) throw new InputError(where, WEIGHT_EXPECTED, shown(entry));
  return { value, rounding: FLOAT64_ROUNDING * Math.abs(value) };
}

interface Cell {
  readonly n: number;
  readonly c: number;
  readonly reward: 0 | 1;
  readonly line: number;
  low: number;
  high: number;
  sum: number;
  count: number;
  rounding: number;
}

const COLUMNS = ['n', 'c', 'reward', 'advantage'] as const;

/** One table per n from the rollouts' advantages, which must be the same wherever n, c and reward are. */
function readRollouts(text: string, name: string): OwnEstimator[] {
  const lines = text.split(/\r\n|\n|\r/);
  const header = fieldsOf(lines[0]).map((column) => column.toLowerCase());
  const at = COLUMNS.map((column) => header.indexOf(column));
  if (at.includes(-1) || new Set(header).size < header.length) {
    throw new InputError(
      `${name}: line 1`,
      `JSON, or CSV with the columns ${COLUMNS.join(',')}, each once`,
      shown(lines[0]),
    );
  }
  const cells = new Map<string, Cell>();
  lines.forEach((line, index) => {
    if (index === 0 || line.trim() === '') return;
    const where = `${name}: line ${index + 1}`;
    const fields = fieldsOf(line);
    if (fields.length !== header.length) {
      throw new InputError(where, `${header.length} fields, as in line 1`, `${fields.length}`);
    }
    const [n, c, reward, advantage] = at.map((column, i) =>
      readField(fields[column], `${where}, ${COLUMNS[i]}`),
    );
    checkRollout(n, c, reward, where);
    const rounding = printedRounding(fields[at[3]], advantage);
    const key = `${n} ${c} ${reward}`;
    const cell = cells.get(key);
    if (cell) {
      cell.low = Math.min(cell.low, advantage);
      cell.high = Math.max(cell.high, advantage);
      cell.sum += advantage;
      cell.count += 1;
      cell.rounding = Math.max(cell.rounding, rounding);
    } else {
      cells.set(key, {
        n,
        c,
        reward: reward === 1 ? 1 : 0,
        line: index + 1,
        low: advantage,
        high: advantage,
        sum: advantage,
        count: 1,
        rounding,
      });
    }
  });
  if (cells.size === 0) throw new InputError(name, 'at least one rollout', 'a header alone');
  for (const { n, c, reward, line, low, high, rounding } of cells.values()) {
    if (high - low > 4 * rounding) {
      throw new InputError(
        `${name}: line ${line}`,
        `one advantage for all rollouts with n = ${n}, c = ${c}, reward = ${reward}`,
        `${low} to ${high}`,
        'an advantage that depends on more than n, c and the reward is not a table over c',
      );
    }
  }
  const sizes = [...new Set([...cells.values()].map(({ n }) => n))].sort((a, b) => a - b);
  return sizes.map((n) => {
    const weights = (reward: 0 | 1): (OwnWeight | null)[] =>
      Array.from({ length: n + 1 }, (_, c) => {
        const cell = cells.get(`${n} ${c} ${reward}`);
        return cell ? { value: cell.sum / cell.count, rounding: cell.rounding } : null;
      });
    return { name, n, k: null, correct: weights(1), wrong: weights(0) };
  });
}

/** The fields of a line of numbers; a program may have put quotes around each. */
function fieldsOf(line: string): string[] {
  return line.split(',').map((field) =>
    field
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  );
}

function readField(text: string, where: string): number {
  const value = decimal(text);
  if (!(Math.abs(value) <= MAX_WEIGHT)) throw new InputError(where, 'a decimal number', shown(text));
  return value;
}

/** Half a unit of the last place that was printed, or float32's rounding where more was printed than it has. */
function printedRounding(text: string, value: number): number {
  const [digits, exponent = '0'] = text.toLowerCase().split('e');
  const decimals = digits.split('.').at(1)?.length ?? 0;
  // "1" or "0.25" is as likely exact as rounded: a number without a long tail is taken at its word.
  const printed = decimals < MANY_DECIMALS ? 0 : 0.5 * 10 ** (Number(exponent) - decimals);
  return Math.max(printed, FLOAT32_ROUNDING * Math.abs(value));
}

/** What "%.4f" prints, or more, was cut there. */
const MANY_DECIMALS = 4;

function checkRollout(n: number, c: number, reward: number, where: string): void {
  const isCount = (value: number, low: number, high: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;
  if (!isCount(n, 1, MAX_OWN_GROUP_SIZE))
    throw new InputError(`${where}, n`, `an integer in 1..${MAX_OWN_GROUP_SIZE}`, String(n));
  if (!isCount(c, 0, n)) throw new InputError(`${where}, c`, `an integer in 0..${n}`, String(c));
  if (reward !== 0 && reward !== 1) throw new InputError(`${where}, reward`, '0 or 1', String(reward));
  if ((reward === 1 && c === 0) || (reward === 0 && c === n)) {
    throw new InputError(
      where,
      'a group that can hold this rollout',
      `reward ${reward} with c = ${c} of ${n}`,
    );
  }
}

/** Where the file has no weight, as "w1(3), w0(2)"; the first few. */
export function missingWeights({ n, correct, wrong }: OwnEstimator): string[] {
  return Array.from({ length: n + 1 }, (_, c) => [
    ...(c > 0 && correct[c] === null ? [`w1(${c})`] : []),
    ...(c < n && wrong[c] === null ? [`w0(${c})`] : []),
  ]).flat();
}

/** The file with 0 for every weight that it does not have: groups that were filtered out add nothing. */
export function withZeros(own: OwnEstimator): OwnEstimator {
  return {
    ...own,
    correct: own.correct.map((entry, c) => (c === 0 ? null : (entry ?? NO_SAMPLE))),
    wrong: own.wrong.map((entry, c) => (c === own.n ? null : (entry ?? NO_SAMPLE))),
  };
}

/**
 * Whether Σ_i w_i = 0 for every c, up to rounding; null where that holds as far as the file goes, and it does not go to
 * every c.
 */
export function isCentred({ n, correct, wrong }: OwnEstimator): boolean | null {
  let isWhole = true;
  for (let c = 0; c <= n; c += 1) {
    const own = c === 0 ? NO_SAMPLE : correct[c];
    const others = c === n ? NO_SAMPLE : wrong[c];
    if (own === null || others === null) {
      isWhole = false;
      continue;
    }
    const sum = c * own.value + (n - c) * others.value;
    if (
      Math.abs(sum) >
      c * own.rounding + (n - c) * others.rounding + FLOAT64_ROUNDING * sizeOf({ correct, wrong })
    ) {
      return false;
    }
  }
  return isWhole ? true : null;
}

const NO_SAMPLE: OwnWeight = { value: 0, rounding: 0 };

/** The largest |weight|. */
export function sizeOf({ correct, wrong }: Pick<OwnEstimator, 'correct' | 'wrong'>): number {
  return Math.max(0, ...[...correct, ...wrong].map((entry) => Math.abs(entry?.value ?? 0)));
}

/** The file's weights as a table like the catalogue's, or null where some are missing. */
export function ownTable(own: OwnEstimator): WeightTable | null {
  if (missingWeights(own).length > 0) return null;
  const { name, n, k, correct, wrong } = own;
  const values = (weights: readonly (OwnWeight | null)[]): Float64Array =>
    Float64Array.from(weights, (entry) => entry?.value ?? 0);
  return tableFromWeights(
    { estimatorId: name, n, k, centred: isCentred(own) === true },
    values(correct),
    values(wrong),
  );
}
