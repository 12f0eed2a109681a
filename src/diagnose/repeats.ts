/**
 * What rows of one problem differ in. A column that nobody named may split them: a benchmark, a filter, a model, a split; an index may
 * show one sample twice; a problem's column may be one word for all, or another for every row. None of that may pass in silence.
 */
import { InputError, shown } from '../input/inputError.ts';
import { mayBe, plain, typed } from './columns.ts';
import { listOf, outcomesOf, truth } from './truth.ts';

/** Names of settings, as the host calls them. */
export interface RepeatNames {
  readonly columns: string;
  readonly where: string;
}

type Kind = 'benchmark' | 'filter' | 'model';

const KINDS: Readonly<Record<Kind, readonly string[]>> = {
  benchmark: [
    'benchmark',
    'benchmarkname',
    'dataset',
    'datasetname',
    'datasource',
    'source',
    'task',
    'taskname',
    'subset',
    'subsetformetrics',
    'subject',
    'category',
    'domain',
    'lang',
    'language',
    'env',
    'envname',
    'testset',
    'suite',
    'exam',
    'year',
    'contest',
    'contestid',
    'competition',
    'round',
    'edition',
  ],
  filter: [
    'filter',
    'filtername',
    'metric',
    'metricname',
    'scorer',
    'scorername',
    'grader',
    'judge',
    'judgemodel',
    'extractor',
    'split',
    'config',
    'prompttype',
    'prompttemplate',
    'template',
    'temperature',
    'temp',
    'topp',
    'shots',
    'nshot',
    'numshots',
    'scoring',
    'extraction',
    'thinking',
    'usetools',
    'reasoningeffort',
    'fewshot',
    'numfewshot',
    'mode',
    'setting',
  ],
  model: [
    'model',
    'modelname',
    'modelid',
    'system',
    'agent',
    'agentname',
    'llm',
    'engine',
    'checkpointpath',
    'modelpath',
    'method',
    'strategy',
    'experiment',
    'expname',
    'runname',
  ],
};

/** What a column of that name usually splits results by, or null. */
export const kindOf = (column: string): Kind | null => {
  const last = plain(column.split('.').at(-1) ?? column);
  return (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind].includes(last)) ?? null;
};

/** A column of so few words may be one that every problem has all of. */
const FEW_WORDS = 8;
const LEAST_PROBLEMS = 2;
const MOSTLY = 0.9;
/** Columns of no known kind that are looked at. */
const MOST_WATCHED = 64;
/** Texts of a column that are told apart, at most. */
const MOST_TEXTS = 200_000;

/** "item", "question_text", "problem_number": what tells problems apart, perhaps. */
const LIKE_A_PROBLEM =
  /problem|question|prompt|task|item|example|instance|query|input|(^|[_ .-])(id|idx|index|number|no|num|key|name)$|id$/i;

interface Named {
  readonly column: string;
  readonly at: number;
  readonly kind: Kind;
  readonly first: Map<string, string>;
}

interface Unnamed {
  readonly column: string;
  readonly at: number;
  /** words, while they are few */
  words: Map<string, number> | null;
  /** by problem: how often each word */
  counts: Map<string, number[]>;
}

interface Other {
  readonly column: string;
  readonly at: number;
  values: Set<string> | null;
}

/** What is known of a file before its rows. */
export interface WatchedFile {
  readonly file: string;
  /** columns without a role */
  readonly unused: readonly string[];
  readonly problemColumn: string;
  readonly isProblemGiven: boolean;
  readonly names: RepeatNames;
  /** where a list of outcomes beside it would be another scoring; null where it was named */
  readonly outcomeColumn: string | null;
  readonly hasSample: boolean;
}

export class RepeatWatch {
  readonly #file: string;
  readonly #names: RepeatNames;
  readonly #problemColumn: string;
  readonly #isProblemGiven: boolean;
  readonly #outcomeColumn: string | null;
  readonly #hasSample: boolean;
  readonly #named: Named[];
  readonly #unnamed: Unnamed[];
  readonly #others: Other[];
  readonly #problems = new Map<string, number>();
  #rowCount = 0;

  /** columns to be given to `see`, in this order */
  readonly watched: readonly string[];

