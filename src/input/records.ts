/**
 * Records of a text that is at hand as a whole: CSV of any usual delimiter, JSONL, a JSON array of objects, an object of columns,
 * or an object that holds one such array. (Evaluations, which may be long, are streamed: `diagnose/readFile`.)
 */
import Papa from 'papaparse';
import { InputError, shown } from './inputError.ts';
import { parseJson } from './schema.ts';

export interface TextRecord {
  readonly values: Readonly<Record<string, unknown>>;
  /** "log.csv: line 3" or "log.json: [2]" */
  readonly where: string;
}

export interface Records {
  /** every key of any record, in the order in which they came */
  readonly columns: readonly string[];
  readonly records: readonly TextRecord[];
}

const MOST_COLUMNS = 4096;
/** Keys of that many rows are looked at one by one: rows of a log are alike. */
const KEYS_OF_ROWS = 1000;

/** @throws InputError */
export function readRecords(text: string, name: string): Records {
  const start = text.trimStart()[0];
  const records =
    start === '['
      ? recordsOfArray(parseJson(text, name), name)
      : start === '{'
        ? recordsOfObjects(text, name)
        : recordsOfLines(text, name);
  const columns = new Set(records.slice(0, KEYS_OF_ROWS).flatMap(({ values }) => Object.keys(values)));
  if (columns.size > MOST_COLUMNS)
    throw new InputError(name, `at most ${MOST_COLUMNS} columns`, String(columns.size));
  return { columns: [...columns], records };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function recordsOfArray(data: unknown, name: string): TextRecord[] {
  if (!Array.isArray(data)) throw new InputError(name, 'an array of objects', shown(data));
  return data.map((values: unknown, i) => {
    const where = `${name}: [${i}]`;
    if (!isObject(values)) throw new InputError(where, 'an object', shown(values));
    return { values, where };
  });
}

/** One object a line, or one object for all: of columns, or around an array. */
function recordsOfObjects(text: string, name: string): TextRecord[] {
  const lines = text.split(/\r\n|\n|\r/);
  const isWhole = (line: string): boolean => line.trim() === '' || /^\s*\{.*\}\s*$/.test(line);
  const filled = lines.filter((line) => line.trim() !== '').length;
  if (filled > 1 && isWhole(lines.find((line) => line.trim() !== '') ?? '')) {
    return lines.flatMap((line, i) => {
      if (line.trim() === '') return [];
      const where = `${name}: line ${i + 1}`;
      const values = parseJson(line, where);
      if (!isObject(values)) throw new InputError(where, 'a JSON object on each line', shown(values));
      return [{ values, where }];
    });
  }
  const data = parseJson(text, name);
  if (!isObject(data)) throw new InputError(name, 'an object', shown(data));
  const arrays = Object.entries(data).filter(
    (entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].some(isObject),
  );
  if (arrays.length === 1) {
    const [key, rows] = arrays[0];
    return recordsOfArray(rows, `${name}: ${key}`);
  }
  return [{ values: data, where: name }];
}

function recordsOfLines(text: string, name: string): TextRecord[] {
  const { data, errors } = Papa.parse<string[]>(text.replace(/(\r\n|\n|\r)+$/, ''), {
    delimiter: '',
    delimitersToGuess: [',', ';', '\t', '|'],
    skipEmptyLines: false,
  });
  const fault = errors.find(({ type }) => type === 'Quotes');
  if (fault) {
    throw new InputError(
      `${name}: line ${(fault.row ?? 0) + 1}`,
      'quotes that open and close a field',
      'one that does not',
      'double the quotes within a field, or take them out',
    );
  }
  const header = (data.at(0) ?? []).map((field) => field.trim());
  const twice = header.find((column, i) => column !== '' && header.indexOf(column) < i);
  if (twice !== undefined)
    throw new InputError(`${name}: line 1`, 'columns, each once', `${shown(twice)} again`);
  let line = 1;
  return data.flatMap((fields, index) => {
    const here = line;
    // Quoted fields may hold line ends.
    line += 1 + fields.reduce((sum, field) => sum + (field.match(/\n/g)?.length ?? 0), 0);
    if (index === 0 || fields.every((field) => field.trim() === '')) return [];
    const where = `${name}: line ${here}`;
    if (fields.length !== header.length)
      throw new InputError(where, `${header.length} fields, as in line 1`, `${fields.length}`);
    const values = Object.fromEntries(
      header.flatMap((column, i) => (column === '' ? [] : [[column, fields[i].trim()]])),
    );
    return [{ values, where }];
  });
}
