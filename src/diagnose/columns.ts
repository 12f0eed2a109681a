/**
 * What the columns of an evaluation file mean. Names of our own are taken as they are; other names are guessed only where
 * there is one way to read them, and the guess is said; anything else is asked for.
 */
import { InputError, shown } from '../input/inputError.ts';

/** What a column may be. */
export const ROLES = ['problem', 'n', 'correct', 'reward', 'model', 'checkpoint'] as const;
export type Role = (typeof ROLES)[number];

/** Other names in use, lower case, letters and digits only. */
const SYNONYMS: Readonly<Record<Role, readonly string[]>> = {
  problem: [
    'problemid',
    'task',
    'taskid',
    'question',
    'questionid',
    'promptid',
    'prompt',
    'instanceid',
    'id',
  ],
  n: ['total', 'samples', 'numsamples', 'nsamples', 'attempts', 'trials', 'count'],
  correct: ['c', 'numcorrect', 'ncorrect', 'successes', 'iscorrect', 'passed', 'pass', 'success', 'solved'],
  reward: ['score', 'rewards'],
  model: ['modelname', 'modelid', 'policy'],
  checkpoint: ['step', 'ckpt', 'globalstep'],
};

/** Names that speak of a count: without n they say nothing of one sample. */
const COUNT_NAMES: readonly string[] = ['c', 'numcorrect', 'ncorrect', 'successes'];
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

/** "problem=task_id,correct=passed,checkpoint=-" @throws InputError */
/** Names of columns by role. */
export type ColumnMap = Partial<Readonly<Record<Role, string>>>;

export function readColumnMap(text: string, where: string): ColumnMap {
  const map: Partial<Record<Role, string>> = {};
  for (const part of text.split(',')) {
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

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Whether a column of this name could be taken for the role. */
export function mayBe(name: string, role: Role): boolean {
  return plain(name) === role || SYNONYMS[role].includes(plain(name));
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
  const taken = new Set(Object.values(given));
  for (const role of ROLES) {
    const named = given[role];
    if (named === NONE) continue;
    if (named !== undefined && header.includes(named)) {
      names[role] = named;
      continue;
    }
    const free = header.filter((name) => !taken.has(name));
    const exact = free.filter((name) => plain(name) === role);
    const similar = free.filter((name) => SYNONYMS[role].includes(plain(name)));
    const found = exact.length > 0 ? exact : similar;
    if (found.length > 1) {
      throw new InputError(
        `${file}: columns`,
        `one column that could be '${role}'`,
        found.map(shown).join(' and '),
        `say which: ${setting} ${role}=${found[0]}`,
      );
    }
    if (found.length === 0 && named !== undefined) {
      throw new InputError(
        `${file}: ${setting} ${role}`,
        `one of ${header.map(shown).join(', ')}`,
        shown(named),
      );
    }
    if (found.length === 0) continue;
    names[role] = found[0];
    if (exact.length === 0) guesses.push(`column ${shown(found[0])} is taken for '${role}'`);
  }
  const need = (role: Role, words: string): void => {
    if (names[role] !== undefined) return;
    throw new InputError(
      `${file}: columns`,
      words,
      header.map(shown).join(', '),
      `name it: ${setting} ${role}=...`,
    );
  };
  need('problem', "a column 'problem'");
  if (names.n === undefined && names.correct !== undefined && COUNT_NAMES.includes(plain(names.correct))) {
    need('n', `a column 'n' beside the count ${shown(names.correct)}`);
  }
  if (names.n === undefined && names.correct === undefined) need('reward', "a column 'correct' or 'reward'");
  if (names.n !== undefined) need('correct', "a column 'correct' beside 'n'");
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
  return {
    shape: names.n !== undefined ? 'counts' : 'samples',
    names,
    guesses,
    unused: header.filter((name) => !Object.values(names).includes(name)),
  };
}