  constructor({ file, unused, problemColumn, isProblemGiven, names, outcomeColumn, hasSample }: WatchedFile) {
    this.#outcomeColumn = outcomeColumn;
    this.#hasSample = hasSample;
    this.#file = file;
    this.#names = names;
    this.#problemColumn = problemColumn;
    this.#isProblemGiven = isProblemGiven;
    const [known, others] = [true, false].map((isKnown) =>
      unused.filter((column) => (kindOf(column) !== null) === isKnown),
    );
    this.watched = [...known, ...others.slice(0, MOST_WATCHED)];
    this.#named = this.watched.flatMap((column, at) => {
      const kind = kindOf(column);
      return kind === null ? [] : [{ column, at, kind, first: new Map<string, string>() }];
    });
    this.#unnamed = this.watched.flatMap((column, at) =>
      kindOf(column) === null
        ? [{ column, at, words: new Map<string, number>(), counts: new Map<string, number[]>() }]
        : [],
    );
    this.#others = this.watched.flatMap((column, at) =>
      LIKE_A_PROBLEM.test(column) ? [{ column, at, values: new Set<string>() }] : [],
    );
  }

  /** @param values of the watched columns, from `from` on @throws InputError where a column of a known kind splits the problem's rows */
  see(problem: string, values: readonly unknown[], from: number, line: number | string): void {
    this.#rowCount += 1;
    if (this.#outcomeColumn !== null) this.#requireOneScoring(values, from, line);
    if (!this.#isProblemGiven && this.#others.length > 0)
      this.#problems.set(problem, (this.#problems.get(problem) ?? 0) + 1);
    for (const { column, at, kind, first } of this.#named) {
      const value = textOf(values[from + at]);
      if (value === null) continue;
      const before = first.get(problem);
      if (before === undefined) first.set(problem, value);
      else if (before !== value)
        throw this.#splits(column, kind, { problem, before, value, line, isOnce: false });
    }
    for (const own of this.#unnamed) this.#count(own, problem, values[from + own.at]);
    for (const own of this.#others) {
      const value = textOf(values[from + own.at]);
      if (value === null || !own.values) continue;
      own.values.add(value);
      if (own.values.size > MOST_TEXTS) own.values = null;
    }
  }

  /** A list of outcomes beside a single one: the one may say that any of the many was right. @throws InputError */
  #requireOneScoring(values: readonly unknown[], from: number, line: number | string): void {
    this.watched.forEach((column, at) => {
      const value = values[from + at];
      if (typeof value === 'string' ? !value.includes('[') : typeof value !== 'object') return;
      const list = listOf(value);
      if (!list || list.length < 2 || 'fault' in outcomesOf(list, outcomeOf)) return;
      const { columns } = this.#names;
      const outcome = this.#outcomeColumn ?? '';
      throw new InputError(
        placeIn(this.#file, line),
        'one scoring of a sample',
        `${shown(outcome)} beside ${shown(column)}, a list of ${list.length} outcomes`,
        `one may say that any of the others is right: say ${typed(columns, `correct=${column}`)}, or ${typed(columns, `correct=${outcome}`)}`,
      );
    });
  }

  /** @throws InputError where a column splits all problems alike, or the problem's column is none */
  finish(): void {
    for (const { column, words, counts } of this.#unnamed) {
      if (!words || words.size < 2 || counts.size < LEAST_PROBLEMS) continue;
      const names = [...words.keys()];
      const all = [...counts.values()];
      const isEven = (own: readonly number[]): boolean =>
        own.length === words.size && own.every((count) => count === own[0] && count > 0);
      // A run that was cut short lacks a row somewhere.
      if (all.filter(isEven).length < MOSTLY * all.length) continue;
      const isOnce = all.every((own) => own.every((count) => count <= 1));
      const isNumber = names.every((word) => Number.isFinite(Number(word)) || /^(true|false)$/i.test(word));
      // Numbers that come once a problem count its samples.
      if (isNumber && isOnce) continue;
      throw this.#splits(column, isNumber ? 'benchmark' : 'filter', {
        before: names[0],
        value: names[1],
        isOnce,
      });
    }
    if (this.#isProblemGiven || this.#others.length === 0 || this.#rowCount < 2) return;
    const told = this.#others.flatMap(({ column, values }) =>
      values ? [{ column, count: values.size }] : [],
    );
    if (this.#problems.size === 1) {
      const better = told.find(({ count }) => count > 1);
      if (better) throw this.#askProblem('one value in every row', better.column);
    }
    if (this.#problems.size === this.#rowCount) {
      const better = told.find(({ count }) => count > 1 && count < this.#rowCount);
      if (better) throw this.#askProblem('another value in every row', better.column);
    }
  }

  #count(own: Unnamed, problem: string, value: unknown): void {
    if (!own.words) return;
    const word = textOf(value);
    if (word === null) return;
    let number = own.words.get(word);
    if (number === undefined) {
      number = own.words.size;
      own.words.set(word, number);
      if (own.words.size > FEW_WORDS) {
        own.words = null;
        own.counts = new Map();
        return;
      }
    }
    let counts = own.counts.get(problem);
    if (!counts) {
      counts = [];
      own.counts.set(problem, counts);
    }
    while (counts.length <= number) counts.push(0);
    counts[number] += 1;
  }

  #splits(
    column: string,
    kind: Kind,
    seen: {
      readonly problem?: string;
      readonly before: string;
      readonly value: string;
      readonly line?: number | string;
      readonly isOnce: boolean;
    },
  ): InputError {
    const { problem, before, value, line, isOnce } = seen;
    const { columns, where } = this.#names;
    const offers: Readonly<Record<Kind, readonly string[]>> = {
      benchmark: [
        typed(columns, `problem=${column}+${this.#problemColumn}`),
        typed(where, `${column}=${before}`),
      ],
      filter: [
        typed(where, `${column}=${before}`),
        typed(columns, `problem=${column}+${this.#problemColumn}`),
      ],
      model: [typed(columns, `model=${column}`), typed(where, `${column}=${before}`)],
    };
    return new InputError(
      line === undefined ? this.#file : placeIn(this.#file, line),
      'rows of a problem that are samples of it',
      problem === undefined
        ? `${shown(before)} and ${shown(value)} in ${shown(column)} for every problem`
        : `problem ${shown(problem)} with ${shown(before)} and with ${shown(value)} in ${shown(column)}`,
      `say what they are: ${offers[kind].join(', or ')}${isOnce && !this.#hasSample ? `, or if they are samples, ${typed(columns, `sample=${column}`)}` : ''}`,
    );
  }

  #askProblem(found: string, better: string): InputError {
    const { columns } = this.#names;
    return new InputError(
      `${this.#file}: columns`,
      `a column 'problem' that is the same for samples of a problem`,
      `${shown(this.#problemColumn)} with ${found}`,
      `say which: ${typed(columns, `problem=${better}`)}, or ${typed(columns, `problem=${this.#problemColumn}`)}`,
    );
  }
}

