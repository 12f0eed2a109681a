/** What a named format is: how it is recognised, and how its records become rows. */
import { InputError, shown } from '../../input/inputError.ts';
import { rewardTruth, truth } from '../truth.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** One sample, or a problem's counts. */
export interface FormatRow {
  readonly problem: string;
  readonly n: number;
  readonly correct: number;
  /** which sample of the problem it is, where the format says */
  readonly sample?: string;
  readonly model?: string;
  readonly checkpoint?: string;
}

/** What a format is told besides a record. */
export interface FormatContext {
  readonly file: string;
  readonly path: string;
  /** the score asked for in place of the main one, or null */
  readonly score: string | null;
  readonly threshold: number | null;
  /** what to call settings */
  readonly columns: string;
  readonly thresholdName: string;
  readonly whereName: string;
  /** what the format remembers of the file */
  readonly memory: Map<string, unknown>;
  /** something taken for granted: said once */
  readonly note: (words: string) => void;
  /** samples that were never graded: left out, and counted */
  readonly ungraded: (count: number) => void;
}

export interface Format {
  readonly id: string;
  readonly title: string;
  /** how a person would know it, for the docs */
  readonly looksLike: string;
  /** where it was looked up */
  readonly source: string;
  /** the score that is taken, said aloud */
  readonly score: string;
  /** one record of many: a line, an element of an array */
  readonly isRecord?: (record: JsonObject) => boolean;
  /** what may follow the first record besides its like: an object is read as one, a list is passed over */
  readonly mayFollow?: (value: unknown) => boolean;
  /** a file as a whole */
  readonly isDocument?: (document: JsonObject) => boolean;
  /** the model, where the path says it better than the file's name: its parts, the last being the file */
  readonly modelOfPath?: (parts: readonly string[]) => string | undefined;
  readonly rows: (value: JsonObject, context: FormatContext, where: string) => readonly FormatRow[];
}

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isBooleans = (value: unknown): value is readonly boolean[] =>
  isList(value) && value.length > 0 && value.every((entry) => typeof entry === 'boolean');

/** An id as a text. @throws InputError */
export function idOf(value: unknown, where: string): string {
  if (isText(value) && value.trim() !== '') return value.trim();
  if (typeof value === 'number' && (!Number.isInteger(value) || Number.isSafeInteger(value)))
    return String(value);
  throw new InputError(where, 'an id (integers to 2^53)', shown(value));
}

/** @throws InputError where it says neither right nor wrong */
export function truthAt(value: unknown, where: string): 0 | 1 {
  const outcome = truth(value);
  if (outcome === null) throw new InputError(where, 'right or wrong', shown(value));
  return outcome;
}

/** @throws InputError where a reward is between, and no threshold was given */
export function rewardAt(value: unknown, where: string, { threshold, thresholdName }: FormatContext): 0 | 1 {
  const outcome = rewardTruth(value, threshold, '-1 is wrong');
  if (outcome === null)
    throw new InputError(where, `a reward of 0 or 1 (others need ${thresholdName})`, shown(value));
  return outcome;
}

/** Counts of a list of outcomes. @throws InputError */
export function countsAt(list: unknown, where: string): { readonly n: number; readonly correct: number } {
  if (!isList(list) || list.length === 0) throw new InputError(where, 'a list of outcomes', shown(list));
  return {
    n: list.length,
    correct: list.reduce<number>((sum, entry, i) => sum + truthAt(entry, `${where}[${i}]`), 0),
  };
}
