/**
 * What the columns of an evaluation file mean. Names of our own are taken as they are; other names are guessed only where
 * there is one way to read them, and the guess is said; anything else is asked for.
 */
import { InputError, shown } from '../input/inputError.ts';
import { NotResults } from './notResults.ts';

/** What a column may be. */
export const ROLES = [
  'problem',
  'n',
  'correct',
  'accuracy',
  'reward',
  'model',
  'checkpoint',
  'sample',
] as const;
export type Role = (typeof ROLES)[number];

/** Other names in use, lower case, letters and digits only; the likeliest first, names of a line are equals. */
const SYNONYMS: Readonly<Record<Role, readonly (readonly string[])[]>> = {
  problem: [
    [
      'problemid',
      'taskid',
      'questionid',
      'promptid',
      'instanceid',
      'exampleid',
      'docid',
      'uid',
      'uuid',
      'qid',
      'problemidx',
      'origdsetidx',
    ],
    ['id', 'idx', 'index'],
    ['question', 'prompt', 'input', 'query', 'task'],
  ],
  n: [
    [
      'total',
      'samples',
      'numsamples',
      'nsamples',
      'attempts',
      'trials',
      'generationscount',
      'numgenerations',
    ],
  ],
  correct: [
    [
      'c',
      'numcorrect',
      'ncorrect',
      'successes',
      'correctcount',
      'correctnesscount',
      'iscorrect',
      'iscorrects',
      'correctness',
      'passed',
      'ispassed',
      'pass',
      'success',
      'solved',
      'resolved',
      'acc',
      'accuracy',
      'exactmatch',
      'symboliccorrect',
      'scorematch',
      'verified',
    ],
    ['outcome', 'verdict', 'status', 'result', 'grade', 'results'],
  ],
  accuracy: [
    ['acc', 'passrate', 'successrate', 'solverate', 'correctrate', 'pass1', 'passat1', 'rate', 'avg', 'mean'],
  ],
  reward: [['score', 'rewards', 'scores']],
  model: [['modelname', 'modelid', 'policy']],
  checkpoint: [['step', 'ckpt', 'globalstep']],
  sample: [
    [
      'sampleid',
      'sampleidx',
      'sampleindex',
      'samplenumber',
      'trial',
      'trialid',
      'epoch',
      'attempt',
      'attemptid',
      'attemptidx',
      'repeat',
      'repeatid',
      'repeatidx',
      'seed',
      'run',
      'runid',
      'rollout',
      'rolloutid',
      'rolloutidx',
      'generationid',
      'generationidx',
      'completionid',
      'completionidx',
      'responseid',
      'responseidx',
      'replica',
    ],
  ],
};

/** Names that speak of a count: without n they say nothing of one sample. */
const COUNT_NAMES: readonly string[] = [
  'c',
  'numcorrect',
  'ncorrect',
  'successes',
  'correctcount',
  'correctnesscount',
];
/** With n beside them they are a share of it. */
const SHARE_NAMES: readonly string[] = ['accuracy', ...SYNONYMS.accuracy[0]];
/** In place of a column's name: there is none for this role. */
const NONE = '-';

/** One row per problem with counts, or one row per sample. */
export type Shape = 'counts' | 'samples';

export interface Columns {
  readonly shape: Shape;
  /** role → column name */
  readonly names: Partial<Readonly<Record<Role, string>>>;
  /** guesses, as sentences */
  readonly guesses: readonly string[];
  /** columns without a role */
  readonly unused: readonly string[];
}

/** Names of columns by role. */
export type ColumnMap = Partial<Readonly<Record<Role, string>>>;

/** Parts between commas; one with a backslash before it is part of a name. */
export const splitCommas = (text: string): string[] =>
  text.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ','));

/** As a setting's value is typed: what a shell or a comma would cut is kept together. */
export function typed(setting: string, value: string): string {
  const escaped = value.replaceAll(',', '\\,');
  return /[^\w=+.,:/@%-]/.test(escaped)
    ? `${setting} '${escaped.replaceAll("'", "'\\''")}'`
    : `${setting} ${escaped}`;
}

/** "problem=task_id,correct=passed,checkpoint=-" @throws InputError */
export function readColumnMap(text: string, where: string): ColumnMap {
  const map: Partial<Record<Role, string>> = {};
  for (const part of splitCommas(text)) {
    const at = part.indexOf('=');
    const role = ROLES.find((name) => name === part.slice(0, at).trim());
    const column = part.slice(at + 1).trim();
    if (at < 0 || !role || column === '') {
      throw new InputError(where, `role=column pairs, roles being ${ROLES.join(', ')}`, shown(part));
    }
    map[role] = column;
  }
  return map;
}

export const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Whether a column of this name could be taken for the role. */
export function mayBe(name: string, role: Role): boolean {
  return plain(name) === role || SYNONYMS[role].some((names) => names.includes(plain(name)));
}

/** "benchmark+problem" as its parts, unless that is a column's own name. */
export function partsOf(name: string, header: readonly string[]): readonly string[] {
  return header.includes(name) ? [name] : name.split('+').map((part) => part.trim());
}

/**
 * @param header names of the columns, or keys of the first object
 * @param setting what to call the setting that names columns
 * @throws InputError naming the file
 */
