/** JSON as a stream: an object a line, one value for all, or an array element by element. */
import { InputError, shown } from '../input/inputError.ts';
import type { Columns } from './columns.ts';
import type { JsonRecords } from './jsonRecords.ts';
import { ArraySplitter, isObject, parseLooseJson } from './jsonText.ts';
import { MOST_WAITING, type Parser } from './parser.ts';

export const isLines = (file: string): boolean => /\.(jsonl|ndjson)$/i.test(file);

/** An object a line. */
export class LineParser implements Parser {
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
export class JsonParser implements Parser {
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

export class ArrayParser implements Parser {
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
