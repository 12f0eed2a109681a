/**
 * Records of JSON: of a format that is known by name, or by columns, nested ones by paths ("info.correct", "eval.*.base_status"); and
 * documents, whose records are in an array, or under the problems as keys.
 */
import { InputError, shown } from '../input/inputError.ts';
import { mayBe, ROLES, type Columns } from './columns.ts';
import type { EvaluationBuilder } from './evaluation.ts';
import { clean, type FilePlace } from './fileModels.ts';
import type { Format, FormatContext, FormatRow, JsonObject } from './formats/format.ts';
import { FORMATS } from './formats/index.ts';
import { headerOf, listsOf, recordsOf } from './jsonDocuments.ts';
import { isObject } from './jsonText.ts';
import { NotResults } from './notResults.ts';
import { kindOf, RepeatWatch, SampleIndex } from './repeats.ts';
import type { RowReader } from './rows.ts';
import type { RowOptions } from './settings.ts';
import { outcomesOf, truth } from './truth.ts';

export interface JsonTarget {
  readonly reader: RowReader;
  readonly builder: EvaluationBuilder;
  readonly file: string;
  readonly path: string;
  readonly place: FilePlace;
  readonly fileIndex: number;
  readonly options: RowOptions;
}

export class JsonRecords {
  readonly #target: JsonTarget;
  #format: Format | null = null;
  #context: FormatContext | null = null;
  #columns: Columns | null = null;
  #paths: readonly (readonly string[])[] = [];
  /** kinds of rows so far, by their keys */
  readonly #signatures = new Set<string>();
  readonly #notes = new Set<string>();
  readonly #seen = new SampleIndex();
  #watch: RepeatWatch | null = null;
  #ungraded = 0;
  #rowCount = 0;
  #leftOut = 0;
  #repeated = 0;

  constructor(target: JsonTarget) {
    this.#target = target;
  }

  get format(): Format | null {
    return this.#format;
  }

  get rowCount(): number {
    return this.#format ? this.#rowCount : this.#target.reader.rowCount;
  }

