/** Files that a person named on the command line. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, shown } from '../math/inputError.ts';
import { compileProblem, type Problem } from '../math/problem.ts';
import { MAX_FILE_BYTES, parseJson, validateProblem } from '../math/problemFile.ts';

/** @throws InputError */
export function readText(path: string, flag: string): string {
  const where = `${flag} ${shown(path)}`;
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) throw new InputError(where, `at most ${MAX_FILE_BYTES} bytes`, `${size}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw new InputError(where, 'a readable file', code, 'check the path');
  }
}

/** @throws InputError */
export function readProblem(path: string): Problem {
  const name = basename(path);
  return compileProblem(validateProblem(parseJson(readText(path, '--problem'), name), name));
}
