/** Which columns of a trainer's log are the reward, the advantage, the group and the step. */
import { nearestAdvice } from '../input/nearestName.ts';
import { InputError, shown } from '../input/inputError.ts';

export const LOG_ROLES = ['n', 'c', 'reward', 'advantage', 'group', 'step'] as const;
export type LogRole = (typeof LOG_ROLES)[number];
export type LogColumnMap = Partial<Readonly<Record<LogRole, string>>>;

/** lower case, letters and digits only */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const ADVANTAGE = ['advantage', 'advantages', 'adv', 'advs', 'advantageestimate', 'groupadvantage'];
const REWARD = [
  'reward',
  'rewards',
  'score',
  'scores',
  'acc',
  'accuracy',
  'correct',
  'iscorrect',
  'passed',
  'success',
  'solved',
  'outcome',
  'verified',
  'r',
];
/** "accuracy_reward", "rewards/accuracy", "reward_math" */
const PART_OF_REWARD = /(^rewards?[_/. -].)|(.[_/. -]rewards?$)|(.reward(func|fn|score)?$)/i;
const STEP = [
  'step',
  'globalstep',
  'trainstep',
  'trainingstep',
  'optimizerstep',
  'iteration',
  'iter',
  'update',
  'batch',
  'batchid',
  'batchidx',
];
/** The likeliest first. */
const GROUP = [
  ['uid', 'group', 'groupid', 'groupidx', 'groupindex', 'groupuid', 'promptuid'],
  ['promptid', 'promptidx', 'promptindex', 'problemid', 'questionid', 'taskid', 'exampleid', 'instanceid'],
  ['prompt', 'question', 'problem', 'task', 'input', 'query', 'instruction', 'prompttext'],
  ['index', 'idx', 'id', 'docid', 'sampleid', 'example', 'instance'],
];
/** What a group may be told by, when several prompts share one of its ids. */
export const PROMPT_NAMES = GROUP[2];

export interface LogColumns {
  /** n and c of the group in every row, or null where they are counted */
  readonly counts: { readonly n: string; readonly c: string } | null;
  readonly reward: string;
  readonly advantage: string;
  /** candidates for the group, the likeliest first; one or several together where they were given */
  readonly groups: readonly (readonly string[])[];
  readonly isGroupGiven: boolean;
  readonly step: string | null;
  /** other columns that could be rewards */
  readonly otherRewards: readonly string[];
}

export interface LogOptions {
  /** "reward=accuracy_reward" and so on */
  readonly columns: LogColumnMap;
  /** columns that make a group together */
  readonly group: readonly string[] | null;
  /** a column whose values have a factor each */
  readonly batch: string | null;
  /** the mean of what varies within a cell */
  readonly average: boolean;
}

export const PLAIN_LOG: LogOptions = { columns: {}, group: null, batch: null, average: false };

/** "reward=accuracy_reward,group=uid" @throws InputError */
export function readLogColumns(text: string, where: string): LogColumnMap {
  const map: Partial<Record<LogRole, string>> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const role = LOG_ROLES.find((name) => name === part.slice(0, at).trim());
    const column = part.slice(at + 1).trim();
    if (at < 0 || !role || column === '')
      throw new InputError(where, `role=column pairs, roles being ${LOG_ROLES.join(', ')}`, shown(part));
    map[role] = column;
  }
  return map;
}

/** "--group prompt+step --columns reward=acc --average", where there is no command line. @throws InputError */
export function readLogFlags(text: string, where: string): LogOptions {
  let options: LogOptions = PLAIN_LOG;
  const words = text.trim() === '' ? [] : text.trim().split(/\s+/);
  for (let i = 0; i < words.length; i += 1) {
    const value = (): string => {
      i += 1;
      const next = words.at(i);
      if (next === undefined) throw new InputError(where, `a value after ${words[i - 1]}`, 'nothing');
      return next;
    };
    switch (words[i]) {
      case '--group':
        options = { ...options, group: value().split('+') };
        break;
      case '--columns':
        options = { ...options, columns: readLogColumns(value(), `${where} --columns`) };
        break;
      case '--batch':
        options = { ...options, batch: value() };
        break;
      case '--average':
        options = { ...options, average: true };
        break;
      default:
        throw new InputError(where, '--group, --columns, --batch or --average', shown(words[i]));
    }
  }
  return options;
}

