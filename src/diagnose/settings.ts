/** What a diagnosis depends on besides the data: each is in the report, and can be set. */
import { readInteger, readIntegers, readNumber } from '../input/textInput.ts';
import { MAX_SEED } from '../math/random/stream.ts';

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

export const DEFAULT_SETTINGS: DiagnoseSettings = {
  level: 0.95,
  resampleCount: 2000,
  seed: 1,
  ks: [],
  groupSizes: [8, 16, 32, 64],
};

/** Each as text, from a flag or a field. */
export interface SettingTexts {
  readonly level?: string;
  readonly resamples?: string;
  readonly seed?: string;
  readonly k?: string;
  readonly groupSizes?: string;
}

/** @throws InputError */
export function readSettings(
  texts: SettingTexts,
  where: (name: keyof SettingTexts) => string,
): DiagnoseSettings {
  const { level, resamples, seed, k, groupSizes } = texts;
  return {
    level: level === undefined ? DEFAULT_SETTINGS.level : readNumber(level, where('level'), 0.5, 0.9999),
    resampleCount:
      resamples === undefined
        ? DEFAULT_SETTINGS.resampleCount
        : readInteger(resamples, where('resamples'), 100, 100_000),
    seed: seed === undefined ? DEFAULT_SETTINGS.seed : readInteger(seed, where('seed'), 0, MAX_SEED),
    ks: k === undefined ? [] : readIntegers(k, where('k'), 1, 2 ** 31),
    groupSizes:
      groupSizes === undefined
        ? DEFAULT_SETTINGS.groupSizes
        : readIntegers(groupSizes, where('groupSizes'), 2, 128),
  };
}
