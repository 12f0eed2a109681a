/** The pass@k whose gradient a table is a multiple of, from its differences D(m) = w1(m+1) − w0(m) and how far each may be off. */
import type { WeightTable } from '../estimators/weightTables.ts';
import { choose } from '../math/fraction.ts';
import { passAtKWeight } from '../math/passAtK.ts';
import { weightMoments } from '../theory/estimatorTheory.ts';
import { unbiasedDifferences } from '../theory/oracleMinimum.ts';
import type { OwnEstimator } from './ownEstimator.ts';
import { FLOAT32_ROUNDING } from './precision.ts';

/** Groups up to this size are compared with the catalogue at every k. */
export const ALL_KS_SIZE = 64;

/** 1 .. n */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** D(m) where both of its weights are known, and how far their rounding may have moved it. */
export interface Difference {
  readonly m: number;
  readonly value: number;
  readonly rounding: number;
}

/**
 * How exact the weights are taken to be. Weights that fit as float64 say more than the same weights as float32, of which
 * a large baseline leaves nothing; so the first is tried before the second.
 */
export type Precision = 'float64' | 'as printed';

const FLOAT64_ROUNDING = 2 ** -48;

export function knownDifferences({ n, correct, wrong }: OwnEstimator, precision: Precision): Difference[] {
  return range(n).flatMap((c) => {
    const [w1, w0] = [correct[c], wrong[c - 1]];
    if (w1 === null || w0 === null) return [];
    const rounding =
      precision === 'float64'
        ? FLOAT64_ROUNDING * (Math.abs(w1.value) + Math.abs(w0.value))
        : w1.rounding + w0.rounding;
    return [{ m: c - 1, value: w1.value - w0.value, rounding }];
  });
}

export const isNothing = ({ value, rounding }: Difference): boolean => Math.abs(value) <= rounding;

export interface Match {
  readonly k: number;
  readonly factor: number;
  /** how far rounding may have moved the factor */
  readonly factorError: number;
  readonly residual: number;
}

/** Every k whose D_k the known differences are a multiple of: one, unless most of them are missing. */
export function matchingKs(known: readonly Difference[], n: number, meantK: number | null): Match[] {
  return candidateKs(known, n, meantK).flatMap((k) => {
    const wanted = unbiasedDifferences(n, k);
    const best = bestFactor(known, wanted);
    if (best === null) return [];
    const { factor, factorError } = best;
    const size = Math.max(...known.map(({ value }) => Math.abs(value)));
    let residual = 0;
    for (const { m, value, rounding } of known) {
      const off = Math.abs(value - factor * wanted[m]);
      if (off > rounding + 2 * FLOAT32_ROUNDING * Math.abs(factor * wanted[m])) return [];
      residual = Math.max(residual, off / size);
    }
    return [{ k, factor, factorError, residual }];
  });
}

/** Weighted least squares: a difference counts by what its rounding leaves of it. Null where nothing is left. */
function bestFactor(
  known: readonly Difference[],
  wanted: Float64Array,
): { readonly factor: number; readonly factorError: number } | null {
  let product = 0;
  let square = 0;
  let size = 0;
  for (const { m, value, rounding } of known) {
    if (wanted[m] === 0) continue;
    // In units of the difference itself, so that squares of tiny ones do not underflow.
    const unit = rounding + FLOAT32_ROUNDING * Math.abs(value);
    if (unit === 0) return null;
    product += (value / unit) * (wanted[m] / unit);
    square += (wanted[m] / unit) ** 2;
    size += wanted[m] / unit;
  }
  if (!(square > 0) || product === 0 || !Number.isFinite(square)) return null;
  return { factor: product / square, factorError: size / square };
}

/** Every k whose D_k is 0 wherever the file has both weights. */
export function silentKs(known: readonly Difference[], n: number): number[] {
  return range(n).filter((k) => known.every(({ m }) => m > n - k));
}

/** The multiple of a D_k that comes closest, for a table that is none: a hint where to look. */
export function nearestPassAtK(known: readonly Difference[], n: number, meantK: number | null): Match | null {
  const size = Math.max(0, ...known.map(({ value }) => Math.abs(value)));
  if (size === 0) return null;
  const candidates = candidateKs(known, n, meantK).flatMap((k): Match[] => {
    const wanted = unbiasedDifferences(n, k);
    const square = known.reduce((sum, { m }) => sum + wanted[m] ** 2, 0);
    if (square === 0) return [];
    const factor = known.reduce((sum, { m, value }) => sum + value * wanted[m], 0) / square;
    const residual = Math.max(...known.map(({ m, value }) => Math.abs(value - factor * wanted[m]))) / size;
    return [{ k, factor, factorError: 0, residual }];
  });
  return candidates.sort((a, b) => a.residual - b.residual).at(0) ?? null;
}

/**
 * Every k of a small group. Of a large one those near what D_k(m+1)/D_k(m) = (n−m−k)/(n−1−m) says of the neighbours that
 * are known best, and the one that is meant.
 */
function candidateKs(known: readonly Difference[], n: number, meantK: number | null): number[] {
  if (n <= ALL_KS_SIZE) return range(n);
  const pairs = known.flatMap((here, i) => {
    const next = known.at(i + 1);
    return next?.m === here.m + 1 && here.value !== 0 ? [{ here, next }] : [];
  });
  const error = ({ here, next }: (typeof pairs)[number]): number =>
    (here.rounding + next.rounding) / Math.abs(here.value);
  const best = pairs.sort((a, b) => error(a) - error(b)).at(0);
  if (!best) return range(n);
  const { here, next } = best;
  const estimate = Math.round(n - here.m - (n - 1 - here.m) * (next.value / here.value));
  const near = [-2, -1, 0, 1, 2].map((offset) => estimate + offset);
  return [...new Set([...near, meantK ?? estimate])].filter((k) => k >= 1 && k <= n).sort((x, y) => x - y);
}

/**
 * a_1 .. a_n with D = Σ_k a_k D_k. With f(j) = n D(n−1−j) = Σ_k a_k k C(j, k−1)/C(n−1, k−1), Newton's forward differences
 * of f at 0 are a_k k/C(n−1, k−1).
 */
export function mixture({ n, differences }: WeightTable): number[] {
  let row = Array.from({ length: n }, (_, j) => n * differences[n - 1 - j]);
  const size = Math.max(...row.map(Math.abs));
  return Array.from({ length: n }, (_, i) => {
    const [first] = row;
    row = row.slice(1).map((value, j) => value - row[j]);
    const k = i + 1;
    // i differences of numbers of this size leave no more than this.
    const rounding = 2 ** i * 4 * Number.EPSILON * size;
    return Math.abs(first) <= rounding ? 0 : (first * Number(choose(n - 1, i))) / k;
  });
}

/** α_eff against α_k over p */
export interface AlphaCurve {
  readonly k: number;
  readonly rows: readonly {
    readonly successProb: number;
    readonly effectiveAlpha: number;
    readonly alpha: number;
    readonly ratio: number;
  }[];
}

const CURVE_PROBS = [1e-6, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999];

export function alphaCurve(table: WeightTable, k: number): AlphaCurve {
  return {
    k,
    // Where alpha_k is less than any float64, there is no ratio to it.
    rows: CURVE_PROBS.flatMap((successProb) => {
      const { effectiveAlpha } = weightMoments(table, successProb, 1 - successProb);
      const alpha = passAtKWeight(successProb, k);
      const ratio = effectiveAlpha / alpha;
      return Number.isFinite(ratio) ? [{ successProb, effectiveAlpha, alpha, ratio }] : [];
    }),
  };
}
