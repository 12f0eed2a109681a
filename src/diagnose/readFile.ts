/**
 * Evaluation files as streams: CSV (by Papa Parse: any usual delimiter, quoted fields) and JSONL, a piece at a time, from a
 * browser's File or from anything that gives pieces of text.
 */
import Papa from 'papaparse';
import { InputError, shown } from '../input/inputError.ts';
import { parseJson } from '../input/schema.ts';
import type { Columns, Role } from './columns.ts';
import { mayBe, ROLES } from './columns.ts';
import type { RowReader } from './rows.ts';

export type FileFormat = 'csv' | 'jsonl';

/** By the name's ending; a piece of the text decides where that says nothing. */
export function formatOf(name: string, beginning: string): FileFormat {
  if (/\.(jsonl|ndjson)$/i.test(name)) return 'jsonl';
  if (/\.(csv|tsv)$/i.test(name)) return 'csv';
  return beginning.trimStart().startsWith('{') ? 'jsonl' : 'csv';
}

/** @param pieces the text, cut anywhere @param onProgress told of the characters read so far */
export async function readRows(
  pieces: AsyncIterable<string>,
  name: string,
  reader: RowReader,
  onProgress: (characterCount: number) => void,
): Promise<Columns> {
  let parser: Parser | null = null;
  let characterCount = 0;
  for await (const piece of pieces) {
    // Spreadsheets begin a file with a byte order mark.
    const text: string = parser === null ? piece.replace(/^\uFEFF/, '') : piece;
    parser ??= formatOf(name, text) === 'jsonl' ? new JsonlParser(name, reader) : new CsvParser(name, reader);
    parser.take(text);
    characterCount += piece.length;
    onProgress(characterCount);
  }
  const columns = parser?.end();
  if (!columns) throw new InputError(name, 'a header and rows', 'an empty file');
  reader.finish();
  return columns;
}

interface Parser {
  take(text: string): void;
  end(): Columns | null;
}