const placeIn = (file: string, line: number | string): string =>
  `${file}: ${typeof line === 'number' ? `line ${line}` : line}`;

/** Right or wrong, or what an object says of itself. */
function outcomeOf(value: unknown): 0 | 1 | null {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? null : truth(value);
  const own = Object.entries(value).find(([key]) => mayBe(key, 'correct') || mayBe(key, 'reward'));
  return own ? truth(own[1]) : null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') {
    const text = value.trim();
    return text === '' ? null : text;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Which samples of each problem were seen: two bits for small numbers, a text for anything else. */
export class SampleIndex {
  readonly #bits = new Map<string, Uint8Array>();
  readonly #texts = new Map<string, Map<string, 0 | 1>>();

  /** @returns the outcome that the sample had before, or null where it is new */
  take(problem: string, sample: string, outcome: 0 | 1): 0 | 1 | null {
    if (/^\d{1,5}$/.test(sample)) return this.#takeNumber(problem, Number(sample), outcome);
    let own = this.#texts.get(problem);
    if (!own) {
      own = new Map();
      this.#texts.set(problem, own);
    }
    const before = own.get(sample) ?? null;
    own.set(sample, outcome);
    return before;
  }

  /** Four samples a byte: seen, and right. */
  #takeNumber(problem: string, sample: number, outcome: 0 | 1): 0 | 1 | null {
    let bits = this.#bits.get(problem);
    const [byte, shift] = [sample >> 2, 2 * (sample & 3)];
    if (!bits || byte >= bits.length) {
      const grown = new Uint8Array(Math.max(4, 2 * (byte + 1)));
      if (bits) grown.set(bits);
      bits = grown;
      this.#bits.set(problem, bits);
    }
    const pair = (bits[byte] >> shift) & 3;
    bits[byte] = (bits[byte] & ~(3 << shift)) | ((1 | (outcome << 1)) << shift);
    return (pair & 1) === 0 ? null : pair >> 1 === 1 ? 1 : 0;
  }
}
