/**
 * A trainer's log as rollouts: a reward of two values and an advantage each, groups found from the prompt (and step), n and c of
 * each group counted. What the columns are is found by name; what is found is said; what cannot be decided is asked for.
 */
import { InputError, shown } from '../input/inputError.ts';
import type { Records, TextRecord } from '../input/records.ts';
import { decimal } from '../input/textInput.ts';
import { findLogColumns, plainName, PROMPT_NAMES, type LogColumns, type LogOptions } from './logColumns.ts';
import { columnPrecision, type ColumnPrecision } from './precision.ts';

export interface Rollout {
  readonly where: string;
  readonly group: number;
  readonly batch: number;
  readonly reward: 0 | 1;
  /** null where the row has none: a rejected one, perhaps */
  readonly advantage: number | null;
}

export interface RolloutGroup {
  /** rollouts that have an advantage, and how many of them are correct */
  n: number;
  c: number;
  /** with those that have none */
  all: number;
  allCorrect: number;
  batch: number;
}

export interface RolloutLog {
  readonly rollouts: readonly Rollout[];
  readonly groups: readonly RolloutGroup[];
  /** what the batches are called; one where there is no step */
  readonly batches: readonly string[];
  readonly batchColumn: string | null;
  readonly rewardColumn: string;
  readonly precision: ColumnPrecision;
  /** what the two rewards were */
  readonly rewards: { readonly wrong: number; readonly correct: number };
  /** every other column that could be a reward, as numbers by rollout */
  readonly otherRewards: ReadonlyMap<string, readonly (number | null)[]>;
  /** lengths by rollout, where a column says them */
  readonly lengths: readonly (number | null)[] | null;
  readonly lengthColumn: string | null;
  readonly notes: readonly string[];
  /** n and c were counted, not logged */
  readonly isCounted: boolean;
}

export const MAX_GROUP_SIZE = 1024;
const MAX_SIZE = 1e100;
const LENGTHS = [
  'length',
  'len',
  'completionlength',
  'responselength',
  'numtokens',
  'ntokens',
  'tokens',
  'completiontokens',
  'responsetokens',
  'numoutputtokens',
  'outputlength',
];

/** @throws InputError */
export function readLog(
  { columns: header, records }: Records,
  options: LogOptions,
  name: string,
): RolloutLog {
  if (records.length === 0) throw new InputError(name, 'at least one rollout', 'a header alone');
  const columns = findLogColumns(header, options, name);
  const { notes, rows } = spread(records, columns, name);
  const rewards = readRewards(rows, columns.reward, name, notes);
  const texts: string[] = [];
  const advantages = rows.map((row) => readAdvantage(row, columns.advantage, texts, notes));
  const precision = columnPrecision(texts);
  if (precision.words !== '') notes.push(`advantages are known to ${precision.words}`);
  const batchOf = numbering(
    rows.map(({ values }) => (columns.step === null ? '' : keyOf(values[columns.step]))),
  );
  const groupOf = columns.counts
    ? numbering(rows.map((_, i) => String(i)))
    : findGroups(rows, columns, batchOf.of, name, notes);
  const groups: RolloutGroup[] = groupOf.names.map(() => ({ n: 0, c: 0, all: 0, allCorrect: 0, batch: 0 }));
  const rollouts: Rollout[] = rows.map(({ where }, i): Rollout => {
    const group = groups[groupOf.of[i]];
    const reward = rewards.of[i];
    const advantage = advantages[i];
    group.all += 1;
    group.allCorrect += reward;
    group.batch = batchOf.of[i];
    if (advantage !== null) {
      group.n += 1;
      group.c += reward;
    }
    return { where, group: groupOf.of[i], batch: batchOf.of[i], reward, advantage };
  });
  if (columns.counts) takeCounts(rows, columns.counts, rollouts, groups);
  else leaveOutCut(rollouts, groups, notes);
  const large = groups.findIndex(({ n }) => n > MAX_GROUP_SIZE);
  if (large >= 0) {
    throw new InputError(
      `${name}: groups`,
      `at most ${MAX_GROUP_SIZE} rollouts in a group`,
      `${groups[large].n} in ${shown(groupOf.names[large].slice(0, 40))}`,
      'a group is one prompt in one step: say --group prompt+step, with the names of those columns',
    );
  }
  const lengthColumn = header.find((column) => LENGTHS.includes(plainName(column))) ?? null;
  const numbers = (column: string): (number | null)[] => rows.map(({ values }) => rewardOf(values[column]));
  return {
    rollouts,
    groups,
    batches: batchOf.names,
    batchColumn: columns.step,
    rewardColumn: columns.reward,
    precision,
    rewards: rewards.values,
    otherRewards: new Map(columns.otherRewards.map((column) => [column, numbers(column)])),
    lengths: lengthColumn === null ? null : numbers(lengthColumn),
    lengthColumn,
    notes,
    isCounted: columns.counts === null,
  };
}