/** @throws InputError naming what is missing, or asking which */
export function findLogColumns(
  header: readonly string[],
  { columns: given, group, batch }: LogOptions,
  file: string,
): LogColumns {
  const has = (column: string, flag: string): string => {
    if (header.includes(column)) return column;
    throw new InputError(
      `${file}: ${flag}`,
      `one of ${header.slice(0, 20).map(shown).join(', ')}`,
      shown(column),
      nearestAdvice(column, header),
    );
  };
  const taken = new Set(Object.values(given));
  const named = (names: readonly string[]): string[] =>
    header.filter((column) => !taken.has(column) && names.includes(plainName(column)));
  const one = (role: LogRole, names: readonly string[], words: string): string => {
    const own = given[role];
    if (own !== undefined) return has(own, `--columns ${role}`);
    const exact = header.filter((column) => plainName(column) === role);
    const found = exact.length === 1 ? exact : named(names);
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      throw new InputError(
        `${file}: columns`,
        `one column of ${words}`,
        found.map(shown).join(' and '),
        `say which: --columns ${role}=${found[0]}`,
      );
    }
    throw new InputError(
      `${file}: line 1`,
      'JSON, or CSV with the columns n,c,reward,advantage (or prompt, step, reward, advantage)',
      header.slice(0, 20).map(shown).join(', '),
      `no column of ${words}: if one has another name, say --columns ${role}=...`,
    );
  };
  const advantage = one('advantage', ADVANTAGE, 'advantages');
  const rewards = rewardColumns(header, given, advantage);
  if (given.reward === undefined && rewards.length > 1) {
    throw new InputError(
      `${file}: columns`,
      'one column of rewards',
      rewards.slice(0, 6).map(shown).join(', '),
      `say which one the verifier gave: --columns reward=${rewards.find((name) => /acc|correct/i.test(name)) ?? rewards[0]}`,
    );
  }
  const reward =
    given.reward === undefined && rewards.length === 1 ? rewards[0] : one('reward', REWARD, 'rewards');
  const exactly = (name: string): string | undefined => header.find((column) => plainName(column) === name);
  const n = given.n === undefined ? exactly('n') : has(given.n, '--columns n');
  const c = given.c === undefined ? exactly('c') : has(given.c, '--columns c');
  const step =
    batch !== null
      ? has(batch, '--batch')
      : given.step !== undefined
        ? has(given.step, '--columns step')
        : (named(STEP).at(0) ?? null);
  const used = new Set([advantage, reward, step]);
  const givenGroup = group ?? (given.group === undefined ? null : [given.group]);
  const groups = givenGroup
    ? [givenGroup.map((column) => (/^rows:\d+$/.test(column) ? column : has(column, '--group')))]
    : GROUP.flatMap((names) => named(names).filter((column) => !used.has(column))).map((column) => [column]);
  return {
    counts: n !== undefined && c !== undefined && !givenGroup ? { n, c } : null,
    reward,
    advantage,
    groups,
    isGroupGiven: givenGroup !== null,
    step,
    otherRewards: rewardColumns(header, {}, advantage).filter((column) => column !== reward),
  };
}

/** A column called "reward" alone is it, unless there are others beside it. */
function rewardColumns(header: readonly string[], given: LogColumnMap, advantage: string): string[] {
  const taken = new Set([...Object.values(given), advantage]);
  return header.filter(
    (column) => !taken.has(column) && (REWARD.includes(plainName(column)) || PART_OF_REWARD.test(column)),
  );
}
