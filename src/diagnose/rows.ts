/** Rows of an evaluation file: each is checked and added up; the first bad ones are shown. */
import { InputError, shown } from '../input/inputError.ts';
import { decimal } from '../input/textInput.ts';
import type { RowOptions } from './settings.ts';
import { findColumns, type Columns, type Role } from './columns.ts';
import type { EvaluationBuilder } from './evaluation.ts';

/** How a file is read. */
/** Bad rows shown, at most; then reading stops. */
const MOST_BAD_ROWS = 3;
const MAX_SAMPLES = 1_000_000;

/** Takes the rows of one file, in order. */
export class RowReader {
  readonly #builder: EvaluationBuilder;
  readonly #file: string;
  readonly #model: string;
  readonly #fileIndex: number;
  readonly #options: RowOptions;
  readonly #bad: string[] = [];
  #columns: Columns | null = null;
  #rowCount = 0;

  /** @param file its name in messages @param model its model's, where no column has one */
  constructor(
    builder: EvaluationBuilder,
    file: string,
    model: string,
    fileIndex: number,
    options: RowOptions,
  ) {
    this.#builder = builder;
    this.#file = file;
    this.#model = model;
    this.#fileIndex = fileIndex;
    this.#options = options;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Finds the columns. @throws InputError */
  start(header: readonly string[]): Columns {
    this.#columns = findColumns(header, this.#options.columns, this.#file, this.#options.names('columns'));
    return this.#columns;
  }

  /**
   * @param valueOf a role's value: text, or what JSON has
   * @param line of the file, from 1
   * @throws InputError once MOST_BAD_ROWS rows are bad
   */
  add(valueOf: (role: Role) => unknown, line: number): void {
    const columns = this.#columns;
    if (!columns) throw new Error('rows before their header');
    this.#rowCount += 1;
    const fault = columns.shape === 'counts' ? this.#addCounts(valueOf) : this.#addSample(valueOf);
    if (fault === null) return;
    this.#bad.push(`line ${line}: ${fault}`);
    if (this.#bad.length >= MOST_BAD_ROWS) this.finish();
  }

  /** @throws InputError where rows were bad, or there were none */
  finish(): void {
    if (this.#bad.length > 0) {
      throw new InputError(
        this.#file,
        'rows that can be counted',
        this.#bad.join(' | '),
        'mend them or take them out',
      );
    }
    if (this.#rowCount === 0) throw new InputError(this.#file, 'at least one row below the header', 'none');
  }

  #addSample(valueOf: (role: Role) => unknown): string | null {
    const names = this.#columns?.names ?? {};
    const problem = textOf(valueOf('problem'));
    if (problem === null) return `expected a problem, got ${shown(valueOf('problem'))}`;
    const given = valueOf(names.correct !== undefined ? 'correct' : 'reward');
    const correct =
      names.correct !== undefined ? truth(given) : rewardTruth(given, this.#options.rewardThreshold);
    if (correct === null) {
      return names.correct !== undefined
        ? `expected correct to be true or false, 1 or 0, got ${shown(given)}${(integer(given) ?? 0) > 1 ? `; a count needs the column of its n: ${this.#options.names('columns')} n=...` : ''}`
        : `expected a reward of ${this.#options.rewardThreshold === null ? `0 or 1 (others need ${this.#options.names('rewardThreshold')})` : 'any number'}, got ${shown(given)}`;
    }
    const place = this.#place(valueOf);
    if (typeof place === 'string') return place;
    this.#builder.addSample(place.model, place.checkpoint, problem, correct, this.#fileIndex);
    return null;
  }

  #addCounts(valueOf: (role: Role) => unknown): string | null {
    const problem = textOf(valueOf('problem'));
    if (problem === null) return `expected a problem, got ${shown(valueOf('problem'))}`;
    const n = integer(valueOf('n'));
    if (n === null || n < 1 || n > MAX_SAMPLES)
      return `expected n, an integer in 1..${MAX_SAMPLES}, got ${shown(valueOf('n'))}`;
    const correct = integer(valueOf('correct'));
    if (correct === null || correct < 0 || correct > n) {
      return `expected correct, an integer in 0..${n}, got ${shown(valueOf('correct'))}`;
    }
    const place = this.#place(valueOf);
    if (typeof place === 'string') return place;
    const isNew = this.#builder.addCounts(
      place.model,
      place.checkpoint,
      problem,
      { n, correct },
      this.#fileIndex,
    );
    if (isNew) return null;
    const unused = this.#columns?.unused ?? [];
    const hint =
      unused.length > 0 && this.#columns?.names.model === undefined
        ? `; if ${unused.map(shown).join(' or ')} names the model, say ${this.#options.names('columns')} model=${unused[0]}`
        : '';
    return `expected each problem once, got ${shown(problem)} again${hint}`;
  }

  #place(valueOf: (role: Role) => unknown): { model: string; checkpoint: string | null } | string {
    const { model: modelColumn, checkpoint: checkpointColumn } = this.#columns?.names ?? {};
    const model = modelColumn === undefined ? this.#model : nameOf(valueOf('model'));
    if (model === null) return `expected a model, got ${shown(valueOf('model'))}`;
    const checkpoint = checkpointColumn === undefined ? null : nameOf(valueOf('checkpoint'));
    if (checkpointColumn !== undefined && checkpoint === null) {
      return `expected a checkpoint, got ${shown(valueOf('checkpoint'))}`;
    }
    return { model, checkpoint };
  }
}

/**
 * What to call the models of files that name none: the files' names without folder and ending, or, where two would be alike,
 * their paths without what all have in common.
 */
export function modelsOfFiles(paths: readonly string[]): string[] {
  const bare = paths.map((path) => path.replace(/\.(csv|tsv|txt|jsonl|ndjson|json)$/i, ''));
  const last = bare.map((path) => path.split(/[\\/]/).at(-1) ?? path);
  if (new Set(last).size === last.length) return last.map(clean);
  const parts = bare.map((path) => path.split(/[\\/]/));
  let shared = 0;
  while (parts.every((own) => shared < own.length - 1 && own[shared] === parts[0][shared])) shared += 1;
  const names = parts.map((own) => clean(own.slice(shared).join('/')));
  // Files picked in a browser may come without their folders.
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

/** Names are printed: what would move a cursor or end a line is not part of one. */
function clean(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}

function nameOf(value: unknown): string | null {
  const text = textOf(value);
  return text === null ? null : clean(text);
}

function textOf(value: unknown): string | null {
  // A larger integer has lost digits: two ids could be one.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return text === '' ? null : text;
}

function integer(value: unknown): number | null {
  const number = typeof value === 'number' ? value : typeof value === 'string' ? decimal(value) : NaN;
  return Number.isInteger(number) ? number : null;
}

function truth(value: unknown): 0 | 1 | null {
  if (value === true || value === 1) return 1;
  if (value === false || value === 0) return 0;
  if (typeof value !== 'string') return null;
  switch (value.trim().toLowerCase()) {
    case '1':
    case '1.0':
    case 'true':
    case 'yes':
    case 'correct':
      return 1;
    case '0':
    case '0.0':
    case 'false':
    case 'no':
    case 'incorrect':
    case 'wrong':
      return 0;
    default:
      return null;
  }
}

function rewardTruth(value: unknown, threshold: number | null): 0 | 1 | null {
  if (typeof value === 'string' && /^(true|false)$/i.test(value.trim())) return truth(value);
  // `[[1]]` as a text is "1": only what is a text may be read as one.
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'boolean'
        ? Number(value)
        : typeof value === 'string'
          ? decimal(value)
          : NaN;
  if (Number.isNaN(number)) return null;
  if (threshold !== null) return number >= threshold ? 1 : 0;
  return number === 0 ? 0 : number === 1 ? 1 : null;
}
