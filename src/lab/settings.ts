/**
 * The one table of a run's settings. It makes the TypeScript type, the command line's flags and help, the URL's
 * parameters and the fields of the form.
 */
import { estimators } from '../estimators/estimators.ts';
import { ESTIMATORS_HELP, readEstimatorIds } from '../estimators/estimatorSpec.ts';
import { InputError } from '../input/inputError.ts';
import { readChoice, readInteger, readIntegers } from '../input/textInput.ts';
import { MAX_SEED } from '../math/random/stream.ts';

export const PRESETS = ['quick', 'standard', 'full'] as const;
export type Preset = (typeof PRESETS)[number];

interface Setting<Value> {
  /** in words, for the form */
  readonly label: string;
  /** what it does, for help and form */
  readonly help: string;
  readonly byPreset: Readonly<Record<Preset, Value>>;
  readonly read: (text: string, where: string) => Value;
  readonly write: (value: Value) => string;
  /** where only these are possible: a menu */
  readonly choices?: readonly string[];
}

const same = <Value>(value: Value): Record<Preset, Value> => ({ quick: value, standard: value, full: value });

const setting = <Value>(definition: Setting<Value>): Setting<Value> => definition;

/** Group sizes of a suite: one thread of the exact tables stays cheap. */
const MAX_SUITE_GROUP_SIZE = 128;

export const settings = {
  preset: setting<Preset>({
    label: 'Preset',
    help: 'on two cores without a GPU quick takes some 20 seconds, standard minutes, full far longer',
    byPreset: { quick: 'quick', standard: 'standard', full: 'full' },
    read: (text, where) => readChoice(text, where, PRESETS),
    write: String,
    choices: PRESETS,
  }),
  seed: setting<number>({
    label: 'Seed',
    help: 'the same seed gives the same tallies on every machine, 0 .. 2^53 - 1',
    byPreset: same(1),
    read: (text, where) => readInteger(text, where, 0, MAX_SEED),
    write: String,
  }),
  groupSize: setting<number>({
    label: 'Group size n',
    help: `trajectories of one prompt in a group, 2 .. ${MAX_SUITE_GROUP_SIZE}`,
    byPreset: same(16),
    read: (text, where) => readInteger(text, where, 2, MAX_SUITE_GROUP_SIZE),
    write: String,
  }),
  groupSizes: setting<readonly number[]>({
    label: 'Variance: group sizes',
    help: `group sizes that experiment variance compares, separated by commas, 2 .. ${MAX_SUITE_GROUP_SIZE}`,
    byPreset: { quick: [4, 8, 16], standard: [4, 8, 16, 64], full: [4, 8, 16, 64] },
    read: (text, where) => readIntegers(text, where, 2, MAX_SUITE_GROUP_SIZE),
    write: (value) => value.join(','),
  }),
  ks: setting<readonly number[]>({
    label: 'k',
    help: 'attempts of pass@k, separated by commas',
    byPreset: same([1, 2, 4, 8, 15, 16]),
    read: (text, where) => readIntegers(text, where, 1, MAX_SUITE_GROUP_SIZE),
    write: (value) => value.join(','),
  }),
  estimators: setting<readonly string[]>({
    label: 'Estimators',
    help: `separated by commas, ${ESTIMATORS_HELP}`,
    byPreset: same(estimators.map(({ id }) => id)),
    read: readEstimatorIds,
    write: (value) => value.join(','),
  }),
  tokensPerPrompt: setting<number>({
    label: 'Tokens per prompt',
    help: 'cap on the tokens that plain sampling draws for one prompt (128 groups are always drawn); checks that need more stay inconclusive',
    byPreset: { quick: 2 ** 20, standard: 2 ** 22, full: 2 ** 24 },
    read: (text, where) => readInteger(text, where, 2 ** 10, 2 ** 50),
    write: String,
  }),
  classTokensPerPrompt: setting<number>({
    label: 'Tokens per prompt, given the outcome',
    help: 'cap on the tokens drawn for one prompt given the outcome (128 groups of each outcome and of each number of successes are always drawn)',
    byPreset: { quick: 5 * 2 ** 16, standard: 2 ** 24, full: 2 ** 34 },
    read: (text, where) => readInteger(text, where, 2 ** 10, 2 ** 50),
    write: String,
  }),
  varianceSamples: setting<number>({
    label: 'Variance: samples',
    help: 'cap on the trajectories of one prompt and group size in experiment variance',
    byPreset: { quick: 2 ** 19, standard: 2 ** 22, full: 2 ** 26 },
    read: (text, where) => readInteger(text, where, 2 ** 10, 2 ** 40),
    write: String,
  }),
} as const;

export type SettingName = keyof typeof settings;

/** A run's configuration: every setting with a value. */
export type Config = { readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['read']> };

export const SETTING_NAMES = Object.keys(settings) as SettingName[];

/** "groupSize" → "group-size"; k has one name in every command. */
export function flagName(name: SettingName): string {
  if (name === 'ks') return 'k';
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * A configuration from texts; what is absent has its preset's value.
 *
 * @param where how to name a setting in an error: "--group-size" or "Group size n"
 * @throws InputError
 */
export function readConfig(
  texts: Partial<Record<SettingName, string>>,
  where: (name: SettingName) => string = (name) => `--${flagName(name)}`,
): Config {
  const preset = texts.preset === undefined ? 'quick' : settings.preset.read(texts.preset, where('preset'));
  const entries = SETTING_NAMES.map((name) => {
    const text = texts[name];
    const { byPreset, read } = settings[name] as Setting<unknown>;
    return [name, text === undefined ? byPreset[preset] : read(text, where(name))] as const;
  });
  const config = Object.fromEntries(entries) as unknown as Config;
  if (!config.ks.some((k) => k <= config.groupSize)) {
    throw new InputError(
      where('ks'),
      `at least one k <= n = ${config.groupSize}`,
      config.ks.join(','),
      'no unbiased estimator of the pass@k gradient exists for k > n',
    );
  }
  return config;
}

/** Whether nothing but the seed differs from the preset. */
export function isPresetAsItIs(config: Config): boolean {
  const usual = readConfig({ preset: config.preset });
  return SETTING_NAMES.every(
    (name) => name === 'seed' || writeSetting(name, config) === writeSetting(name, usual),
  );
}

/** A setting's value as the text that `readConfig` takes. */
export function writeSetting(name: SettingName, config: Config): string {
  return (settings[name] as Setting<unknown>).write(config[name]);
}

/** "?preset=quick&seed=7": what differs from the preset, so that a link stays short. */
export function configQuery(config: Config): string {
  const usual = readConfig({ preset: config.preset });
  const query = new URLSearchParams();
  for (const name of SETTING_NAMES) {
    const text = writeSetting(name, config);
    if (name === 'preset' || text !== writeSetting(name, usual)) query.set(name, text);
  }
  // These stand for themselves in a query; a reader should see them.
  return `?${query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%3D', '=')}`;
}

/** The configuration of a URL's query; unknown parameters are left alone. @throws InputError */
export function configFromQuery(query: string): Config {
  const given = new URLSearchParams(query);
  const texts: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const text = given.get(name);
    if (text !== null) texts[name] = text;
  }
  return readConfig(texts, (name) => `URL parameter ${name}`);
}
