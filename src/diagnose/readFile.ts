/**
 * Evaluation files as streams: CSV (by Papa Parse: any usual delimiter, quoted fields) and JSONL, a piece at a time, from a
 * browser's File or from anything that gives pieces of text.
 */
import Papa from 'papaparse';
import { InputError, shown } from '../math/inputError.ts';
import type { Columns, Role } from './columns.ts';
import { ROLES } from './columns.ts';
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
    if (end > 0) this.#parse(whole.slice(0, end));
  }

  end(): Columns | null {
    if (this.#rest !== '') this.#parse(this.#rest);
    this.#rest = '';
    return this.#columns;
  }

  #parse(text: string): void {
    // A last line end would make an empty record, which also confuses the guess of the delimiter.
    const { data, meta } = Papa.parse<string[]>(text.replace(/\r?\n$/, ''), {
      delimiter: this.#delimiter,
      delimitersToGuess: [',', ';', '\t', '|'],
      skipEmptyLines: false,
    });
    if (this.#delimiter === '') this.#delimiter = meta.delimiter;
    for (const row of data) {
      this.#line += 1;
      const isEmpty = row.length === 1 && row[0].trim() === '';
      if (!isEmpty) this.#take(row);
      // Quoted fields may hold line ends.
      for (const field of row) if (field.includes('\n')) this.#line += field.split('\n').length - 1;
    }
  }

  #take(row: readonly string[]): void {
    if (!this.#columns) {
      const header = row.map((name) => name.trim());
      this.#columns = this.#reader.start(header);
      for (const role of ROLES) {
        const column = this.#columns.names[role];
        if (column !== undefined) this.#place.set(role, header.indexOf(column));
      }
      if (new Set(header).size < header.length) {
        throw new InputError(this.#name, 'columns of different names', 'one name twice');
      }
      return;
    }
    this.#row = row;
    this.#reader.add(this.#valueOf, this.#line);
  }
}

/** The place after the last line end that is outside quotes; 0 where there is none. */
function lastRecordEnd(text: string): number {
  const lastLine = text.lastIndexOf('\n') + 1;
  if (lastLine === 0 || !text.includes('"')) return lastLine;
  let isQuoted = false;
  let end = 0;
  for (let i = 0; i < lastLine; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 34) isQuoted = !isQuoted;
    else if (code === 10 && !isQuoted) end = i + 1;
  }
  return end;
}

class JsonlParser implements Parser {
  readonly #name: string;
  readonly #reader: RowReader;
  #rest = '';
  #line = 0;
  #columns: Columns | null = null;
  #row: Readonly<Record<string, unknown>> = {};
  readonly #valueOf = (role: Role): unknown => {
    const column = this.#columns?.names[role];
    return column === undefined ? undefined : this.#row[column];
  };

  constructor(name: string, reader: RowReader) {
    this.#name = name;
    this.#reader = reader;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  end(): Columns | null {
    if (this.#rest !== '') this.#takeLine(this.#rest);
    this.#rest = '';
    return this.#columns;
  }

  #takeLine(line: string): void {
    this.#line += 1;
    if (line.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InputError(
        `${this.#name}: line ${this.#line}`,
        'a JSON object on each line',
        shown(value ?? line.slice(0, 40)),
        'save it as JSONL, or as CSV',
      );
    }
    this.#row = value as Readonly<Record<string, unknown>>;
    this.#columns ??= this.#reader.start(Object.keys(this.#row));
    this.#reader.add(this.#valueOf, this.#line);
  }
}