/** Rows that hold a whole group or batch, as lists of one length, become a row each. */
function spread(
  records: readonly TextRecord[],
  { advantage, reward }: LogColumns,
  name: string,
): { rows: TextRecord[]; notes: string[] } {
  const notes: string[] = [];
  const rows = records.flatMap((record): TextRecord[] => {
    const [rewards, advantages] = [listOf(record.values[reward]), listOf(record.values[advantage])];
    if (!rewards || !advantages) return [record];
    if (rewards.length !== advantages.length) {
      throw new InputError(
        record.where,
        `as many advantages as rewards, ${rewards.length}`,
        String(advantages.length),
      );
    }
    if (notes.length === 0) notes.push('a row holds a list of rollouts');
    return rewards.map((_, i) => ({
      where: `${record.where}, [${i}]`,
      values: Object.fromEntries(
        Object.entries(record.values).map(([key, value]) => {
          const list = listOf(value);
          return [key, list?.length === rewards.length ? list[i] : value];
        }),
      ),
    }));
  });
  // A list a row without anything to tell the rows apart is a group a row.
  const isGroup = notes.length > 0;
  const marked = isGroup
    ? rows.map((row) => ({ ...row, values: { ...row.values, [ROW]: row.where.replace(/, \[\d+\]$/, '') } }))
    : rows;
  if (marked.length === 0) throw new InputError(name, 'at least one rollout', 'none');
  return { rows: marked, notes };
}

/** The name of a row that held a list, for its rollouts. */
const ROW = '(row)';

function listOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (typeof value !== 'string' || !/^\s*\[.*\]\s*$/s.test(value)) return null;
  try {
    const parsed: unknown = JSON.parse(value.replace(/\bTrue\b/g, 'true').replace(/\bFalse\b/g, 'false'));
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/** "tensor(0.5)" and "0,5" as 0.5. */
function plainNumber(text: string): string {
  const inner = /^tensor\(([^,)]*)/.exec(text)?.[1] ?? text;
  return /^-?\d+,\d+$/.test(inner) ? inner.replace(',', '.') : inner;
}

/** A number as programs print one: "0.5", "True", "tensor(0.5)". */
function rewardOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^(true|yes|correct|pass|passed)$/i.test(text)) return 1;
  if (/^(false|no|incorrect|wrong|fail|failed)$/i.test(text)) return 0;
  const number = decimal(plainNumber(text));
  return Number.isFinite(number) ? number : null;
}

/** float32's 0.10000000149 as 0.1 */
const brief = (value: number): number => Number(value.toPrecision(7));

function readRewards(
  rows: readonly TextRecord[],
  column: string,
  name: string,
  notes: string[],
): { of: (0 | 1)[]; values: RolloutLog['rewards'] } {
  const numbers = rows.map(({ values, where }) => {
    const list = listOf(values[column]);
    if (list) {
      throw new InputError(
        `${where}, ${column}`,
        'one reward for a rollout',
        `a list of ${list.length}`,
        'rewards by token: log their sum, or whether it was correct',
      );
    }
    const reward = rewardOf(values[column]);
    if (reward === null) throw new InputError(`${where}, ${column}`, 'a reward', shown(values[column]));
    return reward;
  });
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  if (distinct.length > 2) {
    throw new InputError(
      `${name}: ${column}`,
      'rewards of two values, as a verifier gives',
      `${distinct.length}, from ${distinct[0]} to ${distinct[distinct.length - 1]}`,
      'an advantage is a table over c only for right and wrong: name the column that says so, --columns reward=...',
    );
  }
  const [low, high = low] = distinct;
  if (distinct.length === 1 && ![0, 1, -1].includes(low)) {
    throw new InputError(`${rows[0].where}, ${column}`, '0 or 1, or two values', `${low} in every row`);
  }
  const [wrong, correct] =
    distinct.length === 2
      ? [low, high]
      : low > 0
        ? [low === 1 ? 0 : Math.min(0, low), low]
        : [low, low === 0 ? 1 : -low];
  if (distinct.length === 2 && (wrong !== 0 || correct !== 1))
    notes.push(
      `rewards are ${brief(wrong)} and ${brief(correct)}: ${brief(wrong)} is read as wrong, ${brief(correct)} as correct`,
    );
  if (distinct.length === 1) notes.push(`every reward is ${low}`);
  return {
    of: numbers.map((number) => (number === correct ? 1 : 0)),
    values: { wrong: brief(wrong), correct: brief(correct) },
  };
}

