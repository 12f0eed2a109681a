/**
 * How exactly a column of numbers was written: by the decimals of the whole column (a single "0.5" may be a rounded one), by its
 * significant digits, or by the few bits of bf16 and fp16.
 */

/** Programs compute in float32 and log it: no number of theirs is known better than this share of itself. */
export const FLOAT32_ROUNDING = 2 ** -23;

/** How far a value of the column may be from what was computed. */
/** A size that most values have: a few huge ones, over a deviation of 0, say nothing of the others' digits. */
export function typicalSize(values: readonly number[]): number {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0) return 0;
  sizes.sort((a, b) => a - b);
  return Math.min(sizes[sizes.length - 1], 4 * sizes[Math.floor(sizes.length / 2)]);
}

export interface ColumnPrecision {
  /** in words, for a note; '' where nothing was cut */
  readonly words: string;
  readonly rounding: (value: number) => number;
  /** how far two values that were computed alike may be apart */
  readonly noise: (value: number) => number;
}

/** More decimals, or digits, are what float32 has. */
const CUT_DIGITS = 7;

/** With fewer decimals than these, two that differ were two numbers. */
const NOISY_DECIMALS = 4;

/** @param texts as printed; numbers of JSON as JavaScript writes them, which is as short as they can be */
export function columnPrecision(texts: readonly string[]): ColumnPrecision {
  let [decimals, digits] = [0, 0];
  for (const text of texts) {
    decimals = Math.max(decimals, decimalsOf(text));
    digits = Math.max(digits, significant(text));
  }
  const values = [...new Set(texts.map(Number))].filter(Number.isFinite);
  const size = typicalSize(values);
  const isCut = decimals > 0 && (decimals <= CUT_DIGITS || digits <= CUT_DIGITS);
  const cut = (value: number): number => {
    if (!isCut) return 0;
    const place = decimals <= CUT_DIGITS ? 0.5 * 10 ** -decimals : 0;
    const size = value === 0 ? 0 : 10 ** (Math.floor(Math.log10(Math.abs(value))) - digits + 1);
    return Math.max(place, digits <= CUT_DIGITS ? 0.5 * size : 0);
  };
  const short = SHORT_FLOATS.find(({ bits }) => isOf(values, bits, cut));
  return {
    words:
      short?.name ??
      (isCut && decimals >= NOISY_DECIMALS && decimals <= CUT_DIGITS ? `${decimals} decimals` : ''),
    noise: (value) =>
      4 * FLOAT32_ROUNDING * Math.abs(value) +
      2 * FLOAT32_ROUNDING * size +
      (decimals >= NOISY_DECIMALS ? 2 * cut(value) : 0) +
      (short ? 2 * halfStep(value, short.bits) : 0),
    rounding: (value) =>
      cut(value) + Math.max(FLOAT32_ROUNDING * Math.abs(value), short ? halfStep(value, short.bits) : 0),
  };
}

function decimalsOf(text: string): number {
  const [digits, exponent = '0'] = text.toLowerCase().split('e');
  return Math.max(0, (digits.split('.').at(1)?.length ?? 0) - Number(exponent));
}

function significant(text: string): number {
  return text
    .toLowerCase()
    .split('e')[0]
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '').length;
}

const SHORT_FLOATS = [
  { name: 'bf16', bits: 8 },
  { name: 'fp16', bits: 11 },
] as const;

/** Half of what one unit in the last of so many bits is worth. */
function halfStep(value: number, bits: number): number {
  return value === 0 ? 0 : 2 ** (Math.floor(Math.log2(Math.abs(value))) - bits);
}

function nearestOf(value: number, bits: number): number {
  const step = 2 * halfStep(value, bits);
  return step === 0 ? 0 : Math.round(value / step) * step;
}

/** Fewer bits than these are no sign of rounding: 0.375 is as likely exact. */
const SIMPLE_BITS = 5;
const UNLIKELY = 1e-6;

/** Whether all values have so few bits, and that is no accident. */
function isOf(values: readonly number[], bits: number, cut: (value: number) => number): boolean {
  let chance = 1;
  for (const value of values) {
    const allowed = cut(value) + 2 ** -40 * Math.abs(value);
    if (Math.abs(value - nearestOf(value, bits)) > allowed) return false;
    if (nearestOf(value, SIMPLE_BITS) === value) continue;
    chance *= Math.min(1, Math.max(allowed, 2 ** -24 * Math.abs(value)) / halfStep(value, bits));
  }
  return chance < UNLIKELY;
}
