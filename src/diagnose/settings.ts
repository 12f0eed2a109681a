/**
 * The one table of a diagnosis' settings: it makes the command line's flags and help, the fields of the page, and the
 * names that errors use. The library knows no flag: whoever asks says what to call a setting.
 */
import { InputError, shown } from '../input/inputError.ts';
import { decimal, readInteger, readIntegers, readNumber } from '../input/textInput.ts';
import { MAX_SEED } from '../math/random/stream.ts';
import { readColumnMap, ROLES, splitCommas, type ColumnMap } from './columns.ts';

interface DiagnoseSetting<Value> {
  /** for the page's field */
  readonly label: string;
  readonly help: string;
  /** what a value looks like, for the flag; '' for a switch, which is yes or no */
  readonly value: string;
  /** the usual value as text; '' where there is none */
  readonly usual: string;
  /** @throws InputError naming `where` */
  readonly read: (text: string, where: string) => Value;
}

const setting = <Value>(definition: DiagnoseSetting<Value>): DiagnoseSetting<Value> => definition;

export const diagnoseSettings = {
  columns: setting<ColumnMap>({
    label: 'Columns',
    help: `columns by another name: problem=task_id,correct=passed; roles are ${ROLES.join(', ')}; checkpoint=- for none`,
    value: '<role=name,...>',
    usual: '',
    read: (text, where) => (text === '' ? {} : readColumnMap(text, where)),
  }),
  rewardThreshold: setting<number | null>({
    label: 'Reward threshold',
    help: 'rewards from here on are correct; without it only 0 and 1 are understood',
    value: '<x>',
    usual: '',
    read: (text, where) => {
      if (text === '') return null;
      const value = decimal(text);
      if (Number.isNaN(value)) throw new InputError(where, 'a number', shown(text));
      return value;
    },
  }),
  where: setting<readonly RowFilter[]>({
    label: 'Only rows where',
    help: 'only rows whose column has this value: filter=strict; several with commas',
    value: '<column=value,...>',
    usual: '',
    read: (text, where) => (text === '' ? [] : readFilters(text, where)),
  }),
  dedupe: setting<boolean>({
    label: 'Count repeated samples once',
    help: 'a sample that stands there twice, as after a resumed run, counts once, the last time',
    value: '',
    usual: '',
    read: (text, where) => readSwitch(text, where),
  }),
  model: setting<string | null>({
    label: 'One model',
    help: 'all files are of this model: seeds, shards, repeats',
    value: '<name>',
    usual: '',
    read: (text) => (text.trim() === '' ? null : text.trim()),
  }),
  leastN: setting<number | null>({
    label: 'Least n',
    help: 'leave out problems with fewer samples, which would cut the curve short',
    value: '<n>',
    usual: '',
    read: (text, where) => (text === '' ? null : readInteger(text, where, 1, 1_000_000)),
  }),
  missing: setting<Missing>({
    label: 'Missing samples',
    help: 'wrong: samples without an outcome, and those that a problem has fewer than others, are wrong; out: those without an outcome are left out',
    value: '<wrong|out>',
    usual: '',
    read: (text, where) => {
      if (text === '') return 'as they are';
      if (text === 'wrong' || text === 'out') return text;
      throw new InputError(where, 'wrong or out', shown(text));
    },
  }),
  error: setting<number>({
    label: 'Error wanted',
    help: 'half an interval over samples, in points: how many samples that takes',
    value: '<points>',
    usual: '1',
    read: (text, where) => readNumber(text, where, 0.01, 50),
  }),
  beyond: setting<readonly number[]>({
    label: 'k beyond n',
    help: 'k beyond the least n, under the fitted distributions of p alone, and labelled so',
    value: '<k,...>',
    usual: '',
    read: (text, where) => (text === '' ? [] : readIntegers(text, where, 1, 2 ** 31)),
  }),
  k: setting<readonly number[]>({
    label: 'k',
    help: 'k beside those of the curve, at most the least n',
    value: '<k,...>',
    usual: '',
    read: (text, where) => (text === '' ? [] : readIntegers(text, where, 1, 2 ** 31)),
  }),
  level: setting<number>({
    label: 'Level',
    help: 'of intervals, 0.5 to 0.9999',
    value: '<level>',
    usual: '0.95',
    read: (text, where) => readNumber(text, where, 0.5, 0.9999),
  }),
  resamples: setting<number>({
    label: 'Resamples',
    help: 'of problems, for the bootstrap, from 100',
    value: '<count>',
    usual: '2000',
    read: (text, where) => readInteger(text, where, 100, 100_000),
  }),
  seed: setting<number>({
    label: 'Seed',
    help: 'of the bootstrap',
    value: '<seed>',
    usual: '1',
    read: (text, where) => readInteger(text, where, 0, MAX_SEED),
  }),
  groupSizes: setting<readonly number[]>({
    label: 'Group sizes',
    help: 'n of the groups that training would draw, 2 to 128',
    value: '<n,...>',
    usual: '8,16,32,64',
    read: (text, where) => readIntegers(text, where, 2, 128),
  }),
} as const;

