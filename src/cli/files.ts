/** Files that a person named on the command line. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, printable, shown } from '../input/inputError.ts';
import { compileProblem, type Problem } from '../problem/problem.ts';
import { MAX_FILE_BYTES, validateProblem } from '../problem/problemFile.ts';
import { parseJson } from '../input/schema.ts';

/** @throws InputError */
export function readText(path: string, flag: string): string {
  const where = `${flag} ${shown(path)}`;
  try {
    const status = statSync(path);
    // A pipe or a device may never end.
    if (!status.isFile()) throw new InputError(where, 'a file', 'something else', 'save it to a file first');
    const { size } = status;
    if (size > MAX_FILE_BYTES) throw new InputError(where, `at most ${MAX_FILE_BYTES} bytes`, `${size}`);
    // Spreadsheets and editors begin a file with a byte order mark.
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unreadable(where, error);
  }
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
