/** Rows of an evaluation file: each is checked and added up; the first bad ones are shown. */
import { InputError, shown } from '../input/inputError.ts';
import { decimal } from '../input/textInput.ts';
import { findColumns, partsOf, typed, type Columns, type Role } from './columns.ts';
import type { EvaluationBuilder } from './evaluation.ts';
import { clean, type FilePlace } from './fileModels.ts';
import { RepeatWatch, SampleIndex } from './repeats.ts';
import type { RowOptions } from './settings.ts';
import { listOf, numberOf, outcomesOf, rewardTruth, truth } from './truth.ts';

/** Bad rows shown, at most; then reading stops. */
const MOST_BAD_ROWS = 3;
const MAX_SAMPLES = 1_000_000;

/** Where a row's value of a role is in what `add` is given. */
type Slots = Partial<Readonly<Record<Role, readonly number[]>>>;

/** Takes the rows of one file by columns, in order. */
export class RowReader {
  readonly #builder: EvaluationBuilder;
  readonly #file: string;
  readonly #place: FilePlace;
  readonly #fileIndex: number;
  readonly #options: RowOptions;
  readonly #bad: string[] = [];
  #columns: Columns | null = null;
  #slots: Slots = {};
  /** the outcome's column may be the status of requests */
  #mayBeRequest = false;
  #where: readonly { readonly slot: number; readonly column: string; readonly value: string }[] = [];
  #watch: RepeatWatch | null = null;
  #watchFrom = 0;
  #samples: SampleIndex | null = null;
  #rowCount = 0;
  #leftOut = 0;
  #repeated = 0;
  #unsaid = 0;

