/**
 * Pass@k of an evaluation, with its two uncertainties kept apart.
 *
 * Over samples, the problems fixed: what another draw of answers to these problems would give. The unbiased estimator
 * 1 − ρ̄, ρ̄ = C(n−c, k)/C(n, k), has the variance E[ρ̄²] − q^2k; where 2k ≤ n, ρ̄² − C(n−c, 2k)/C(n, 2k) estimates it without bias,
 * and the larger of that and its mean under the fitted distribution of p is taken; where 2k > n that mean alone.
 * Over problems: what other problems like these would give: the standard error is that of a seeded bootstrap of problems.
 * Both intervals are score intervals for as many trials as the standard error is worth.
 */
import { unbiasedPassAtK } from '../math/passAtK.ts';
import { openStream } from '../math/random/stream.ts';
import { quantilesOf } from '../math/stats/quantiles.ts';
import { studentQuantile } from '../math/stats/tails.ts';
import type { Classes, CountClass } from './classes.ts';
import type { Mixture } from './difficulty.ts';
import type { DiagnoseSettings } from './settings.ts';

/** An estimate with one of its uncertainties. */
export interface Uncertainty {
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

export interface PassAtKEstimate extends Uncertainty {
  readonly value: number;
  readonly level: number;
  /** standardError, low and high are those over problems */
  readonly overProblems: Uncertainty;
  readonly overSamples: Uncertainty;
}

/** Numbers of samples told apart where variances are averaged, at most. */
const MOST_SIZES = 32;
/** From here on curves are computed in one pass over k. */
const LONG = 512;
/** Every k up to here; beyond, steps of a tenth. */
export const EVERY_K = 256;

/** Each k to the least n, or a grid of them where they are many, and those asked for. */
export function curveKs(leastN: number, wanted: readonly number[]): number[] {
  const ks = new Set(wanted.filter((k) => k <= leastN));
  for (let k = 1; k < leastN; k = k < EVERY_K ? k + 1 : Math.ceil(k * 1.1)) ks.add(k);
  ks.add(leastN);
  return [...ks].sort((a, b) => a - b);
}

/** ρ(n, c, k) of every class and k: [classes][ks]. @param ks rising */
export function classCurves(classes: readonly CountClass[], ks: readonly number[]): Float64Array[] {
  return classes.map(({ n, correct }) =>
    n > LONG ? recursiveCurve(n, correct, ks) : Float64Array.from(ks, (k) => unbiasedPassAtK(n, correct, k)),
  );
}

/** By C(n−c, k+1)/C(n, k+1) = C(n−c, k)/C(n, k) (n−c−k)/(n−k): one pass for all k, to some 1e-12. */
function recursiveCurve(n: number, correct: number, ks: readonly number[]): Float64Array {
  let [miss, at] = [1, 0];
  return Float64Array.from(ks, (k) => {
    for (; at < k; at += 1) miss *= Math.max(0, n - correct - at) / (n - at);
    return 1 - miss;
  });
}

/** Mean over problems, the classes counted as given. */
export function pooled(
  curves: readonly Float64Array[],
  counts: ArrayLike<number>,
  problemCount: number,
): Float64Array {
  const means = new Float64Array(curves.length === 0 ? 0 : curves[0].length);
  poolInto(means, curves, counts, problemCount);
  return means;
}

/** The same into an array at hand: resampling does it some thousands of times. */
export function poolInto(
  means: Float64Array,
  curves: readonly Float64Array[],
  counts: ArrayLike<number>,
  problemCount: number,
): void {
  const kCount = means.length;
  means.fill(0);
  for (let i = 0; i < curves.length; i += 1) {
    const count = counts[i];
    if (count === 0) continue;
    const curve = curves[i];
    for (let j = 0; j < kCount; j += 1) means[j] += count * curve[j];
  }
  for (let j = 0; j < kCount; j += 1) means[j] /= problemCount;
}

/** C(n−c, k)/C(n, k), 0 where k > n − c. */
function missChance(n: number, correct: number, k: number): number {
  return 1 - unbiasedPassAtK(n, correct, k);
}

/** Variance of one problem's estimate over samples, averaged over the problems: [ks]. */
function sampleVariances(
  classes: readonly CountClass[],
  curves: readonly Float64Array[],
  ks: readonly number[],
  mixture: Mixture,
): Float64Array {
  const problemCount = classes.reduce((sum, entry) => sum + entry.problemCount, 0);
  const bySize = new Map<number, number>();
  for (const { n, problemCount: count } of classes) bySize.set(n, (bySize.get(n) ?? 0) + count);
  const variances = new Float64Array(ks.length);
  const fitted = (sizes: readonly (readonly [number, number])[], k: number): number =>
    representatives(sizes).reduce((sum, { n, count }) => sum + count * mixtureVariance(n, k, mixture), 0);
  ks.forEach((k, j) => {
    let direct = 0;
    classes.forEach(({ n, correct, problemCount: count }, i) => {
      if (2 * k > n) return;
      const miss = 1 - curves[i][j];
      direct += count * (miss * miss - missChance(n, correct, 2 * k));
    });
    const [wide, short] = [true, false].map((isWide) => [...bySize].filter(([n]) => 2 * k <= n === isWide));
    // Where n is little more than 2k the direct one rests on few problems and is often too small: the larger of the two.
    variances[j] = (Math.max(direct, 0, k > 1 ? fitted(wide, k) : 0) + fitted(short, k)) / problemCount;
  });
  return variances;
}

/** Sizes that many others stand close to, where they are many: variances hardly differ between neighbours. */
function representatives(
  sizes: readonly (readonly [number, number])[],
): { readonly n: number; readonly count: number }[] {
  const sorted = [...sizes].sort(([a], [b]) => a - b);
  const perGroup = Math.ceil(sorted.length / MOST_SIZES);
  return Array.from({ length: Math.ceil(sorted.length / Math.max(1, perGroup)) }, (_, i) => {
    const group = sorted.slice(i * perGroup, (i + 1) * perGroup);
    return {
      n: group[Math.floor(group.length / 2)][0],
      count: group.reduce((total, [, count]) => total + count, 0),
    };
  });
}

/** E over p of Var[ρ̄ | p] = Σ_c P(c) ρ̄(c)² − q^2k. */
export function mixtureVariance(n: number, k: number, { probs, weights }: Mixture): number {
  const misses = k === 1 ? null : missTable(n, k);
  let sum = 0;
  probs.forEach((p, g) => {
    if (weights[g] < 1e-9 || p === 0 || p === 1) return;
    const q = 1 - p;
    sum += weights[g] * (misses ? Math.max(0, meanSquare(misses, n, p) - q ** (2 * k)) : (p * q) / n);
  });
  return sum;
}

/** Σ_c P(c) ρ̄(c)², from c = 0 up where P(0) is a number, else from the likeliest c both ways, as shares of all. */
function meanSquare(misses: Float64Array, n: number, p: number): number {
  const q = 1 - p;
  const ratio = (c: number): number => ((n - c) / (c + 1)) * (p / q);
  let square = 0;
  const first = q ** n;
  if (first > LEAST_CHANCE) {
    // Only c ≤ n − k can miss.
    let chance = first;
    for (let c = 0; c < misses.length; c += 1) {
      square += chance * misses[c] * misses[c];
      chance *= ratio(c);
    }
    return square;
  }
  const likeliest = Math.min(n, Math.floor((n + 1) * p));
  let total = 0;
  const add = (c: number, chance: number): void => {
    total += chance;
    if (c < misses.length) square += chance * misses[c] * misses[c];
  };
  let chance = 1;
  for (let c = likeliest; c <= n && chance > 0; c += 1) {
    add(c, chance);
    chance *= ratio(c);
  }
  chance = 1;
  for (let c = likeliest; c > 0 && chance > 0; c -= 1) {
    chance /= ratio(c - 1);
    add(c - 1, chance);
  }
  return square / total;
}

const LEAST_CHANCE = 1e-280;

const missTables = new Map<string, Float64Array>();

function missTable(n: number, k: number): Float64Array {
  const key = `${n} ${k}`;
  let table = missTables.get(key);
  if (!table) {
    table = new Float64Array(n - k + 1);
    table[0] = 1;
    // C(n−c−1, k)/C(n−c, k) = (n−c−k)/(n−c)
    for (let c = 0; c < n - k; c += 1) table[c + 1] = table[c] * ((n - c - k) / (n - c));
    if (missTables.size < 4096) missTables.set(key, table);
  }
  return table;
}

/** What was resampled last, by what it was resampled of: an evaluation stands in several comparisons. */
const known = new Map<string, readonly Float64Array[]>();
const MOST_KNOWN = 4;
/** Means of one evaluation that are remembered, at most: 4 MiB. */
const MOST_MEANS = 2 ** 19;

/** Mean pass@k of each resample of the problems: [ks][resamples]. */
export function resampledMeans(
  own: Classes,
  curves: readonly Float64Array[],
  ks: readonly number[],
  { resampleCount, seed }: Pick<DiagnoseSettings, 'resampleCount' | 'seed'>,
): readonly Float64Array[] {
  const isSmall = ks.length * resampleCount <= MOST_MEANS;
  const key = isSmall
    ? `${seed} ${resampleCount} ${ks.join()} ${own.classes.map(({ n, correct }) => `${n}/${correct}`).join()} ${own.ofProblem.join()}`
    : '';
  const before = isSmall ? known.get(key) : undefined;
  if (before) return before;
  const drawn = ks.map(() => new Float64Array(resampleCount));
  const means = new Float64Array(ks.length);
  let resample = 0;
  for (const classCounts of resamples(own, resampleCount, seed)) {
    poolInto(means, curves, classCounts, own.ofProblem.length);
    for (let j = 0; j < ks.length; j += 1) drawn[j][resample] = means[j];
    resample += 1;
  }
  if (isSmall) {
    const [oldest] = known.keys();
    if (known.size >= MOST_KNOWN) known.delete(oldest);
    known.set(key, drawn);
  }
  return drawn;
}

/** How often each class comes up when as many problems are drawn again: one array for each resample. */
function* resamples(
  { classes, ofProblem }: Classes,
  count: number,
  seed: number,
): Generator<Uint32Array, void, void> {
  const classCounts = new Uint32Array(classes.length);
  for (const problems of drawnProblems(ofProblem.length, count, seed)) {
    classCounts.fill(0);
    for (const drawn of problems) classCounts[ofProblem[drawn]] += 1;
    yield classCounts;
  }
}

/** Draws of one (problems, resamples, seed): every evaluation of as many problems is resampled alike. */
let remembered: { readonly key: string; readonly draws: Uint32Array } | null = null;
/** 16 MiB of draws are remembered, at most. */
const MOST_REMEMBERED = 2 ** 22;

/** Indices of the problems of each resample. */
function* drawnProblems(
  problemCount: number,
  count: number,
  seed: number,
): Generator<Uint32Array, void, void> {
  const key = `${problemCount} ${count} ${seed}`;
  if (problemCount * count > MOST_REMEMBERED) {
    const problems = new Uint32Array(problemCount);
    for (let resample = 0; resample < count; resample += 1) {
      drawProblems(problems, resample, seed);
      yield problems;
    }
    return;
  }
  if (remembered?.key !== key) {
    const draws = new Uint32Array(problemCount * count);
    for (let resample = 0; resample < count; resample += 1) {
      drawProblems(draws.subarray(resample * problemCount, (resample + 1) * problemCount), resample, seed);
    }
    remembered = { key, draws };
  }
  const { draws } = remembered;
  for (let first = 0; first < draws.length; first += problemCount) {
    yield draws.subarray(first, first + problemCount);
  }
}

function drawProblems(problems: Uint32Array, resample: number, seed: number): void {
  const next = openStream(seed, BOOTSTRAP_ID, resample, 0, 0);
  for (let i = 0; i < problems.length; i += 1) problems[i] = Math.floor((next() / 2 ** 32) * problems.length);
}

/** Philox experiment id of the bootstrap. */
const BOOTSTRAP_ID = 0xd1a6;

/**
 * Wilson's score interval (1927) of a mean in [0, 1] for the number of trials that its standard error is worth: it stays within
 * [0, 1], and says something where nothing, or everything, was seen.
 *
 * @param least trials that there were at least; where the standard error is 0 they are all that is known
 */
export function scoreInterval(
  value: number,
  standardError: number,
  least: number,
  quantileOfLevel: number,
): Uncertainty {
  const share = Math.min(1, Math.max(0, value));
  const worth = standardError > 0 ? (share * (1 - share)) / standardError ** 2 : least;
  const trials = Math.max(worth, least);
  const square = quantileOfLevel ** 2 / trials;
  const centre = (share + square / 2) / (1 + square);
  const half =
    (quantileOfLevel / (1 + square)) *
    Math.sqrt((share * (1 - share)) / trials + quantileOfLevel ** 2 / (4 * trials ** 2));
  return {
    standardError,
    low: share === 0 ? 0 : Math.max(0, centre - half),
    high: share === 1 ? 1 : Math.min(1, centre + half),
  };
}

/** Standard deviation. */
function spreadOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let square = 0;
  for (const value of values) square += (value - mean) ** 2;
  return Math.sqrt(square / Math.max(1, values.length - 1));
}

