/** Files that a person named on the command line. */
import { fstatSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, printable, shown } from '../input/inputError.ts';
import { compileProblem, type Problem } from '../problem/problem.ts';
import { MAX_FILE_BYTES, validateProblem } from '../problem/problemFile.ts';
import { parseJson } from '../input/schema.ts';

/** Instead of a path: what the command before writes. */
export const STANDARD_INPUT = '-';

/**
 * @param streams whether standard input ("-") and pipes may be read
 * @throws InputError
 */
export function readText(
  path: string,
  flag: string,
  streams: 'no streams' | 'streams' = 'no streams',
): string {
  return decoded(readBytes(path, flag, streams));
}

/** @throws InputError */
export function readBytes(path: string, flag: string, streams: 'no streams' | 'streams'): Uint8Array {
  const where = `${flag} ${shown(path)}`;
  const isStandard = streams === 'streams' && path === STANDARD_INPUT;
  try {
    const status = isStandard ? fstatSync(0) : statSync(path);
    const isStream = status.isFIFO() || status.isSocket();
    // A device may never end.
    if (!status.isFile() && !(streams === 'streams' && isStream))
      throw new InputError(where, 'a file', 'something else', 'save it to a file first');
    if (status.isFile() && status.size > MAX_FILE_BYTES) throw tooLarge(where, status.size);
    const bytes = readFileSync(isStandard ? 0 : path);
    if (bytes.length > MAX_FILE_BYTES) throw tooLarge(where, bytes.length);
    return bytes;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unreadable(where, error);
  }
}

const tooLarge = (where: string, size: number): InputError =>
  new InputError(where, `at most ${MAX_FILE_BYTES} bytes`, `${size}`);

/** Spreadsheets and editors begin a file with a byte order mark, which also says whether it is UTF-16. */
export function decoded(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'a path through something that is no folder',
  EACCES: 'one that may not be read',
  ELOOP: 'links that go round in a circle',
};

/** Why a file could not be read, in words where the code is a usual one. */
export function unreadable(where: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? 'an error';
  return new InputError(where, 'a readable file', REASONS[code] ?? code, 'check the path');
}

/** What to call a file in messages. */
export function fileName(path: string): string {
  return printable(basename(path), 60);
}

/** @throws InputError */
export function readProblem(path: string): Problem {
  const name = fileName(path);
  return compileProblem(validateProblem(parseJson(readText(path, '--problem'), name), name));
}