  /** @param file its name in messages @param place its model, where no column has one */
  constructor(
    builder: EvaluationBuilder,
    file: string,
    place: FilePlace,
    fileIndex: number,
    options: RowOptions,
  ) {
    this.#builder = builder;
    this.#file = file;
    this.#place = place;
    this.#fileIndex = fileIndex;
    this.#options = options;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** What was left out, in sentences. */
  notes(): string[] {
    return [
      ...(this.#leftOut > 0 ? [`${this.#leftOut} rows are left out by ${this.#options.names('where')}`] : []),
      ...(this.#repeated > 0 ? [`${this.#repeated} samples stood there again and are counted once`] : []),
      ...(this.#unsaid > 0
        ? [
            `${this.#unsaid} rows without an outcome are ${this.#options.missing === 'wrong' ? 'wrong' : 'left out'}`,
          ]
        : []),
    ];
  }

  /**
   * Finds the columns.
   *
   * @param beside what rows hold besides, lists of objects: watched, but no column
   * @returns the columns whose values `add` takes, in this order
   * @throws InputError
   */
  start(
    header: readonly string[],
    beside: readonly string[] = [],
  ): { readonly columns: Columns; readonly fields: readonly string[] } {
    const { columns: given, names, where, dedupe } = this.#options;
    const columns = findColumns(header, given, this.#file, names('columns'));
    this.#columns = columns;
    const fields: string[] = [];
    const slotOf = (column: string): number => {
      const at = fields.indexOf(column);
      return at >= 0 ? at : fields.push(column) - 1;
    };
    const slots: Partial<Record<Role, readonly number[]>> = {};
    for (const [role, column] of Object.entries(columns.names) as [Role, string][])
      slots[role] = partsOf(column, header).map(slotOf);
    this.#slots = slots;
    this.#mayBeRequest =
      given.correct === undefined && /^(status|result)$/i.test(columns.names.correct ?? '');
    this.#where = where.map(({ column, value }) => {
      if (!header.includes(column)) {
        throw new InputError(
          `${this.#file}: ${names('where')}`,
          `one of ${header.slice(0, 20).map(shown).join(', ')}`,
          shown(column),
        );
      }
      return { slot: slotOf(column), column, value };
    });
    const problemParts = partsOf(columns.names.problem ?? '', header);
    if (columns.shape === 'samples') {
      const chosen = new Set(where.map(({ column }) => column));
      const isOutcomeGiven = given.correct !== undefined || given.reward !== undefined;
      this.#watch = new RepeatWatch({
        file: this.#file,
        unused: [...columns.unused.filter((column) => !chosen.has(column)), ...beside],
        problemColumn: problemParts.join('+'),
        isProblemGiven: given.problem !== undefined,
        names: { columns: names('columns'), where: names('where') },
        outcomeColumn: isOutcomeGiven ? null : (columns.names.correct ?? columns.names.reward ?? null),
        hasSample: columns.names.sample !== undefined,
      });
      this.#watchFrom = fields.length;
      fields.push(...this.#watch.watched);
      if (this.#watch.watched.length === 0) this.#watch = null;
      if (columns.names.sample !== undefined || dedupe) this.#samples = new SampleIndex();
    }
    return { columns, fields };
  }

  /**
   * @param values of the fields that `start` named: texts, or what JSON has
   * @param line of the file, from 1, or a place
   * @param whole all of the row, for telling whether it stands there twice
   * @throws InputError once MOST_BAD_ROWS rows are bad
   */
  add(values: readonly unknown[], line: number | string, whole: unknown = values): void {
    const columns = this.#columns;
    if (!columns) throw new Error('rows before their header');
    if (this.#where.length > 0 && !this.#where.every(({ slot, value }) => textOf(values[slot]) === value)) {
      this.#leftOut += 1;
      return;
    }
    this.#rowCount += 1;
    const fault = columns.shape === 'counts' ? this.#addCounts(values) : this.#addSample(values, line, whole);
    if (fault === null) return;
    this.#bad.push(`${typeof line === 'number' ? `line ${line}` : line}: ${fault}`);
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
    if (this.#rowCount === 0) {
      if (this.#leftOut > 0) {
        const [{ column, value }] = this.#where;
        throw new InputError(
          `${this.#file}: ${this.#options.names('where')} ${column}`,
          'a value that rows have',
          shown(value),
        );
      }
      throw new InputError(this.#file, 'at least one row below the header', 'none');
    }
    this.#watch?.finish();
    if (this.#repeated > this.#rowCount / 2) {
      const { names } = this.#options;
      throw new InputError(
        `${this.#file}: ${names('dedupe')}`,
        'repeated samples, fewer than half of the rows',
        `${this.#repeated} of ${this.#rowCount}`,
        `${shown(this.#columns?.names.sample ?? 'the row')} does not tell samples apart: name the column that does, ${names('columns')} sample=...`,
      );
    }
  }

  #valueOf(values: readonly unknown[], role: Role): unknown {
    const slots = this.#slots[role];
    return slots ? values[slots[0]] : undefined;
  }

  #problemOf(values: readonly unknown[]): string | null {
    const slots = this.#slots.problem ?? [];
    if (slots.length === 1) return textOf(values[slots[0]]);
    const parts = slots.map((slot) => textOf(values[slot]));
    return parts.includes(null) ? null : parts.join('/');
  }

  #addSample(values: readonly unknown[], line: number | string, whole: unknown): string | null {
    const names = this.#columns?.names ?? {};
    const problem = this.#problemOf(values);
    if (problem === null) return `expected a problem, got ${shown(this.#valueOf(values, 'problem'))}`;
    const isReward = names.correct === undefined;
    const given = this.#valueOf(values, isReward ? 'reward' : 'correct');
    const { rewardThreshold } = this.#options;
    if (this.#isRequestStatus(given))
      return `expected right or wrong, got ${shown(given)}, which may be that of the request; if it is not, say ${this.#options.names('columns')} correct=${names.correct ?? ''}`;
    const read = isReward ? (value: unknown): 0 | 1 | null => rewardTruth(value, rewardThreshold) : truth;
    const isMissing = isNothing(given);
    if (isMissing && this.#options.missing !== 'as they are') {
      this.#unsaid += 1;
      if (this.#options.missing === 'out') return null;
    }
    const list = listOf(given);
    // A list within a list is no outcome.
    if (list && !list.some((entry) => typeof entry === 'object' && entry !== null))
      return this.#addList(values, problem, list, read);
    const correct = isMissing && this.#options.missing === 'wrong' ? 0 : read(given);
    if (correct === null) return this.#outcomeFault(given, isReward);
    const place = this.#placeOf(values);
    if (typeof place === 'string') return place;
    this.#watch?.see(problem, values, this.#watchFrom, line);
    const before = this.#seenBefore(values, place, problem, correct, whole);
    if (before !== null) {
      if (!this.#options.dedupe) return this.#repeatFault(values, problem);
      this.#repeated += 1;
      this.#builder.replaceSample(place.model, place.checkpoint, problem, before, correct, this.#fileIndex);
      return null;
    }
    this.#builder.addSample(place.model, place.checkpoint, problem, correct, this.#fileIndex);
    return null;
  }

  /** "success" in a column "status" that nobody named says that an answer came. */
  #isRequestStatus(given: unknown): boolean {
    return (
      this.#mayBeRequest && typeof given === 'string' && /^(success|succeeded|completed)$/i.test(given.trim())
    );
  }

  #outcomeFault(given: unknown, isReward: boolean): string {
    const { names, rewardThreshold } = this.#options;
    if (isNothing(given))
      return `expected an outcome, got none; ${names('missing')} wrong counts such rows as wrong, ${names('missing')} out leaves them out`;
    if (isReward) {
      return `expected a reward of ${rewardThreshold === null ? `0 or 1 (others need ${names('rewardThreshold')})` : 'any number'}, got ${shown(given)}`;
    }
    const number = numberOf(given);
    const hint =
      number > 1
        ? `; a count needs the column of its n: ${names('columns')} n=...`
        : number > 0 && number < 1
          ? `; a share needs the column of its n: ${names('columns')} accuracy=${this.#columns?.names.correct ?? '...'},n=..., a reward ${names('rewardThreshold')} and ${names('columns')} reward=${this.#columns?.names.correct ?? '...'}`
          : '';
    return `expected correct to be true or false, 1 or 0, got ${shown(given)}${hint}`;
  }

  /** What the sample had before, or null where it is new, or nothing tells samples apart. */
  #seenBefore(
    values: readonly unknown[],
    { model, checkpoint }: { readonly model: string; readonly checkpoint: string | null },
    problem: string,
    correct: 0 | 1,
    whole: unknown,
  ): 0 | 1 | null {
    if (!this.#samples) return null;
    const slots = this.#slots.sample;
    const sample = slots ? slots.map((slot) => textOf(values[slot]) ?? '').join('/') : JSON.stringify(whole);
    if (slots && sample === '') return null;
    const key =
      this.#columns?.names.model === undefined && checkpoint === null
        ? problem
        : JSON.stringify([model, checkpoint, problem]);
    return this.#samples.take(key, sample, correct);
  }

  #repeatFault(values: readonly unknown[], problem: string): never {
    const { names } = this.#options;
    const column = this.#columns?.names.sample ?? '';
    const sample = (this.#slots.sample ?? []).map((slot) => textOf(values[slot])).join('/');
    throw new InputError(
      this.#file,
      'each sample of a problem once',
      `problem ${shown(problem)} with ${shown(column)} ${shown(sample)} again`,
      `${Number.isFinite(Number(sample.replaceAll('/', ''))) ? '' : `if ${shown(column)} is the model, say ${typed(names('columns'), `model=${column}`)}; `}a resumed run? ${names('dedupe')} counts a sample once, the last time; if ${shown(column)} is no sample's number, say ${names('columns')} sample=-`,
    );
  }

  /** A problem's outcomes in one row. */
  #addList(
    values: readonly unknown[],
    problem: string,
    list: readonly unknown[],
    read: (value: unknown) => 0 | 1 | null,
  ): string | null {
    if (list.length === 0) return 'expected outcomes, got an empty list';
    const counts = outcomesOf(list, read);
    if ('fault' in counts)
      return `expected a list of true or false, 1 or 0, got ${shown(counts.fault)} in it`;
    const place = this.#placeOf(values);
    if (typeof place === 'string') return place;
    if (this.#columns?.names.sample !== undefined) {
      // Several rows of a problem, each with a number of its own.
      const before = this.#seenBefore(values, place, problem, counts.correct > 0 ? 1 : 0, values);
      if (before !== null) {
        if (!this.#options.dedupe) return this.#repeatFault(values, problem);
        this.#repeated += counts.n;
        return null;
      }
      this.#builder.addMore(place.model, place.checkpoint, problem, counts, this.#fileIndex);
      return null;
    }
    return this.#addOnce(place, problem, counts);
  }

  #addCounts(values: readonly unknown[]): string | null {
    const problem = this.#problemOf(values);
    if (problem === null) return `expected a problem, got ${shown(this.#valueOf(values, 'problem'))}`;
    const given = this.#valueOf(values, 'n');
    const n = integer(given);
    if (n === null || n < 1 || n > MAX_SAMPLES)
      return `expected n, an integer in 1..${MAX_SAMPLES}, got ${shown(given)}`;
    const isShare = this.#columns?.names.accuracy !== undefined;
    const value = this.#valueOf(values, isShare ? 'accuracy' : 'correct');
    const list = listOf(value);
    if (list) {
      if (list.length !== n) return `expected ${n} outcomes, as n says, got ${list.length}`;
      return this.#addList(values, problem, list, truth);
    }
    if (n > 1 && (value === true || value === false || /^(true|false)$/i.test(textOf(value) ?? ''))) {
      const { names: settings } = this.#options;
      return `expected a count beside n = ${n}, got ${shown(value)}; if ${shown(this.#columns?.names.n)} is no number of samples, say ${settings('columns')} n=-`;
    }
    const correct = isShare ? countOfShare(value, n) : integer(value);
    if (correct === null || correct < 0 || correct > n) {
      return isShare
        ? `expected a share of n = ${n} that is a whole number of samples, got ${shown(value)}`
        : `expected correct, an integer in 0..${n}, got ${shown(value)}`;
    }
    const place = this.#placeOf(values);
    if (typeof place === 'string') return place;
    return this.#addOnce(place, problem, { n, correct });
  }

