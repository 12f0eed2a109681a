/**
 * An estimator from a file: tables over c (`passk-estimator@1`), or the advantages of rollouts as another program
 * logged them (CSV). Data only: nothing in a file is executed.
 */
import * as v from 'valibot';
import { fraction, toNumber } from './fraction.ts';
import { InputError, shown } from './inputError.ts';
import { check, integerIn, parseJson } from './problemFile.ts';
import type { WeightTable } from './weightTables.ts';

/** Weights as a file has them; null where it does not say, and at w1(0) and w0(n), which no sample has. */
export interface OwnEstimator {
  readonly name: string;
  readonly n: number;
  /** the k that it is meant for, or null where the file does not say */
  readonly k: number | null;
  /** [n + 1] */
  readonly correct: readonly (number | null)[];
  /** [n + 1] */
  readonly wrong: readonly (number | null)[];
}

/** sum: G = Σ w_i s_i. mean: G = (1/n) Σ A_i s_i, so w_i = A_i / n. */
export type Convention = 'sum' | 'mean';
export const CONVENTIONS: readonly Convention[] = ['sum', 'mean'];

export const MAX_OWN_GROUP_SIZE = 1024;
const MAX_OWN_K = 1e6;
/** Advantages of one (n, c, reward) may differ by this share of the file's largest: rounding to float32, not more. */
export const LOGGED_ROUNDING = 1e-5;

const MAX_NAME_LENGTH = 128;
const weight = v.nullable(
  v.union(
    [v.pipe(v.number(), v.finite()), v.pipe(v.string(), v.regex(/^-?\d{1,1000}(\/[1-9]\d{0,999})?$/))],
    'expected a number, a fraction like "3/28", or null',
  ),
);
const table = v.strictObject({
  format: v.literal('passk-estimator@1'),
  name: v.pipe(
    v.string(),
    v.minLength(1),
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
    const share = (value: number | null): number | null => (value === null ? null : value / own.n);
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
): (number | null)[] {
  if (weights.length !== n && weights.length !== n + 1) {
    throw new InputError(
      where,
      `${n + 1} weights, for c = 0..${n} (or ${n}, without that of c = ${absent})`,
      `${weights.length}`,
    );
  }
  const values = weights.map((entry) => {
    if (typeof entry !== 'string') return entry;
    const [numerator, denominator = '1'] = entry.split('/');
    return toNumber(fraction(BigInt(numerator), BigInt(denominator)));
  });
  if (weights.length === n) return absent === 0 ? [null, ...values] : [...values, null];
  const extra = values[absent];
  if (extra !== null && extra !== 0) {
    throw new InputError(
      `${where}[${absent}]`,
      'null or 0',
      String(extra),
      `a group with c = ${absent} has no such sample`,
    );
  }
  return values.map((value, c) => (c === absent ? null : value));
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
}

const COLUMNS = ['n', 'c', 'reward', 'advantage'] as const;

/** One table per n from the rollouts' advantages, which must be the same wherever n, c and reward are. */
function readRollouts(text: string, name: string): OwnEstimator[] {
  const lines = text.split(/\r\n|\n|\r/);
  const header = lines[0].split(',').map((column) => column.trim().toLowerCase());
  const at = COLUMNS.map((column) => header.indexOf(column));
  if (at.includes(-1)) {
    throw new InputError(
      `${name}: line 1`,
      `JSON, or CSV with the columns ${COLUMNS.join(',')}`,
      shown(lines[0]),
    );
  }
  const cells = new Map<string, Cell>();
  let largest = 0;
  lines.forEach((line, index) => {
    if (index === 0 || line.trim() === '') return;
    const where = `${name}: line ${index + 1}`;
    const fields = line.split(',');
    const [n, c, reward, advantage] = at.map((column, i) =>
      readField(fields[column], `${where}, ${COLUMNS[i]}`),
    );
    checkRollout(n, c, reward, where);
    largest = Math.max(largest, Math.abs(advantage));
    const key = `${n} ${c} ${reward}`;
    const cell = cells.get(key);
    if (cell) {
      cell.low = Math.min(cell.low, advantage);
      cell.high = Math.max(cell.high, advantage);
      cell.sum += advantage;
      cell.count += 1;
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
      });
    }
  });
  if (cells.size === 0) throw new InputError(name, 'at least one rollout', 'a header alone');
  for (const { n, c, reward, line, low, high } of cells.values()) {
    if (high - low > LOGGED_ROUNDING * largest) {
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
    const weights = (reward: 0 | 1): (number | null)[] =>
      Array.from({ length: n + 1 }, (_, c) => {
        const cell = cells.get(`${n} ${c} ${reward}`);
        return cell ? cell.sum / cell.count : null;
      });
    return { name, n, k: null, correct: weights(1), wrong: weights(0) };
  });
}

function readField(text: string | undefined, where: string): number {
  const value = text === undefined || text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InputError(where, 'a number', shown(text));
  return value;
}

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

/** Σ_i w_i = 0 for every c whose weights are known, up to the rounding of a log. */
export function isCentred({ n, correct, wrong }: OwnEstimator): boolean {
  const largest = Math.max(0, ...[...correct, ...wrong].map((value) => Math.abs(value ?? 0)));
  return Array.from({ length: n + 1 }, (_, c) => {
    const [own, others] = [c === 0 ? 0 : correct[c], c === n ? 0 : wrong[c]];
    return (
      own === null || others === null || Math.abs(c * own + (n - c) * others) <= LOGGED_ROUNDING * n * largest
    );
  }).every(Boolean);
}

/** The file's weights as a table like the catalogue's, or null where some are missing. */
export function ownTable(own: OwnEstimator): WeightTable | null {
  if (missingWeights(own).length > 0) return null;
  const { name, n, k, correct, wrong } = own;
  const value = (weights: readonly (number | null)[]): Float64Array =>
    Float64Array.from(weights, (entry) => entry ?? 0);
  const [own1, own0] = [value(correct), value(wrong)];
  return {
    estimatorId: name,
    n,
    k,
    centred: isCentred(own),
    correct: own1,
    wrong: own0,
    differences: Float64Array.from({ length: n }, (_, m) => own1[m + 1] - own0[m]),
    hasSignal: Array.from({ length: n + 1 }, (_, c) => own1[c] !== 0 || own0[c] !== 0),
  };
}
