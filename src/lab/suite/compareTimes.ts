/**
 * The times of two reports held against each other, shape by shape: by how much tokens per second changed, with its interval,
 * against what two equal runs may differ by. Tallies are not its business.
 */
import * as v from 'valibot';
import { median } from '../../math/stats/bootstrap.ts';
import { openStream } from '../../math/random/stream.ts';
import { formatNumber } from '../../view/format.ts';
import type { Interval } from '../../math/stats/repetitions.ts';

/**
 * What is below this share is noise: of ten runs of one build on an idle machine the two furthest apart differed by a third in
 * one of their medians (docs/engines.md), and a run has several.
 */
export const DEFAULT_NOISE = 0.35;

const number = v.pipe(v.number(), v.minValue(0), v.maxValue(1e18));

/** Times as reports have them; of before there were repetitions a row holds one rate. */
export const timedRow = v.looseObject({
  engine: v.optional(v.string()),
  level: v.string(),
  name: v.optional(v.string(), 'base'),
  tokenCount: v.optional(number),
  durationsMs: v.optional(v.array(number)),
  fixedMs: v.optional(number, 0),
  tokensPerSecond: v.nullable(v.union([number, v.looseObject({ median: number })])),
});
export type TimedRow = v.InferOutput<typeof timedRow>;

export type TimeVerdict = 'improved' | 'slower' | 'within noise' | 'not comparable';

export interface TimeComparison {
  /** "base, gpu, groups" */
  readonly place: string;
  /** of tokens per second, B over A; null where there is none */
  readonly ratio: Interval | null;
  readonly verdict: TimeVerdict;
  /** why two times are not comparable */
  readonly reason: string | null;
}

/** @param noise a share, as DEFAULT_NOISE */
export function compareTimes(
  before: readonly TimedRow[],
  after: readonly TimedRow[],
  noise: number,
): TimeComparison[] {
  const known = new Map(before.map((row) => [placeOf(row), row]));
  const found = after.map((row) => compareRow(placeOf(row), known.get(placeOf(row)), row, noise));
  const places = new Set(found.map(({ place }) => place));
  const gone = [...known.keys()].filter((place) => !places.has(place));
  return [...found, ...gone.map((place) => incomparable(place, 'timed in the earlier report alone'))];
}

const placeOf = ({ name, engine = 'gpu', level }: TimedRow): string => `${name}, ${engine}, ${level}`;

const incomparable = (place: string, reason: string): TimeComparison => ({
  place,
  ratio: null,
  verdict: 'not comparable',
  reason,
});

function compareRow(
  place: string,
  before: TimedRow | undefined,
  after: TimedRow,
  noise: number,
): TimeComparison {
  if (!before) return incomparable(place, 'timed in the later report alone');
  if (before.tokensPerSecond === null || after.tokensPerSecond === null)
    return incomparable(place, 'the clock was too coarse');
  // Jobs of two lengths are compared without what a job takes whatever its length.
  const isAlike = before.tokenCount === after.tokenCount;
  const [a, b] = [before, after].map((row) => ratesOf(row, isAlike ? 0 : row.fixedMs));
  if (a === null || b === null) return incomparable(place, 'one run without an interval');
  const ratio = ratioInterval(b, a);
  if (ratio === null) return incomparable(place, 'a rate of 0');
  const verdict =
    ratio.low > 1 + noise ? 'improved' : ratio.high < 1 / (1 + noise) ? 'slower' : 'within noise';
  return { place, ratio, verdict, reason: null };
}

/** Repetitions from which on an interval means something. */
const LEAST_REPETITIONS = 3;

/** Tokens per second of each repetition; null where there are too few. */
function ratesOf({ tokenCount, durationsMs }: TimedRow, lessMs: number): number[] | null {
  if (tokenCount === undefined || durationsMs === undefined || durationsMs.length < LEAST_REPETITIONS)
    return null;
  return durationsMs.map((durationMs) =>
    durationMs > lessMs ? (tokenCount / (durationMs - lessMs)) * 1000 : 0,
  );
}

const RESAMPLES = 2_000;
const SEED = 11;

/** The ratio of two medians, and its percentile interval of 95 % with both samples drawn again (Efron 1979). */
export function ratioInterval(above: readonly number[], below: readonly number[]): Interval | null {
  if (!(median(below) > 0)) return null;
  const words = openStream(SEED, 0, 0, 0, 0);
  const again = (values: readonly number[]): number =>
    median(values.map(() => values[Math.floor((words() / 2 ** 32) * values.length)]));
  const ratios = Array.from({ length: RESAMPLES }, () => again(above) / again(below)).sort((a, b) => a - b);
  return {
    median: median(above) / median(below),
    low: ratios[Math.floor(0.025 * (RESAMPLES - 1))],
    high: ratios[Math.ceil(0.975 * (RESAMPLES - 1))],
  };
}

const ratioText = ({ median: middle, low, high }: Interval): string =>
  `x ${formatNumber(middle)} (${formatNumber(low)} – ${formatNumber(high)})`;

/** What changed and what cannot be said, a line each; what stayed as it was, together. */
export function timesText(times: readonly TimeComparison[], noise: number): string[] {
  if (times.length === 0) return [];
  const of = (verdict: TimeVerdict): TimeComparison[] => times.filter((time) => time.verdict === verdict);
  const changed = [...of('slower'), ...of('improved')];
  const within = of('within noise');
  const ratios = within.flatMap(({ ratio }) => (ratio ? [ratio.median] : []));
  return [
    `Times, tokens per second of B over A, against a noise of ${formatNumber(100 * noise)} %:`,
    ...changed.map(({ place, ratio, verdict }) => `  ${verdict}: ${place} ${ratio ? ratioText(ratio) : ''}`),
    ...(within.length > 0
      ? [
          `  within noise: ${within.length} of ${times.length}, x ${formatNumber(Math.min(...ratios))} to ${formatNumber(Math.max(...ratios))}`,
        ]
      : []),
    ...of('not comparable').map(({ place, reason }) => `  not comparable: ${place}: ${reason}`),
  ];
}
