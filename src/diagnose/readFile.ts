/**
 * Evaluation files as streams: CSV (by Papa Parse: any usual delimiter, quoted fields), JSONL, JSON, Parquet and archives, a piece at a
 * time, from a browser's File or from anything that gives pieces of text or bytes.
 */
import Papa from 'papaparse';
import { InputError, shown } from '../input/inputError.ts';
import { openFile, type Piece } from './bytes.ts';
import type { Columns } from './columns.ts';
import type { Format } from './formats/format.ts';
import { JsonRecords, type JsonTarget } from './jsonRecords.ts';
import { NotResults } from './notResults.ts';
import { ArraySplitter, isObject, parseLooseJson } from './jsonText.ts';
import type { RowReader } from './rows.ts';

export interface FileRead {
  readonly columns: Columns;
  readonly rowCount: number;
  /** the format that it was known by, or null */
  readonly format: Format | null;
  readonly notes: readonly string[];
}

/** @param pieces the file, cut anywhere @param onProgress told of the bytes, or characters, read so far */
export async function readFile(
  pieces: AsyncIterable<Piece>,
  target: JsonTarget,
  onProgress: (count: number) => void,
): Promise<FileRead> {
  const { file, reader } = target;
  const opened = await openFile(pieces, file, onProgress);
  const records = new JsonRecords(target);
  let parser: Parser | null = null;
  if (opened.kind === 'zip') {
    const { inspectArchive } = await import('./formats/inspectArchive.ts');
    records.document(inspectArchive(await opened.bytes(), file));
    parser = new Nothing(records);
  } else if (opened.kind === 'parquet') {
    const { parquetRecords } = await import('./parquet.ts');
    const rows = await parquetRecords(await opened.bytes(), file);
    rows.forEach((row, i) => records.record(row, `row ${i + 1}`));
    parser = new Nothing(records);
  } else {
    let head = '';
    for await (const piece of opened.text) {
      if (parser) parser.take(piece);
      else {
        head += piece;
        // Lines of nothing may come first.
        if (head.trim() !== '') {
          parser = parserOf(head, file, reader, records);
          parser.take(head);
        }
      }
    }
  }
  const columns = parser?.end();
  if (!columns) throw new NotResults(file, 'a header and rows', 'an empty file');
  if (parser instanceof CsvParser) reader.finish();
  return {
    columns,
    rowCount: records.format ? records.rowCount : reader.rowCount,
    format: records.format,
    notes: [...records.notes(), ...reader.notes()],
  };
}

function parserOf(head: string, file: string, reader: RowReader, records: JsonRecords): Parser {
  const [start] = head.trimStart();
  if (start === '[') return new ArrayParser(file, records);
  if (start === '{') return new JsonParser(file, records);
  if (isLines(file)) return new LineParser(file, records);
  return new CsvParser(file, reader);
}

const isLines = (file: string): boolean => /\.(jsonl|ndjson)$/i.test(file);

interface Parser {
  take(text: string): void;
  end(): Columns | null;
}

class Nothing implements Parser {
  readonly #records: JsonRecords;
  constructor(records: JsonRecords) {
    this.#records = records;
  }
  take(): void {
    throw new Error('all of it was taken');
  }
  end(): Columns | null {
    return this.#records.end();
  }
}

/** Whole records are handed to Papa Parse; what follows the last line end outside quotes waits for the next piece. */
class CsvParser implements Parser {
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

/** An object a line. */
class LineParser implements Parser {
  readonly #name: string;
  readonly #records: JsonRecords;
  #rest = '';
  #line = 0;