  notes(): string[] {
    const { names, columns } = this.#target.options;
    return [
      ...(this.#format
        ? [
            `this is ${this.#format.title}; the score is ${columns.correct ?? columns.reward ?? this.#format.score}`,
          ]
        : []),
      ...this.#notes,
      ...(this.#ungraded > 0 ? [`${this.#ungraded} samples without a grade are left out`] : []),
      ...(this.#leftOut > 0 ? [`${this.#leftOut} records are left out by ${names('where')}`] : []),
      ...(this.#repeated > 0 ? [`${this.#repeated} samples stood there again and are counted once`] : []),
    ];
  }

  /** @param line of the file, or a place in it @throws InputError */
  record(value: unknown, line: number | string): void {
    const where = `${this.#target.file}: ${typeof line === 'number' ? `line ${line}` : line}`;
    if (Array.isArray(value) && this.#format?.mayFollow?.(value) === true) return;
    if (Array.isArray(value) && value.length > 0 && !('fault' in outcomesOf(value, truth))) {
      this.#notes.add('problems have no names: they are numbered');
      this.record({ problem: String(line).replace(/\D/g, ''), correct: value }, line);
      return;
    }
    if (!isObject(value))
      throw new NotResults(where, 'a JSON object', shown(value), 'save it as JSONL, or as CSV');
    if (this.#signatures.size === 0 && !this.#columns && !this.#format) this.#choose(value);
    if (this.#format) {
      if (this.#isChosen(value)) this.#takeRecord(this.#format, value, where, line);
      return;
    }
    this.#generic(value, line);
  }

  /** A record of a named format, with what it has besides: a model, or something that splits its rows. */
  #takeRecord(format: Format, value: JsonObject, where: string, line: number | string): void {
    if (format.isRecord?.(value) !== true && format.mayFollow?.(value) !== true)
      throw new InputError(where, `a record of ${format.title}, as the first is`, shown(value));
    const { model: modelColumn } = this.#target.options.columns;
    const model = value[modelColumn ?? 'model'];
    const named = typeof model === 'string' && model.trim() !== '' ? { model: model.trim() } : {};
    const rows = format.rows(value, this.#contextOf(), where).map((row) => ({ ...named, ...row }));
    this.#watch ??= this.#watchOf(value);
    const values = this.#watch.watched.map((column) => value[column]);
    for (const { problem, model: own, checkpoint } of rows)
      this.#watch.see(JSON.stringify([own, checkpoint, problem]), values, 0, line);
    this.#take(rows, where);
  }

  /** Columns of known kinds that the format itself does not speak of. */
  #watchOf(first: JsonObject): RepeatWatch {
    const { file, options } = this.#target;
    const chosen = new Set([
      ...options.where.map(({ column }) => column),
      ...Object.values(options.columns),
      'model',
      'filter',
      'task',
      'language',
    ]);
    const columns = Object.keys(first).filter((key) => kindOf(key) !== null && !chosen.has(key));
    return new RepeatWatch({
      file,
      unused: columns,
      problemColumn: 'problem',
      isProblemGiven: true,
      names: {
        columns: options.names('columns'),
        where: options.names('where'),
      },
      outcomeColumn: null,
      hasSample: true,
    });
  }

  /** A file that is one value. @throws InputError */
  document(value: unknown): void {
    const { file, options } = this.#target;
    if (Array.isArray(value)) {
      value.forEach((entry, i) => this.record(entry, `[${i}]`));
      return;
    }
    if (!isObject(value)) throw new NotResults(file, 'an object or an array of objects', shown(value));
    const { problem, correct } = options.columns;
    const format =
      problem === undefined && !isPath(correct)
        ? FORMATS.find(({ isDocument }) => isDocument?.(value) === true)
        : undefined;
    if (format) {
      this.#format = format;
      this.#take(format.rows(value, this.#contextOf(), file), file);
      return;
    }
    if (isPath(correct)) {
      this.#byPath(value, correct ?? '');
      return;
    }
    for (const [i, record] of recordsOf(value, file, options.names('columns')).entries())
      this.record(record, `record ${i + 1}`);
  }

  /** @returns what the columns were @throws InputError where there was nothing */
  end(): Columns | null {
    if (this.#format) {
      if (this.#rowCount === 0) {
        throw new InputError(
          this.#target.file,
          `graded samples of ${this.#format.title}`,
          this.#ungraded > 0 ? `${this.#ungraded} that were never graded` : 'none',
        );
      }
      return { shape: 'samples', names: {}, guesses: [], unused: [] };
    }
    if (this.#columns) this.#target.reader.finish();
    return this.#columns;
  }

  /** The format that the first record is of, unless columns say how to read it. */
  #choose(record: JsonObject): void {
    const { columns } = this.#target.options;
    if (columns.problem !== undefined || isPath(columns.correct)) return;
    this.#format = FORMATS.find(({ isRecord }) => isRecord?.(record) === true) ?? null;
  }

  #contextOf(): FormatContext {
    if (this.#context) return this.#context;
    const { file, path, options } = this.#target;
    this.#context = {
      file,
      path,
      score: options.columns.correct ?? options.columns.reward ?? null,
      threshold: options.rewardThreshold,
      columns: options.names('columns'),
      thresholdName: options.names('rewardThreshold'),
      whereName: options.names('where'),
      memory: new Map(),
      note: (words) => this.#notes.add(words),
      ungraded: (count) => {
        this.#ungraded += count;
      },
    };
    return this.#context;
  }

  #isChosen(record: JsonObject): boolean {
    const isAll = this.#target.options.where.every(({ column, value }) => {
      const own = valueAt(record, column.split('.'), column);
      return (typeof own === 'string' ? own.trim() : String(own)) === value;
    });
    if (!isAll) this.#leftOut += 1;
    return isAll;
  }

  #take(rows: readonly FormatRow[], where: string): void {
    const { builder, place, path, fileIndex, options } = this.#target;
    const ofPath = this.#format?.modelOfPath?.(path.replaceAll('\\', '/').split('/'));
    const usual = ofPath === undefined || ofPath === '' || ofPath === '.' ? place.model : clean(ofPath);
    for (const { problem, n, correct, sample, model, checkpoint } of rows) {
      const own = options.model ?? (model === undefined ? usual : clean(model));
      const step = checkpoint === undefined ? place.checkpoint : clean(checkpoint);
      this.#rowCount += 1;
      if (n === 1) {
        const outcome = correct === 1 ? 1 : 0;
        const before =
          sample === undefined
            ? null
            : this.#seen.take(JSON.stringify([own, step, problem]), sample, outcome);
        if (before === null) builder.addSample(own, step, problem, outcome, fileIndex);
        else {
          if (!options.dedupe) {
            throw new InputError(
              where,
              'each sample of a problem once',
              `problem ${shown(problem)} with sample ${shown(sample)} again`,
              `a resumed run? ${options.names('dedupe')} counts a sample once, the last time`,
            );
          }
          this.#repeated += 1;
          builder.replaceSample(own, step, problem, before, outcome, fileIndex);
        }
      } else if (
        !builder.addCounts(
          own,
          step,
          problem,
          { n, correct },
          fileIndex,
          options.dedupe ? 'the last counts' : 'once',
        )
      ) {
        if (!options.dedupe) {
          throw new InputError(
            where,
            'each problem once',
            `${shown(problem)} again`,
            `a resumed run? ${options.names('dedupe')} counts it once, the last time`,
          );
        }
        this.#repeated += 1;
      }
    }
  }