/** Whole records are handed to Papa Parse; what follows the last line end outside quotes waits for the next piece. */
class CsvParser implements Parser {
  readonly #name: string;
  readonly #reader: RowReader;
  #rest = '';
  #line = 0;
  #delimiter = '';
  #columns: Columns | null = null;
  readonly #place = new Map<Role, number>();
  #row: readonly string[] = [];
  readonly #valueOf = (role: Role): unknown => {
    const place = this.#place.get(role);
    return place === undefined ? undefined : this.#row[place];
  };

  constructor(name: string, reader: RowReader) {
    this.#name = name;
    this.#reader = reader;
  }

  take(text: string): void {
    const whole = this.#rest + text;
    const end = lastRecordEnd(whole);
    this.#rest = whole.slice(end);
    if (this.#rest.length > MOST_WAITING) this.#refuseLength(this.#rest);
    if (end > 0) this.#parse(whole.slice(0, end));
  }

  end(): Columns | null {
    if (this.#rest !== '') this.#parse(this.#rest);
    this.#rest = '';
    return this.#columns;
  }

  #parse(text: string): void {
    // A last line end would make an empty record, which also confuses the guess of the delimiter.
    const { data, meta, errors } = Papa.parse<string[]>(text.replace(/\r?\n$/, ''), {
      delimiter: this.#delimiter,
      delimitersToGuess: [',', ';', '\t', '|'],
      skipEmptyLines: false,
    });
    const [fault] = errors.filter(({ type }) => type === 'Quotes');
    if (fault as Papa.ParseError | undefined) this.#refuseQuote(this.#line + 1 + (fault.row ?? 0));
    if (this.#delimiter === '') this.#delimiter = meta.delimiter;
    for (const row of data) {
      this.#line += 1;
      // Spreadsheets end with rows of nothing.
      if (row.some((field) => field.trim() !== '')) this.#take(row);
      // Quoted fields may hold line ends.
      for (const field of row) {
        if (!field.includes('\n')) continue;
        const lineEnds = field.split('\n').length - 1;
        if (lineEnds > MOST_LINES) this.#refuseQuote(this.#line);
        this.#line += lineEnds;
      }
    }
  }

  /** A missing quote swallows all that follows; without quotes it is one line. */
  #refuseLength(rest: string): never {
    if (rest.includes('"')) this.#refuseQuote(this.#line + 1);
    throw new InputError(
      `${this.#name}: line ${this.#line + 1}`,
      `a line end within ${MOST_WAITING} characters`,
      'none',
      'give every record a line',
    );
  }

  #refuseQuote(line: number): never {
    throw new InputError(
      `${this.#name}: line ${line}`,
      'quotes that open and close a field',
      'one that does not',
      'double the quotes within a field, or take them out',
    );
  }

  #take(row: readonly string[]): void {
    if (!this.#columns) {
      // A spreadsheet's word to itself.
      const separator = /^sep=(.)?$/i.exec(row.join(this.#delimiter));
      if (this.#line === 1 && separator) {
        this.#delimiter = separator[1] || ',';
        return;
      }
      const header = row.map((name) => name.trim());
      if (header.length > MOST_COLUMNS) {
        throw new InputError(this.#name, `at most ${MOST_COLUMNS} columns`, String(header.length));
      }
      const named = header.filter((name) => name !== '');
      const twice = named.find((name, i) => named.indexOf(name) < i);
      if (twice !== undefined) {
        throw new InputError(this.#name, 'columns of different names', `${shown(twice)} twice`);
      }
      this.#columns = this.#reader.start(named);
      for (const role of ROLES) {
        const column = this.#columns.names[role];
        if (column !== undefined) this.#place.set(role, header.indexOf(column));
      }
      return;
    }
    this.#row = row;
    this.#reader.add(this.#valueOf, this.#line);
  }
}

const MOST_COLUMNS = 4096;
/** Characters without the end of a record, and lines of one field, that only a missing quote explains. */
const MOST_WAITING = 2 ** 22;
const MOST_LINES = 100;

/** The place after the last line end that is outside quotes; 0 where there is none. A quote opens a field at its beginning only. */
function lastRecordEnd(text: string): number {
  const lastLine = text.lastIndexOf('\n') + 1;
  if (lastLine === 0 || !text.includes('"')) return lastLine;
  let isQuoted = false;
  let end = 0;
  for (let i = 0; i < lastLine; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 34) {
      if (isQuoted) isQuoted = false;
      // Right after a closing quote it is one of a pair, and goes on.
      else isQuoted = i === 0 || OPENING.includes(text[i - 1]);
    } else if (code === 10 && !isQuoted) end = i + 1;
  }
  return end;
}

/** What a field may begin after: a delimiter, a line's end, or the first of a doubled quote. */
const OPENING = ',;\t|\n\r"';

class JsonlParser implements Parser {
  readonly #name: string;
  readonly #reader: RowReader;
  #rest = '';
  #line = 0;
  #columns: Columns | null = null;
  /** keys of the rows so far, joined */
  readonly #signatures = new Set<string>();
  #row: Readonly<Record<string, unknown>> = {};
  readonly #valueOf = (role: Role): unknown => {
    const column = this.#columns?.names[role];
    // A name like `constructor` is a column only where the row has it.
    return column !== undefined && Object.hasOwn(this.#row, column) ? this.#row[column] : undefined;
  };

  constructor(name: string, reader: RowReader) {
    this.#name = name;
    this.#reader = reader;
  }

  take(text: string): void {
    if (this.#rest.length + text.length > MOST_WAITING && !text.includes('\n')) {
      throw new InputError(
        `${this.#name}: line ${this.#line + 1}`,
        `a line end within ${MOST_WAITING} characters`,
        'none',
        'save it as JSONL: one object a line',
      );
    }
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  end(): Columns | null {
    if (this.#rest !== '') this.#takeLine(this.#rest);
    this.#rest = '';
    return this.#columns;
  }

  /** The first row says what the columns are; a later one with more to say would not be heard. */
  #checkKeys(keys: readonly string[]): void {
    const columns = (this.#columns ??= this.#reader.start(keys));
    const signature = keys.join('\n');
    if (this.#signatures.has(signature)) return;
    if (this.#signatures.size > 0) {
      const late = ROLES.find(
        (role) => columns.names[role] === undefined && keys.some((key) => mayBe(key, role)),
      );
      if (late !== undefined && (late === 'model' || late === 'checkpoint')) {
        throw new InputError(
          `${this.#name}: line ${this.#line}`,
          'the keys of the first row',
          `a '${late}' that the first row does not have`,
          'give it to every row',
        );
      }
    }
    // Rows of very many kinds are not told apart.
    if (this.#signatures.size < 1000) this.#signatures.add(signature);
  }

  #takeLine(line: string): void {
    this.#line += 1;
    if (line.trim() === '') return;
    const where = `${this.#name}: line ${this.#line}`;
    const value = objectOf(line, where);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InputError(
        where,
        'a JSON object on each line',
        shown(value ?? line.slice(0, 40)),
        'save it as JSONL, or as CSV',
      );
    }
    this.#row = value as Readonly<Record<string, unknown>>;
    this.#checkKeys(Object.keys(this.#row));
    this.#reader.add(this.#valueOf, this.#line);
  }
}

/** A line's value; undefined where it is no JSON. @throws InputError where it is nested too deep */
function objectOf(line: string, where: string): unknown {
  try {
    return parseJson(line, where);
  } catch (error) {
    if (error instanceof InputError && error.message.includes('levels of nesting')) throw error;
    // Not JSON: the caller says what was expected.
    return undefined;
  }
}