function readAdvantage(
  { values, where }: TextRecord,
  column: string,
  texts: string[],
  notes: string[],
): number | null {
  const value = values[column];
  const list = listOf(value);
  if (list) return oneOfTokens(list, where, column, texts, notes);
  if (value === null || value === undefined) return null;
  const text = typeof value === 'string' ? plainNumber(value.trim()) : shown(value);
  if (/^(|none|null)$/i.test(text)) return null;
  const number = typeof value === 'number' ? value : decimal(text);
  if (!(Math.abs(number) <= MAX_SIZE)) {
    throw new InputError(
      `${where}, ${column}`,
      'a decimal number',
      shown(value),
      /nan/i.test(text) ? 'NaN is what a standard deviation of 0, or of one sample, gives' : undefined,
    );
  }
  texts.push(text);
  return number;
}

/** An advantage by token that is one number all the way, perhaps with zeros where tokens are masked. */
function oneOfTokens(
  list: readonly unknown[],
  where: string,
  column: string,
  texts: string[],
  notes: string[],
): number {
  const numbers = list.map((entry) => rewardOf(entry));
  const distinct = [...new Set(numbers.filter((number) => number !== 0))];
  if (distinct.length > 1 || distinct[0] === null) {
    const seen = distinct.filter((number) => number !== null);
    throw new InputError(
      `${where}, ${column}`,
      'one advantage for a rollout',
      `${list.length} values by token, ${Math.min(...seen)} to ${Math.max(...seen)}`,
      'token-level advantages (KL in the reward, discounting, whitening by token) are no table over c: log the one of the whole response',
    );
  }
  if (!notes.includes(TOKENS)) notes.push(TOKENS);
  const value = distinct[0] ?? 0;
  texts.push(String(value));
  return value;
}

const TOKENS = 'advantages are lists by token, the same at every token';

interface Numbering {
  readonly of: readonly number[];
  readonly names: readonly string[];
}

function numbering(keys: readonly string[]): Numbering {
  const numbers = new Map<string, number>();
  const of = keys.map((key) => {
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  });
  return { of, names: [...numbers.keys()] };
}

const keyOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The likeliest column that puts several rollouts together, with the step, and with the prompt where that tells more apart. */
function findGroups(
  rows: readonly TextRecord[],
  columns: LogColumns,
  batchOf: readonly number[],
  name: string,
  notes: string[],
): Numbering {
  const by = (names: readonly string[]): Numbering =>
    numbering(
      rows.map(({ values }, i) =>
        JSON.stringify([
          columns.isGroupGiven ? 0 : batchOf[i],
          ...names.map((column) => keyOf(values[column])),
        ]),
      ),
    );
  const say = (names: readonly string[], found: Numbering): Numbering => {
    const sizes = new Map<number, number>();
    const counts = new Array<number>(found.names.length).fill(0);
    for (const group of found.of) counts[group] += 1;
    for (const size of counts) sizes.set(size, (sizes.get(size) ?? 0) + 1);
    const told = [...sizes].sort((a, b) => b[1] - a[1]);
    const words = told
      .slice(0, 4)
      .map(([size, count]) => `${count} of ${size}`)
      .join(', ');
    const step = columns.step !== null && !columns.isGroupGiven ? ` and ${columns.step}` : '';
    notes.push(
      `a group is one ${names.map((column) => (column === ROW ? 'row' : column)).join(' and ')}${step}: ${words}${told.length > 4 ? ' and others' : ''}`,
    );
    return found;
  };
  const given = columns.groups.at(0);
  const size = Number(/^rows:(\d+)$/.exec(given?.[0] ?? '')?.[1] ?? NaN);
  if (size >= 1) {
    notes.push(`a group is ${size} rows, one behind the other`);
    return numbering(rows.map((_, i) => String(Math.floor(i / size))));
  }
  if (columns.isGroupGiven && given) return say(given, by(given));
  const listed = rows[0].values[ROW] === undefined ? [] : [[ROW]];
  const choices = [...columns.groups, ...listed].map((names) => ({ names, found: by(names) }));
  const useful = choices.find(({ found }) => found.names.length < rows.length) ?? choices.at(0);
  if (!useful) {
    throw new InputError(
      `${name}: columns`,
      'n and c, or a column that is the same for all rollouts of a prompt (prompt, uid, group_id)',
      'none',
      'say which: --group column, --group column+column, or, where every 8 rows are a group, --group rows:8',
    );
  }
  const prompt = columns.groups.find(
    ([column]) => PROMPT_NAMES.includes(plainName(column)) && column !== useful.names[0],
  );
  // One id with several prompts in it counts anew somewhere: in another step, or process.
  if (prompt) {
    const finer = by([...useful.names, ...prompt]);
    if (finer.names.length > useful.found.names.length && finer.names.length < rows.length / 1.5)
      return say([...useful.names, ...prompt], finer);
  }
  const runs = columns.step === null ? evenRuns(useful.found) : null;
  if (runs) {
    notes.push(`${useful.names.join(' and ')} comes back: each time it is another group`);
    return say(useful.names, runs);
  }
  return say(useful.names, useful.found);
}

