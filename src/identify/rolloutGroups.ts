/** Which rollouts of a log are a group: by the likeliest column, with the step, by position, or by runs of one prompt. */
import { InputError } from '../input/inputError.ts';
import type { TextRecord } from '../input/records.ts';
import { plainName, PROMPT_NAMES, type LogColumns } from './logColumns.ts';

/** The name of a row that held a list, for its rollouts. */
export const ROW = '(row)';

interface Numbering {
  readonly of: readonly number[];
  readonly names: readonly string[];
}

export function numbering(keys: readonly string[]): Numbering {
  const numbers = new Map<string, number>();
  const of = keys.map((key) => {
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  });
  return { of, names: [...numbers.keys()] };
}

export const keyOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The likeliest column that puts several rollouts together, with the step, and with the prompt where that tells more apart. */
export function findGroups(
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
