/** CSV as a stream, by Papa Parse: any usual delimiter, quoted fields. */
import Papa from 'papaparse';
import { InputError, shown } from '../input/inputError.ts';
import type { Columns } from './columns.ts';
import { MOST_WAITING, type Parser } from './parser.ts';
import type { RowReader } from './rows.ts';

/** Whole records are handed to Papa Parse; what follows the last line end outside quotes waits for the next piece. */
export class CsvParser implements Parser {
  readonly #name: string;
  readonly #reader: RowReader;
  #rest = '';
  #line = 0;
  #delimiter = '';
  #columns: Columns | null = null;
  /** where the fields that are asked for stand in a row */
  #places: readonly number[] = [];
  #values: string[] = [];
  #header: readonly string[] = [];

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
      const { columns, fields } = this.#reader.start(named);
      this.#header = header;
      this.#columns = columns;
      this.#places = fields.map((field) => header.indexOf(field));
      this.#values = new Array<string>(fields.length);
      return;
    }
    // Files put one behind the other have their headers among the rows.
    if (
      row.length === this.#header.length &&
      row[0] === this.#header[0] &&
      row.every((field, i) => field.trim() === this.#header[i])
    )
      return;
    if (
      row.length > this.#header.length &&
      row.slice(this.#header.length).some((field) => field.trim() !== '')
    ) {
      throw new InputError(
        `${this.#name}: line ${this.#line}`,
        `${this.#header.length} fields, as the header has`,
        String(row.length),
        'put quotes around fields that hold the delimiter',
      );
    }
    // One array for all rows: who takes them keeps none.
    const [places, values] = [this.#places, this.#values];
    for (let i = 0; i < places.length; i += 1) values[i] = row[places[i]];
    this.#reader.add(values, this.#line);
  }
}

const MOST_COLUMNS = 4096;
/** Lines of one field, that only a missing quote explains. */
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
