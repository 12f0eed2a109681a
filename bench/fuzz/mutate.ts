/** Hostile variants of texts that are right, from seeded draws: the same seed gives the same ones everywhere. */
import { openStream } from '../../src/math/random/stream.ts';

export interface Draws {
  /** an integer in 0 .. count − 1 */
  below(count: number): number;
  of<Item>(items: readonly Item[]): Item;
}

export function drawsOf(seed: number, input: number): Draws {
  const next = openStream(seed, 0xf022, 0, input, 0);
  const below = (count: number): number => Math.floor((next() / 2 ** 32) * count);
  return { below, of: (items) => items[below(items.length)] };
}

/** What readers have tripped over, here or elsewhere. */
const TOKENS = [
  ...['0', '-0', '1', '-1', '2', '0.5', '1e308', '1.8e308', '-1e309', '5e-324', '1e-400', '9007199254740993'],
  ...['4294967296', '2147483648', '1e21', '00', '+1', '.5', '0x10', 'NaN', 'Infinity', '1/0', '1/3', '-1/3'],
  ...['null', 'true', 'false', '""', '[]', '{}', '[[]]', '{"a":1}', '"x"', '[1,2,3]', '[null]'],
  ...['"__proto__"', '"constructor"', '"\\u0000"', '"\\ud800"', '"\u202e"', '"=1+1"', '"a,b"', '"p0"'],
  ...[',', ';', '\t', '\n', '\r\n', '"', '""', "'", '\\', '{', '}', '[', ']', ':', ' ', '\u0000', '\ufeff'],
  '['.repeat(200),
  '9'.repeat(400),
  'x'.repeat(5000),
];

/** Numbers, texts, words and signs of JSON and CSV. */
const PIECES = /"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_]+|[{}[\],:;\n]/g;

type Change = (text: string, draws: Draws) => string;

const spanOf = (text: string, draws: Draws): [number, number] => {
  const from = draws.below(text.length + 1);
  return [from, Math.min(text.length, from + draws.below(1 + draws.of([1, 8, 200])))];
};

/** One piece replaced, at a place where a reader looks. */
const replacePiece: Change = (text, draws) => {
  const pieces = [...text.matchAll(PIECES)];
  if (pieces.length === 0) return draws.of(TOKENS);
  const { index, 0: piece } = draws.of(pieces);
  const by = draws.below(3) === 0 ? draws.of(pieces)[0] : draws.of(TOKENS);
  return text.slice(0, index) + by + text.slice(index + piece.length);
};

const CHANGES: readonly Change[] = [
  replacePiece,
  replacePiece,
  replacePiece,
  (text, draws) => {
    const [from, to] = spanOf(text, draws);
    return text.slice(0, from) + text.slice(to);
  },
  (text, draws) => {
    const [from, to] = spanOf(text, draws);
    return text.slice(0, to) + text.slice(from, to) + text.slice(to);
  },
  (text, draws) => {
    const [from] = spanOf(text, draws);
    return text.slice(0, from) + draws.of(TOKENS) + text.slice(from);
  },
  (text, draws) => text.slice(0, draws.below(text.length + 1)),
];

/** A text with one to four changes. */
export function mutated(text: string, draws: Draws): string {
  let changed = text;
  const count = 1 + draws.below(4);
  for (let i = 0; i < count; i += 1) changed = draws.of(CHANGES)(changed, draws);
  return changed;
}
