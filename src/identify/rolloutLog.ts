/**
 * A trainer's log as rollouts: a reward of two values and an advantage each, groups found from the prompt (and step), n and c of
 * each group counted. What the columns are is found by name; what is found is said; what cannot be decided is asked for.
 */
import { InputError, shown } from '../input/inputError.ts';
import type { Records, TextRecord } from '../input/records.ts';
import { decimal } from '../input/textInput.ts';
import { findLogColumns, plainName, type LogColumns, type LogOptions } from './logColumns.ts';
import { findGroups, keyOf, numbering, ROW } from './rolloutGroups.ts';
import { listOf, MAX_SIZE, readAdvantage, readRewards, rewardOf } from './rolloutValues.ts';
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
