/**
 * Reading what a person typed: numbers, lists, files. Every refusal is an `InputError` that names the flag.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { estimators, findEstimator, type Estimator } from '../math/estimators.ts';
import { InputError, shown } from '../math/inputError.ts';
import { compileProblem, type Problem } from '../math/problem.ts';
import { checkInteger, MAX_FILE_BYTES, parseJson, validateProblem } from '../math/problemFile.ts';

export function integerFlag(text: string, flag: string, low: number, high: number): number {
  const value = /^-?\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (Number.isNaN(value)) throw new InputError(flag, `an integer in ${low}..${high}`, shown(text));
  checkInteger(value, low, high, flag);
  return value;
}

/** "1,2,4": distinct integers in their order. */
export function integerListFlag(text: string, flag: string, low: number, high: number): number[] {
  return [...new Set(text.split(',').map((part) => integerFlag(part, flag, low, high)))];
}

export function choiceFlag<Choice extends string>(text: string, flag: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new InputError(flag, `one of ${choices.join(', ')}`, shown(text));
  return found;
}

/** "pkpo,rloo", or all of them where absent. */
export function estimatorListFlag(text: string | undefined, flag: string): readonly Estimator[] {
  if (text === undefined) return estimators;
  return text.split(',').map((id) => {
    const found = findEstimator(id.trim());
    if (!found) {
      throw new InputError(flag, `estimators among ${estimators.map((known) => known.id).join(', ')}`, shown(id));
    }
    return found;
  });
}

/** @throws InputError */
export function readText(path: string, flag: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) {
      throw new InputError(`${flag} ${shown(path)}`, `a file of at most ${MAX_FILE_BYTES} bytes`, `${size} bytes`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw new InputError(`${flag} ${shown(path)}`, 'a readable file', code, 'check the path');
  }
}

/** @throws InputError */
export function readProblem(path: string): Problem {
  const name = basename(path);
  return compileProblem(validateProblem(parseJson(readText(path, '--problem'), name), name));
}