export function findColumns(
  header: readonly string[],
  given: ColumnMap,
  file: string,
  setting: string,
): Columns {
  const guesses: string[] = [];
  const names: Partial<Record<Role, string>> = {};
  const taken = new Set(Object.values(given).flatMap((name) => partsOf(name, header)));
  const ask = (role: Role, found: readonly string[]): InputError =>
    new InputError(
      `${file}: columns`,
      `one column that could be '${role}'`,
      found.map(shown).join(' and '),
      `say which: ${setting} ${role}=${found[0]}${role === 'problem' ? `, or both together: ${setting} ${role}=${found.slice(0, 2).reverse().join('+')}` : ''}`,
    );
  const guess = (role: Role): string | null => {
    const free = header.filter((name) => !taken.has(name));
    const exact = free.filter((name) => plain(name) === role);
    if (exact.length > 1) throw ask(role, exact);
    if (exact.length === 1) return exact[0];
    const tiers = SYNONYMS[role].map((tier) => free.filter((name) => tier.includes(plain(name))));
    const found = tiers.find((tier) => tier.length > 0) ?? [];
    // A task may be one problem, or a benchmark of many.
    const tasks =
      role === 'problem' ? free.filter((name) => plain(name) === 'task' && !found.includes(name)) : [];
    // Several numbers of one sample tell it apart together.
    if (role === 'sample' && found.length > 1) return found.join('+');
    if (found.length + tasks.length > 1) throw ask(role, [...found, ...tasks]);
    if (found.length === 0) return null;
    guesses.push(`column ${shown(found[0])} is taken for '${role}'`);
    return found[0];
  };
  for (const role of ROLES) {
    const named = given[role];
    if (named === NONE) continue;
    if (named !== undefined && partsOf(named, header).every((part) => header.includes(part))) {
      names[role] = named;
      continue;
    }
    if (role === 'accuracy' && named === undefined) continue;
    if (role === 'reward' && named === undefined && given.correct !== undefined) continue;
    if (role === 'sample' && named === undefined) continue;
    const found = guess(role);
    if (found === null && named !== undefined) {
      throw new InputError(
        `${file}: ${setting} ${role}`,
        `one of ${header.slice(0, 20).map(shown).join(', ')}`,
        shown(named),
      );
    }
    if (found === null) continue;
    names[role] = found;
    taken.add(found);
  }
  const need = (role: Role, words: string): void => {
    if (names[role] !== undefined) return;
    throw new NotResults(
      `${file}: columns`,
      words,
      header.slice(0, 20).map(shown).join(', '),
      `name it: ${setting} ${role}=...`,
    );
  };
  need('problem', "a column 'problem'");
  // As a table of groups has them: a mean, and how many there were.
  const count = header.find((name) => plain(name) === 'count' && !taken.has(name));
  const mean = header.find(
    (name) => SHARE_NAMES.includes(plain(name)) && (!taken.has(name) || name === names.correct),
  );
  if (names.n === undefined && given.n === undefined && count !== undefined && mean !== undefined) {
    names.n = count;
    taken.add(count);
    guesses.push(`column ${shown(count)} is taken for 'n'`);
  }
  // With n beside it an accuracy is a share of it, unless it was named a count.
  if (names.n !== undefined && names.accuracy === undefined && given.correct === undefined) {
    const share = header.find(
      (name) => SHARE_NAMES.includes(plain(name)) && (!taken.has(name) || name === names.correct),
    );
    if (share !== undefined && (names.correct === undefined || names.correct === share)) {
      names.accuracy = share;
      delete names.correct;
      guesses.push(`column ${shown(share)} is taken for the share that is correct`);
    }
  }
  if (
    names.n === undefined &&
    names.correct !== undefined &&
    COUNT_NAMES.includes(plain(names.correct)) &&
    given.n !== NONE
  ) {
    need('n', `a column 'n' beside the count ${shown(names.correct)}`);
  }
  if (names.n === undefined && names.correct === undefined) need('reward', "a column 'correct' or 'reward'");
  if (names.n !== undefined && names.accuracy === undefined) need('correct', "a column 'correct' beside 'n'");
  if (names.correct !== undefined && names.reward !== undefined) {
    if (given.correct === undefined && given.reward === undefined && names.n === undefined) {
      throw new InputError(
        `${file}: columns`,
        "one of 'correct' and 'reward'",
        `${shown(names.correct)} and ${shown(names.reward)}`,
        `say which: ${setting} correct=${names.correct}, or ${setting} reward=${names.reward}`,
      );
    }
    if (given.correct === undefined && given.reward !== undefined) delete names.correct;
    else delete names.reward;
  }
  if (names.accuracy !== undefined) delete names.reward;
  if (names.sample === undefined && given.sample !== NONE) {
    const sample = guess('sample');
    if (sample !== null) names.sample = sample;
  }
  const used = new Set(Object.values(names).flatMap((name) => partsOf(name, header)));
  return {
    shape: names.n !== undefined ? 'counts' : 'samples',
    names,
    guesses: guesses.filter((words) => !words.endsWith("'sample'")),
    unused: header.filter((name) => !used.has(name)),
  };
}