  constructor(name: string, records: JsonRecords) {
    this.#name = name;
    this.#records = records;
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
    if (this.#rest !== '') this.#takeLine(this.#rest, true);
    this.#rest = '';
    return this.#records.end();
  }

  #takeLine(line: string, isLast = false): void {
    this.#line += 1;
    if (line.trim() === '') return;
    const where = `${this.#name}: line ${this.#line}`;
    const value = lineValue(line, where);
    if (!isObject(value)) {
      throw new InputError(
        where,
        'a JSON object on each line',
        isLast && value === undefined && this.#line > 1
          ? 'a last line that is cut short'
          : shown(value ?? line.slice(0, 40)),
        isLast && value === undefined && this.#line > 1
          ? 'let the run end, or take the line out'
          : 'save it as JSONL, or as CSV',
      );
    }
    this.#records.record(value, this.#line);
  }
}

/** A line's value; undefined where it is no JSON. @throws InputError where it is nested too deep */
function lineValue(line: string, where: string): unknown {
  try {
    return parseLooseJson(line, where);
  } catch (error) {
    if (error instanceof InputError && error.message.includes('levels of nesting')) throw error;
    // Not JSON: the caller says what was expected.
    return undefined;
  }
}

/** What begins with a brace: objects a line, or one for all. */
class JsonParser implements Parser {
  readonly #name: string;
  readonly #records: JsonRecords;
  readonly #lines: LineParser;
  #state: 'open' | 'first line' | 'lines' | 'document' = 'open';
  #waiting: string[] = [];
  #length = 0;
  #first: unknown = null;

  constructor(name: string, records: JsonRecords) {
    this.#name = name;
    this.#records = records;
    this.#lines = new LineParser(name, records);
  }

  take(text: string): void {
    if (this.#state === 'lines') {
      this.#lines.take(text);
      return;
    }
    this.#waiting.push(text);
    this.#length += text.length;
    if (this.#length > MOST_DOCUMENT)
      throw new InputError(
        this.#name,
        `a JSON document of at most ${MOST_DOCUMENT} characters`,
        'more',
        'save it as JSONL: one object a line',
      );
    if (this.#state === 'open') this.#state = this.#stateNow(text);
    // What follows the first line makes lines of them.
    if (this.#isFollowed()) this.#turnToLines();
  }

  end(): Columns | null {
    if (this.#state === 'lines') return this.#lines.end();
    const value =
      this.#state === 'first line' ? this.#first : parseLooseJson(this.#waitingText(), this.#name);
    this.#records.document(value);
    return this.#records.end();
  }

  #firstLength = 0;

  /** What the first line says, once it has ended. */
  #stateNow(piece: string): 'open' | 'first line' | 'document' {
    if (!piece.includes('\n')) {
      // Lines were said, and there are none.
      if (this.#length > MOST_WAITING && isLines(this.#name)) this.#lines.take(this.#waitingText());
      return 'open';
    }
    const [line] = this.#waitingText().trimStart().split('\n', 1);
    const value = lineValue(line, `${this.#name}: line 1`);
    if (isObject(value)) {
      this.#first = value;
      this.#firstLength = line.length;
      return 'first line';
    }
    if (isLines(this.#name) && !/^\{?\s*$/.test(line)) this.#lines.take(this.#waitingText());
    return 'document';
  }

  #isFollowed(): boolean {
    return (
      this.#state === 'first line' && this.#waitingText().trimStart().slice(this.#firstLength).trim() !== ''
    );
  }

  #turnToLines(): void {
    const text = this.#waitingText();
    this.#state = 'lines';
    this.#waiting = [];
    this.#lines.take(text);
  }

  #waitingText(): string {
    if (this.#waiting.length > 1) this.#waiting = [this.#waiting.join('')];
    return this.#waiting[0] ?? '';
  }
}

const MOST_DOCUMENT = 2 ** 28;

class ArrayParser implements Parser {
  readonly #records: JsonRecords;
  readonly #splitter: ArraySplitter;

  constructor(name: string, records: JsonRecords) {
    this.#records = records;
    this.#splitter = new ArraySplitter(name, (text, index) =>
      records.record(parseLooseJson(text, `${name}: [${index}]`), `[${index}]`),
    );
  }

  take(text: string): void {
    this.#splitter.take(text);
  }

  end(): Columns | null {
    this.#splitter.end();
    return this.#records.end();
  }
}