  #addOnce(
    place: { readonly model: string; readonly checkpoint: string | null },
    problem: string,
    counts: { readonly n: number; readonly correct: number },
  ): string | null {
    const { names, dedupe } = this.#options;
    const isNew = this.#builder.addCounts(
      place.model,
      place.checkpoint,
      problem,
      counts,
      this.#fileIndex,
      dedupe ? 'the last counts' : 'once',
    );
    if (isNew) return null;
    if (dedupe) {
      this.#repeated += 1;
      return null;
    }
    const unused = (this.#columns?.unused ?? []).slice(0, 8);
    const hint =
      unused.length > 0 && this.#columns?.names.model === undefined
        ? `; if ${unused.map(shown).join(' or ')} names the model, say ${typed(names('columns'), `model=${unused[0]}`)}; a benchmark, ${typed(names('columns'), `problem=${unused[0]}+${this.#columns?.names.problem ?? 'problem'}`)}`
        : '';
    return `expected each problem once, got ${shown(problem)} again${hint}; a resumed run? ${names('dedupe')} counts the last`;
  }

  #placeOf(values: readonly unknown[]): { model: string; checkpoint: string | null } | string {
    const { model: modelColumn, checkpoint: checkpointColumn } = this.#columns?.names ?? {};
    const model = modelColumn === undefined ? this.#place.model : nameOf(this.#valueOf(values, 'model'));
    if (model === null) return `expected a model, got ${shown(this.#valueOf(values, 'model'))}`;
    if (checkpointColumn === undefined) return { model, checkpoint: this.#place.checkpoint };
    const checkpoint = nameOf(this.#valueOf(values, 'checkpoint'));
    if (checkpoint === null)
      return `expected a checkpoint, got ${shown(this.#valueOf(values, 'checkpoint'))}`;
    return { model, checkpoint };
  }
}

/** What programs write where there is no outcome. */
const isNothing = (value: unknown): boolean =>
  // Most of what there is, ten million times.
  value !== '1' &&
  value !== '0' &&
  (value === null ||
    value === undefined ||
    (typeof value === 'string' && /^\s*(|nan|none|null|n\/a|na)\s*$/i.test(value)));

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

/** The count whose share, rounded as it is printed, is this one: "0.33" of 3 is 1, "75 %" of 4 is 3. */
function countOfShare(value: unknown, n: number): number | null {
  const text = textOf(value) ?? '';
  const percent = /^(.*\S)\s*%$/.exec(text);
  const share = percent ? numberOf(percent[1]) / 100 : numberOf(value);
  if (!(share >= 0 && share <= 1)) return null;
  const count = Math.round(share * n);
  const decimals = (/[.,](\d+)/.exec(text)?.[1].length ?? 0) + (percent ? 2 : 0);
  const off = Math.abs(count / n - share);
  return off <= 1e-9 || (decimals >= 2 && off < 0.5 * 10 ** -decimals + 1e-12) ? count : null;
}
