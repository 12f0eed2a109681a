/** The settings of the next run, read from the address; what the address has wrong is left out and named. */
import { computed, signal } from '@preact/signals';
import { ENGINE_CHOICES, type EngineChoice } from '../../engine/engineChoice.ts';
import { InputError } from '../../input/inputError.ts';
import { nearestAdvice } from '../../input/nearestName.ts';
import {
  configQuery,
  PRESETS,
  readConfig,
  SETTING_NAMES,
  settings,
  type Config,
  type SettingName,
} from '../../lab/settings.ts';
import { estimators } from '../../estimators/estimators.ts';
import { AXES, LEAST_UNBIASED, QUANTITIES } from '../../experiments/variance/workbench.ts';
import { CLAIM_PAGES } from '../../lab/suite/claimPages.ts';
import { EXPERIMENT_NAMES } from './reference.ts';

const CLAIM_IDS: readonly string[] = CLAIM_PAGES.map(({ id }) => id);
import { query, setParams } from './address.ts';

/** They stand behind one button. */
export const areSettingsOpen = signal(false);

interface Read {
  readonly config: Config;
  /** a sentence each */
  readonly faults: readonly string[];
}

/** A configuration from texts, without those that cannot be. */
function readTolerantly(texts: ReadonlyMap<string, string>): Read {
  const given = (without: readonly SettingName[]): Partial<Record<SettingName, string>> =>
    Object.fromEntries(
      SETTING_NAMES.flatMap((name) => {
        const text = texts.get(name);
        return text === undefined || without.includes(name) ? [] : [[name, text]];
      }),
    );
  const left: SettingName[] = [];
  const faults: string[] = [];
  for (;;) {
    let asked: SettingName = 'preset';
    try {
      const config = readConfig(given(left), (name) => {
        asked = name;
        return `URL parameter ${name}`;
      });
      return { config, faults };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push(error.message);
      // A k that fits no group: either may be at fault.
      left.push(left.includes(asked) || !texts.has(asked) ? 'groupSize' : asked);
    }
  }
}

const read = computed(() => readTolerantly(query.value));

export const config = computed(() => read.value.config);

/** Every experiment, or those that the address names. */
export const chosenExperiments = computed((): readonly string[] => {
  const asked = query.value.get('experiments')?.split(',');
  return asked ? EXPERIMENT_NAMES.filter((name) => asked.includes(name)) : EXPERIMENT_NAMES;
});

export const engineChoice = computed(
  (): EngineChoice => ENGINE_CHOICES.find((name) => name === query.value.get('engine')) ?? 'auto',
);

/** Parameters of charts have a dot in their name: each chart reads its own. */
const OWN_PARAMETERS = ['experiments', 'engine', 'run', 'claim'];

/** What of the address is no parameter, or has a value that none can have. */
export function addressFaults(): string[] {
  const known = [...SETTING_NAMES, ...OWN_PARAMETERS];
  const unknown = [...query.value.keys()]
    .filter((name) => !known.includes(name) && !name.includes('.'))
    .map((name) => {
      const advice = nearestAdvice(name, known);
      return `URL parameter ${name.slice(0, 40)}: not known${advice ? `; ${advice}` : ''}`;
    });
  const oneOf = (name: string, values: readonly string[]): string[] => {
    const given = query.value.get(name);
    if (given === undefined || given === '') return [];
    return given
      .split(',')
      .filter((value) => !values.includes(value))
      .map((value) => {
        const advice = nearestAdvice(value, values);
        return `URL parameter ${name}: expected ${values.join(', ')}, got ${value.slice(0, 40)}${advice ? `; ${advice}` : ''}`;
      });
  };
  return [
    ...read.value.faults,
    ...unknown,
    ...oneOf('experiments', EXPERIMENT_NAMES),
    ...oneOf('engine', ENGINE_CHOICES),
    ...oneOf('run', PRESETS),
    ...oneOf('claim', CLAIM_IDS),
    ...oneOf('bench.draw', QUANTITIES),
    ...oneOf('bench.against', AXES),
    ...oneOf('bench.estimators', [...estimators.map(({ id }) => id), LEAST_UNBIASED]),
    ...['bench.J1', 'bench.n', 'bench.k'].flatMap((name) => {
      const given = query.value.get(name);
      return given === undefined || Number(given) > 0
        ? []
        : [`URL parameter ${name}: expected a number above 0, got ${given.slice(0, 40)}`];
    }),
  ];
}

/** @returns what is wrong with it, or null after it has been set */
export function setSetting(name: SettingName, text: string): string | null {
  const current = Object.fromEntries(
    SETTING_NAMES.flatMap((own) => {
      const value = query.value.get(own);
      return value === undefined ? [] : [[own, value]];
    }),
  ) as Partial<Record<SettingName, string>>;
  try {
    const next = readConfig({ ...current, [name]: text }, (own) => settings[own].label);
    writeConfig(name === 'preset' ? { ...readConfig({ preset: text }), seed: next.seed } : next);
    return null;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Only what differs from the preset stands in the address. */
function writeConfig(next: Config): void {
  const given = new URLSearchParams(configQuery(next));
  setParams(
    Object.fromEntries(
      SETTING_NAMES.map((name) => {
        const value = given.get(name);
        return [name, name === 'preset' && value === 'quick' ? null : value];
      }),
    ),
  );
}
