/** Records of JSON: their columns, and where they stand in a document: an array, columns, or under the problems as keys. */
import { mayBe, ROLES } from './columns.ts';
import type { JsonObject } from './formats/format.ts';
import { isObject } from './jsonText.ts';
import { NotResults } from './notResults.ts';
import { shown } from '../input/inputError.ts';
import { outcomesOf, truth } from './truth.ts';

/** Levels of keys that become columns. */
const MOST_LEVELS = 4;

/** Columns of a record: keys, nested ones by paths; lists where they are of outcomes, or were asked for. */
export function headerOf(
  record: JsonObject,
  wanted: ReadonlySet<string> = new Set(),
  prefix = '',
  level = 1,
): string[] {
  return Object.entries(record).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    if (isObject(value)) return level < MOST_LEVELS ? headerOf(value, wanted, `${name}.`, level + 1) : [];
    // What is called as a role is one, whatever it holds: it is refused by its row then.
    if (Array.isArray(value)) {
      const isColumn = wanted.has(name) || ROLES.some((role) => role === name);
      return isColumn || (value.length > 0 && !('fault' in outcomesOf(value, truth))) ? [name] : [];
    }
    return [name];
  });
}

/** Lists of objects, each with an outcome of its own, perhaps. */
export function listsOf(record: JsonObject): string[] {
  return Object.entries(record).flatMap(([key, value]) =>
    Array.isArray(value) && value.length > 0 && value.every(isObject) ? [key] : [],
  );
}

/** Records within a document: itself, an array of them, columns, or problems as keys. */
export function recordsOf(document: JsonObject, file: string, columns: string): JsonObject[] {
  const table = tableOf(document);
  if (table) return table;
  if (isRecordLike(document)) return [document];
  const entries = Object.entries(document);
  const around = Object.fromEntries(
    entries
      .filter(([key, value]) => typeof value === 'string' && mayBe(key, 'model'))
      .map(([key, value]) => [key, value]),
  );
  const arrays = entries.filter(
    ([, value]) => Array.isArray(value) && value.length > 0 && value.every(isObject),
  );
  if (arrays.length === 1) {
    // As some servers hand rows out: { row: ... }.
    const rows = (arrays[0][1] as JsonObject[]).map((record) => (isObject(record.row) ? record.row : record));
    return rows.map((record) => ({ ...around, ...record }));
  }
  const keyed = problemsAsKeys(document) ?? problemsAsKeys(withoutScalars(document));
  if (keyed) return keyed.map((record) => ({ ...around, ...record }));
  for (const [key, value] of entries) {
    const inner = isObject(value) && WRAPPERS.test(key) ? problemsAsKeys(value) : null;
    if (inner) return inner.map((record) => ({ ...around, ...record }));
  }
  const byModel = entries.map(([model, value]) => ({
    model,
    own: isObject(value) ? problemsAsKeys(value) : null,
  }));
  if (byModel.length > 0 && byModel.every(({ own }) => own !== null))
    return byModel.flatMap(({ model, own }) => (own ?? []).map((record) => ({ model, ...record })));
  throw new NotResults(
    file,
    'records: an array of objects, an object a line, columns, or an object by problem',
    `an object of ${entries
      .slice(0, 8)
      .map(([key]) => shown(key))
      .join(', ')}`,
    `if outcomes stand by problem, say where: ${columns} correct=results.*.passed, the star being the problem`,
  );
}

const withoutScalars = (document: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(document).filter(([, value]) => typeof value === 'object' && value !== null),
  );

/** A table by columns: lists of one length, objects by row number, or names of columns and rows apart. */
function tableOf(document: JsonObject): JsonObject[] | null {
  const { columns, data } = document;
  if (
    Array.isArray(columns) &&
    Array.isArray(data) &&
    data.every((row) => Array.isArray(row) && row.length === columns.length)
  ) {
    return (data as unknown[][]).map((row) =>
      Object.fromEntries(row.map((value, i) => [String(columns[i]), value] as const)),
    );
  }
  const entries = Object.entries(document);
  if (!isRecordLike(Object.fromEntries(entries.map(([key]) => [key, ''])))) return null;
  const lists = entries.map(([, value]) => (isObject(value) ? Object.values(value) : value));
  const [first] = lists;
  if (!Array.isArray(first) || !lists.every((list) => Array.isArray(list) && list.length === first.length))
    return null;
  // { problem: ["p"], correct: [true] } is a table of one row as well as a record of lists: a problem that is a list is none.
  return first.map((_, i) =>
    Object.fromEntries(entries.map(([key], column) => [key, (lists[column] as unknown[])[i]] as const)),
  );
}

/** What a file of results calls the object of all problems. */
const WRAPPERS =
  /^(results?|problems|scores?|tasks|details?|samples|outcomes|evals?|evaluations?|instances|data)$/i;

const isRecordLike = (record: JsonObject): boolean => {
  const has = (role: 'problem' | 'correct' | 'reward'): boolean =>
    Object.keys(record).some((name) => mayBe(name, role) && !isObject(record[name]));
  return has('problem') && (has('correct') || has('reward'));
};

/** { problem: outcomes, counts, or samples }, where every value is alike. */
function problemsAsKeys(document: JsonObject): JsonObject[] | null {
  const entries = Object.entries(document);
  if (entries.length < 2) return null;
  const values = entries.map(([, value]) => value);
  const isOutcome = (value: unknown): boolean => truth(value) !== null && typeof value !== 'string';
  if (
    values.every((value) => isOutcome(value) || typeof value === 'string') &&
    values.every((value) => truth(value) !== null)
  )
    return entries.map(([problem, correct]) => ({ problem, correct }));
  if (
    values.every(
      (value) => Array.isArray(value) && value.length > 0 && !('fault' in outcomesOf(value, truth)),
    )
  )
    return entries.map(([problem, correct]) => ({ problem, correct }));
  if (values.every((value) => Array.isArray(value) && value.length > 0 && value.every(isObject)))
    return entries.flatMap(([problem, list]) =>
      (list as JsonObject[]).map((record) => withProblem(problem, record)),
    );
  if (
    values.every((value) => {
      if (!isObject(value)) return false;
      const header = headerOf(value);
      return header.some(
        (name) => mayBe(name, 'correct') || mayBe(name, 'reward') || mayBe(name, 'accuracy'),
      );
    })
  )
    return hasOwnIds(values as JsonObject[])
      ? (values as JsonObject[])
      : entries.map(([problem, record]) => withProblem(problem, record as JsonObject));
  return null;
}

/** Records that say themselves of which problem they are, several of one: their keys are row numbers. */
function hasOwnIds(records: readonly JsonObject[]): boolean {
  const [first] = records;
  const id = Object.keys(first).find((key) => mayBe(key, 'problem') && typeof first[key] !== 'object');
  if (id === undefined) return false;
  return new Set(records.map((record) => record[id])).size < records.length;
}

/** The key is the problem, whatever ids the record has besides. */
const withProblem = (problem: string, record: JsonObject): JsonObject => ({
  problem,
  ...Object.fromEntries(
    Object.entries(record).filter(([key]) => !mayBe(key, 'problem') || mayBe(key, 'sample')),
  ),
});