/** Runs of rows with one key, all of one length, where keys come back: a prompt in several steps. */
function evenRuns({ of }: Numbering): Numbering | null {
  let run = -1;
  const numbers = of.map((key, i) => (i > 0 && of[i - 1] === key ? run : (run += 1)));
  const lengths = new Array<number>(run + 1).fill(0);
  for (const number of numbers) lengths[number] += 1;
  const isEven = lengths[0] > 1 && lengths.every((length) => length === lengths[0]);
  return isEven && lengths.length > new Set(of).size
    ? { of: numbers, names: lengths.map((_, i) => `run ${i + 1}`) }
    : null;
}

/** So many groups must be whole for one at an end of the file to be called cut. */
const LEAST_WHOLE = 3;

/** A log that was cut begins or ends within a group: that one is left out. */
function leaveOutCut(rollouts: Rollout[], groups: RolloutGroup[], notes: string[]): void {
  const ends = new Set([rollouts[0].group, rollouts[rollouts.length - 1].group]);
  const inner = groups.filter((_, i) => !ends.has(i));
  const size = inner.at(0)?.all ?? 0;
  if (inner.length < LEAST_WHOLE || inner.some(({ all }) => all !== size)) return;
  for (const end of ends) {
    const { all } = groups[end];
    if (all >= size) continue;
    notes.push(
      `the ${end === rollouts[0].group ? 'first' : 'last'} group is cut off (${all} of ${size} rows) and left out`,
    );
    rollouts.forEach((rollout, i) => {
      if (rollout.group === end) rollouts[i] = { ...rollout, advantage: null };
    });
    Object.assign(groups[end], { n: 0, c: 0, all: 0, allCorrect: 0 });
  }
}

/** n and c as the log itself says them, row by row. */
function takeCounts(
  rows: readonly TextRecord[],
  { n: nColumn, c: cColumn }: { readonly n: string; readonly c: string },
  rollouts: readonly Rollout[],
  groups: readonly RolloutGroup[],
): void {
  const number = (value: unknown, where: string): number => {
    const read = typeof value === 'number' ? value : typeof value === 'string' ? decimal(value) : NaN;
    if (!(Math.abs(read) <= MAX_SIZE)) throw new InputError(where, 'a decimal number', shown(value));
    return read;
  };
  rows.forEach(({ values, where }, i) => {
    const n = number(values[nColumn], `${where}, n`);
    const c = number(values[cColumn], `${where}, c`);
    if (!Number.isInteger(n) || n < 1 || n > MAX_GROUP_SIZE)
      throw new InputError(`${where}, n`, `an integer in 1..${MAX_GROUP_SIZE}`, String(n));
    if (!Number.isInteger(c) || c < 0 || c > n)
      throw new InputError(`${where}, c`, `an integer in 0..${n}`, String(c));
    const { reward } = rollouts[i];
    if ((reward === 1 && c === 0) || (reward === 0 && c === n)) {
      throw new InputError(
        where,
        'a group that can hold this rollout',
        `reward ${reward} with c = ${c} of ${n}`,
      );
    }
    Object.assign(groups[rollouts[i].group], { n, c, all: n, allCorrect: c });
  });
}