  #generic(record: JsonObject, line: number | string): void {
    const { reader, file } = this.#target;
    if (!this.#columns) {
      const { columns: given } = this.#target.options;
      const wanted = new Set(Object.values(given).flatMap((name) => name.split('+')));
      const { columns, fields } = reader.start(headerOf(record, wanted), listsOf(record));
      this.#columns = columns;
      this.#paths = fields.map((field) => (field in record ? [field] : field.split('.')));
    }
    this.#checkKeys(record, line, file);
    reader.add(
      this.#paths.map((path) => valueAt(record, path, path[0])),
      line,
      record,
    );
  }

  /** The first row says what the columns are; a later one with more to say would not be heard. */
  #checkKeys(record: JsonObject, line: number | string, file: string): void {
    const keys = Object.keys(record);
    const signature = keys.join('\n');
    if (this.#signatures.has(signature)) return;
    if (this.#signatures.size > 0) {
      const late = ROLES.find(
        (role) => this.#columns?.names[role] === undefined && keys.some((key) => mayBe(key, role)),
      );
      const first = new Set([...this.#signatures][0].split('\n'));
      // What may split a problem's rows must be there from the beginning.
      const splitting = keys.find((key) => !first.has(key) && kindOf(key) !== null);
      const name = late === 'model' || late === 'checkpoint' ? late : splitting;
      if (name !== undefined) {
        throw new InputError(
          `${file}: ${typeof line === 'number' ? `line ${line}` : line}`,
          'the keys of the first row',
          `a '${name}' that the first row does not have`,
          'give it to every row',
        );
      }
    }
    // Rows of very many kinds are not told apart.
    if (this.#signatures.size < 1000) this.#signatures.add(signature);
  }

  /** "eval.*.base_status": every value at the path, the key at the star being its problem. */
  #byPath(document: JsonObject, path: string): void {
    const { file, reader, options } = this.#target;
    const found: { problem: string; value: unknown }[] = [];
    walk(document, path.split('.'), null, (problem, value) => found.push({ problem, value }));
    if (found.length === 0)
      throw new InputError(
        `${file}: ${options.names('columns')} correct`,
        `something at ${shown(path)}`,
        'nothing',
      );
    const { columns, fields } = reader.start(['problem', path]);
    this.#columns = columns;
    found.forEach(({ problem, value }, i) =>
      reader.add(
        fields.map((field) => (field === path ? value : problem)),
        `value ${i + 1}`,
      ),
    );
  }
}

const isPath = (column: string | undefined): boolean => column?.includes('*') === true;

function walk(
  value: unknown,
  path: readonly string[],
  problem: string | null,
  take: (problem: string, value: unknown) => void,
): void {
  if (path.length === 0) {
    if (problem !== null) take(problem, value);
    return;
  }
  const [step, ...rest] = path;
  if (Array.isArray(value)) {
    for (const entry of value) walk(entry, step === '*' ? rest : path, problem, take);
    return;
  }
  if (!isObject(value)) return;
  if (step === '*') {
    for (const [key, entry] of Object.entries(value))
      walk(entry, rest, problem === null ? key : `${problem}/${key}`, take);
  } else if (Object.hasOwn(value, step)) walk(value[step], rest, problem, take);
}

function valueAt(record: JsonObject, path: readonly string[], whole: string): unknown {
  // A name like `constructor` is a column only where the row has it.
  if (Object.hasOwn(record, whole) && (path.length === 1 || !path.includes(whole))) return record[whole];
  let value: unknown = record;
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}