export function percentiles(values: Float64Array, level: number): Uncertainty {
  const tail = (1 - level) / 2;
  const [low, high] = quantilesOf(values, [tail, 1 - tail]);
  return { standardError: spreadOf(values), low, high };
}

/** [ks] */
export function passAtKCurve(
  own: Classes,
  mixture: Mixture,
  ks: readonly number[],
  { level, resampleCount, seed }: DiagnoseSettings,
): PassAtKEstimate[] {
  const { classes, ofProblem } = own;
  const problemCount = ofProblem.length;
  const curves = classCurves(classes, ks);
  const values = pooled(
    curves,
    classes.map((entry) => entry.problemCount),
    problemCount,
  );
  const variances = sampleVariances(classes, curves, ks, mixture);
  const drawn = resampledMeans(own, curves, ks, { resampleCount, seed });
  // Both spreads are known from the problems alone.
  const t = studentQuantile(1 - level, Math.max(1, problemCount - 1));
  return ks.map((_, j): PassAtKEstimate => {
    const value = values[j];
    const spread = spreadOf(drawn[j]);
    const overProblems = scoreInterval(value, spread, problemCount, t);
    const standardError = Math.sqrt(variances[j] / problemCount);
    const blocks = classes.reduce(
      (sum, entry) => sum + entry.problemCount * Math.max(1, Math.floor(entry.n / ks[j])),
      0,
    );
    return {
      value,
      ...overProblems,
      level,
      overProblems,
      overSamples: scoreInterval(value, standardError, blocks, t),
    };
  });
}
