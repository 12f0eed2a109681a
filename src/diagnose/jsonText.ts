/** JSON of evaluation files: as Python writes it (NaN, Infinity), and arrays too long to be read as one, element by element. */
import { InputError } from '../input/inputError.ts';
import { parseJson } from '../input/schema.ts';

/** JSON in which NaN and Infinity, outside texts, are null. @throws InputError */
export function parseLooseJson(text: string, where: string): unknown {
  try {
    return parseJson(text, where);
  } catch (error) {
    if (
      !/NaN|Infinity/.test(text) ||
      (error instanceof InputError && error.message.includes('levels of nesting'))
    )
      throw error;
    return parseJson(
      text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (part) =>
        part.startsWith('"') ? part : 'null',
      ),
      where,
    );
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
/** One element, at most. */
const MOST_CHARACTERS = 2 ** 28;

/** Cuts the elements out of a top-level array whose text comes in pieces. */
export class ArraySplitter {
  readonly #name: string;
  readonly #take: (text: string, index: number) => void;
  #waiting: string[] = [];
  #waitingLength = 0;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #index = 0;
  #isClosed = false;

  constructor(name: string, take: (text: string, index: number) => void) {
    this.#name = name;
    this.#take = take;
  }

  take(piece: string): void {
    let start = 0;
    for (let i = 0; i < piece.length; i += 1) {
      const code = piece.charCodeAt(i);
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === BACKSLASH) this.#isEscaped = true;
        else if (code === QUOTE) this.#isText = false;
      } else if (code === QUOTE) this.#isText = true;
      else if ((code | 0x20) === 0x7b) {
        this.#depth += 1;
        if (this.#depth === 1) start = i + 1;
      } else if ((code | 0x20) === 0x7d) {
        this.#depth -= 1;
        if (this.#depth === 0) {
          this.#emit(piece.slice(start, i));
          this.#isClosed = true;
          start = i + 1;
        }
      } else if (code === COMMA && this.#depth === 1) {
        this.#emit(piece.slice(start, i));
        start = i + 1;
      }
    }
    if (this.#isClosed) {
      if (piece.slice(start).trim() !== '')
        throw new InputError(
          this.#name,
          'one JSON array',
          'more text behind it',
          'save it again, or as JSONL',
        );
      return;
    }
    this.#waiting.push(piece.slice(start));
    this.#waitingLength += piece.length - start;
    if (this.#waitingLength > MOST_CHARACTERS)
      throw new InputError(
        `${this.#name}: [${this.#index}]`,
        `at most ${MOST_CHARACTERS} characters`,
        'more',
      );
  }

  end(): void {
    if (!this.#isClosed)
      throw new InputError(this.#name, 'a JSON array that ends', 'one that is cut short', 'save it again');
  }

  #emit(last: string): void {
    const text = [...this.#waiting, last].join('');
    this.#waiting = [];
    this.#waitingLength = 0;
    if (text.trim() === '') return;
    this.#take(text, this.#index);
    this.#index += 1;
  }
}