export type DiagnoseSettingName = keyof typeof diagnoseSettings;
export const DIAGNOSE_SETTING_NAMES = Object.keys(diagnoseSettings) as DiagnoseSettingName[];

/** Each as text, from a flag or a field; what is absent has its usual value. */
export type SettingTexts = Partial<Readonly<Record<DiagnoseSettingName, string>>>;

/** What to call a setting in an error: "--group-sizes" or "Group sizes". */
export type SettingNames = (name: DiagnoseSettingName) => string;

export type Missing = 'as they are' | 'wrong' | 'out';

/** A column, and the value of the rows that count. */
export interface RowFilter {
  readonly column: string;
  readonly value: string;
}

function readFilters(text: string, where: string): RowFilter[] {
  return splitCommas(text).map((part) => {
    const at = part.indexOf('=');
    const [column, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (at < 1 || value === '') throw new InputError(where, 'column=value pairs', shown(part));
    return { column, value };
  });
}

function readSwitch(text: string, where: string): boolean {
  if (text === '' || text === 'no') return false;
  if (text === 'yes') return true;
  throw new InputError(where, 'yes or no', shown(text));
}

/** What a report says that it depends on besides the data. */
export interface DiagnoseSettings {
  /** of every interval */
  readonly level: number;
  /** resamples of problems */
  readonly resampleCount: number;
  readonly seed: number;
  /** k asked for, beside those of the curve */
  readonly ks: readonly number[];
  /** n of the groups that training would draw */
  readonly groupSizes: readonly number[];
  /** half an interval over samples that is wanted, in points */
  readonly errorPoints: number;
  /** k beyond n, under the fitted distributions */
  readonly beyondKs: readonly number[];
  /** problems with fewer samples are left out */
  readonly leastN: number | null;
  /** what samples are that a problem has not, and others have */
  readonly missing: Missing;
}

/** How rows are read. */
export interface RowOptions {
  readonly columns: ColumnMap;
  /** rewards from here on count as correct; null: only 0 and 1 are understood */
  readonly rewardThreshold: number | null;
  /** rows that do not match are left out */
  readonly where: readonly RowFilter[];
  /** a sample that stands there twice counts once */
  readonly dedupe: boolean;
  /** the one model of all files, or null */
  readonly model: string | null;
  /** what a row without an outcome is */
  readonly missing: Missing;
  readonly names: SettingNames;
}

/** @throws InputError */
export function readDiagnoseSettings(
  texts: SettingTexts,
  names: SettingNames,
): { readonly settings: DiagnoseSettings; readonly rows: RowOptions } {
  const value = <Name extends DiagnoseSettingName>(
    name: Name,
  ): ReturnType<(typeof diagnoseSettings)[Name]['read']> => {
    const { read, usual } = diagnoseSettings[name];
    return read(texts[name] ?? usual, names(name)) as ReturnType<(typeof diagnoseSettings)[Name]['read']>;
  };
  return {
    settings: {
      level: value('level'),
      resampleCount: value('resamples'),
      seed: value('seed'),
      ks: value('k'),
      groupSizes: value('groupSizes'),
      errorPoints: value('error'),
      beyondKs: value('beyond'),
      leastN: value('leastN'),
      missing: value('missing'),
    },
    rows: {
      columns: value('columns'),
      rewardThreshold: value('rewardThreshold'),
      where: value('where'),
      dedupe: value('dedupe'),
      model: value('model'),
      missing: value('missing'),
      names,
    },
  };
}

export const DEFAULT_SETTINGS: DiagnoseSettings = readDiagnoseSettings(
  {},
  (name) => diagnoseSettings[name].label,
).settings;
