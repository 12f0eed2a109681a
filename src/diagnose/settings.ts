/**
 * The one table of a diagnosis' settings: it makes the command line's flags and help, the fields of the page, and the
 * names that errors use. The library knows no flag: whoever asks says what to call a setting.
 */
import { InputError, shown } from '../input/inputError.ts';
import { decimal, readInteger, readIntegers, readNumber } from '../input/textInput.ts';
import { MAX_SEED } from '../math/random/stream.ts';
import { readColumnMap, type ColumnMap } from './columns.ts';

interface DiagnoseSetting<Value> {
  /** for the page's field */
  readonly label: string;
  readonly help: string;
  /** what a value looks like, for the flag */
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
    help: 'columns by another name: problem=task_id,correct=passed; checkpoint=- for none',
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
}

/** How rows are read. */
export interface RowOptions {
  readonly columns: ColumnMap;
  /** rewards from here on count as correct; null: only 0 and 1 are understood */
  readonly rewardThreshold: number | null;
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
    },
    rows: { columns: value('columns'), rewardThreshold: value('rewardThreshold'), names },
  };
}

export const DEFAULT_SETTINGS: DiagnoseSettings = readDiagnoseSettings(
  {},
  (name) => diagnoseSettings[name].label,
).settings;
