/**
 * What a file is by its first bytes, and its text: gzip is unpacked, UTF-16 is decoded, archives and Parquet are told apart. Bytes come in
 * pieces from a browser's File, a disk or a pipe.
 */
import { InputError } from '../input/inputError.ts';
import { isParquet } from '../input/parquetMark.ts';
import { NotResults } from './notResults.ts';

export type Piece = string | Uint8Array;

export type Opened =
  | { readonly kind: 'text'; readonly text: AsyncIterable<string> }
  | { readonly kind: 'zip'; readonly bytes: () => Promise<Uint8Array> }
  | { readonly kind: 'parquet'; readonly bytes: () => Promise<Uint8Array> };

/** Whole files in memory, at most. */
const MOST_BYTES = 2 ** 29;

/** @param onProgress told of the bytes, or characters, read so far */
export async function openFile(
  pieces: AsyncIterable<Piece>,
  name: string,
  onProgress: (count: number) => void,
): Promise<Opened> {
  const counted = countedPieces(pieces, onProgress)[Symbol.asyncIterator]();
  const first = await counted.next();
  if (first.done) return { kind: 'text', text: noText() };
  if (typeof first.value === 'string') return { kind: 'text', text: strings(first.value, counted) };
  // A pipe may begin with a byte.
  let head = first.value;
  while (head.length < 4) {
    const next = await counted.next();
    if (next.done) break;
    head = joined([head, bytesOf(next.value)]);
  }
  const rest = chain(head, counted);
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] <= 8)
    return { kind: 'zip', bytes: () => whole(rest, name) };
  if (isParquet(head)) return { kind: 'parquet', bytes: () => whole(rest, name) };
  if (head[0] === 0x1f && head[1] === 0x8b)
    return { kind: 'text', text: decoded(unpacked(rest, name), name) };
  return { kind: 'text', text: decoded(rest, name) };
}

const bytesOf = (piece: Piece): Uint8Array =>
  typeof piece === 'string' ? new TextEncoder().encode(piece) : piece;

async function* noText(): AsyncGenerator<string, void, void> {
  // Nothing comes of an empty file.
}

async function* countedPieces(
  pieces: AsyncIterable<Piece>,
  onProgress: (count: number) => void,
): AsyncGenerator<Piece, void, void> {
  let count = 0;
  for await (const piece of pieces) {
    count += piece.length;
    onProgress(count);
    yield piece;
  }
}

async function* strings(first: string, rest: AsyncIterator<Piece>): AsyncGenerator<string, void, void> {
  yield first.replace(/^\uFEFF/, '');
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value as string;
}

async function* chain(first: Uint8Array, rest: AsyncIterator<Piece>): AsyncGenerator<Uint8Array, void, void> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield bytesOf(next.value);
}

async function* decoded(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string, void, void> {
  let decoder: TextDecoder | null = null;
  for await (const piece of bytes) {
    decoder ??= new TextDecoder(encodingOf(piece));
    const text = decoder.decode(piece, { stream: true });
    if (text.slice(0, 64).includes('\u0000'))
      throw new NotResults(
        name,
        'CSV, JSON, JSONL or an archive of inspect',
        'bytes that are no text',
        'save it as one of these',
      );
    yield text;
  }
  const last = decoder?.decode() ?? '';
  if (last !== '') yield last;
}

/** By the byte order mark, else by where the zero bytes of a first ASCII character are. */
function encodingOf(head: Uint8Array): string {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] !== 0 && head[1] === 0 && head.length > 1))
    return 'utf-16le';
  if ((head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0 && head[1] !== 0)) return 'utf-16be';
  return 'utf-8';
}

async function* unpacked(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, void> {
  const source = bytes[Symbol.asyncIterator]();
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller): Promise<void> {
      const next = await source.next();
      if (next.done) controller.close();
      else controller.enqueue(new Uint8Array(next.value));
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      name,
      'gzip that can be unpacked',
      'one that is cut short or damaged',
      'pack it again',
    );
  }
}

async function whole(bytes: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > MOST_BYTES)
      throw new InputError(name, `at most ${MOST_BYTES} bytes in an archive`, 'more', 'unpack it');
    pieces.push(piece);
  }
  return joined(pieces);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
