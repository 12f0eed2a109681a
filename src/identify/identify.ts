/**
 * What a table over c estimates. For every policy
 *
 *   E G = α_eff ∇J1,   α_eff = n Σ_m C(n−1, m) p^m q^(n−1−m) D(m),   D(m) = w1(m+1) − w0(m)
 *
 * so only D matters, and D = D_k (oracleMinimum.ts) is what ∇J_k asks for. The D_k, k = 1..n, are a basis: every table is
 * the gradient of some Σ_k a_k J_k. A table that misses D_k by a factor is usually a known mistake, and has a name.
 */
import { estimators } from '../estimators/estimators.ts';
import { weightMoments } from '../theory/estimatorTheory.ts';
import { choose } from '../math/fraction.ts';
import { isClose, namedMistakes, type Mistake } from './knownMistakes.ts';
import { parameterFits } from './parameterFits.ts';
import { unbiasedDifferences } from '../theory/oracleMinimum.ts';
import {
  FLOAT32_ROUNDING,
  isCentred,
  missingWeights,
  ownTable,
  sizeOf,
  type OwnEstimator,
} from './ownEstimator.ts';
import { passAtKWeight } from '../math/passAtK.ts';
import { weightTable, type WeightTable } from '../estimators/weightTables.ts';

export interface TableIdentity {
  readonly name: string;
  readonly n: number;
  /** the k that the file says it is meant for */
  readonly k: number | null;
  /** whether every group's weights sum to 0; null where the file does not show it for every c */
  readonly centred: boolean | null;
  /** weights that the file does not have */
  readonly missing: readonly string[];
  readonly estimates: 'unbiased' | 'multiple' | 'other' | 'nothing' | 'unknown';
  /** the k of the pass@k gradient that it estimates, or a multiple of */
  readonly matchedK: number | null;
  /** E G = factor ∇J_matchedK at every policy */
  readonly factor: number | null;
  /** largest |D − factor D_k| as a share of the largest |D| */
  readonly residual: number | null;
  /** the mistakes that give this factor, the likeliest first */
  readonly mistakes: readonly string[];
  /** the catalogue's rows with the same weights up to a factor */
  readonly sameAs: readonly {
    readonly estimator: string;
    readonly k: number | null;
    readonly factor: number;
  }[];
  /** E G = ∇ Σ_k a_k J_k: [n] a_1 .. a_n, or null where weights are missing or n is too large for float64 */
  readonly mixture: readonly number[] | null;
  /** α_eff against α_k over p, k being the file's, else matchedK, else 1; null where weights are missing */
  readonly curve: {
    readonly k: number;
    readonly rows: readonly {
      readonly successProb: number;
      readonly effectiveAlpha: number;
      readonly alpha: number;
      readonly ratio: number;
    }[];
  } | null;
  /** all of it in one sentence */
  readonly finding: string;
}

const CURVE_PROBS = [1e-6, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999];
/** Differences of order n of float64 numbers keep some digits up to here. */
const MAX_MIXTURE_SIZE = 16;

/** A factor nearer to 1 is none: a parameter may hide in what is farther. */
const AS_IT_IS = 1e-6;

/** Groups up to this size are compared with the catalogue at every k. */
const ALL_KS_SIZE = 64;

/** 1 .. n */
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** D(m) where both of its weights are known, and how far their rounding may have moved it. */
interface Difference {
  readonly m: number;
  readonly value: number;
  readonly rounding: number;
}

/**
 * How exact the weights are taken to be. Weights that fit as float64 say more than the same weights as float32, of which
 * a large baseline leaves nothing; so the first is tried before the second.
 */
type Precision = 'float64' | 'as printed';

const FLOAT64_ROUNDING = 2 ** -48;

function knownDifferences({ n, correct, wrong }: OwnEstimator, precision: Precision): Difference[] {
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

const isNothing = ({ value, rounding }: Difference): boolean => Math.abs(value) <= rounding;

export function identifyTable(own: OwnEstimator): TableIdentity {
  const { n, k } = own;
  const exact = knownDifferences(own, 'float64');
  const printed = knownDifferences(own, 'as printed');
  const table = ownTable(own);
  const centred = isCentred(own);
  const exactMatches = matchingKs(exact, n, k);
  const matches = exactMatches.length > 0 ? exactMatches : matchingKs(printed, n, k);
  const match = matches.find((candidate) => candidate.k === k) ?? matches.at(0);
  const isDecided = match !== undefined && (matches.length === 1 || match.k === k);
  const decided = isDecided ? match : null;
  const mistakes = decided ? namedMistakes(n, decided, k, centred === true) : [];
  const estimates = ((): TableIdentity['estimates'] => {
    if (exact.length === n && exact.every(isNothing)) return 'nothing';
    if (exact.every(isNothing) || (!match && printed.every(isNothing))) return 'unknown';
    if (!match) return 'other';
    if (!decided) return 'unknown';
    return isClose(decided.factor, 1, decided.factorError) ? 'unbiased' : 'multiple';
  })();
  const isKnown = estimates === 'unbiased' || estimates === 'multiple';
  const rows =
    estimates === 'nothing' || sizeOf(own) === 0
      ? []
      : catalogueMatches(
          own,
          n <= ALL_KS_SIZE ? range(n) : [...new Set([k, match?.k].flatMap((some) => some ?? []))],
        );
  // Parameters are looked for where no row fits as it is.
  const isAsItIs = rows.some(
    ({ factor }) => Math.abs(factor - 1) < AS_IT_IS || Math.abs(factor / n - 1) < AS_IT_IS,
  );
  const fitted =
    isAsItIs || estimates === 'nothing' || n > ALL_KS_SIZE
      ? []
      : parameterFits(own).map(({ estimator, factor }) => ({ estimator, k: null, factor }));
  const sameAs = [...fitted, ...rows];
  const facts = {
    name: own.name,
    n,
    k,
    centred,
    missing: missingWeights(own),
    estimates,
    matchedK: isKnown ? (decided?.k ?? null) : null,
    factor: isKnown ? (decided?.factor ?? null) : null,
    residual: isKnown ? (decided?.residual ?? null) : null,
    mistakes: isKnown ? mistakes.map((mistake) => mistake.name) : [],
    sameAs,
    mixture: table && n <= MAX_MIXTURE_SIZE ? mixture(table) : null,
    curve: table
      ? curve(table, k ?? (isKnown && decided ? decided.k : (sameAs.find((same) => same.k !== null)?.k ?? 1)))
      : null,
  } as const;
  const fitting = exact.every(isNothing) ? silentKs(exact, n) : matches.map((candidate) => candidate.k);
  return { ...facts, finding: finding(facts, mistakes, fitting, exact.length, nearest(printed, n, k)) };
}

interface Match {
  readonly k: number;
  readonly factor: number;
  /** how far rounding may have moved the factor */
  readonly factorError: number;
  readonly residual: number;
}

/** Every k whose D_k the known differences are a multiple of: one, unless most of them are missing. */
function matchingKs(known: readonly Difference[], n: number, meantK: number | null): Match[] {
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
function silentKs(known: readonly Difference[], n: number): number[] {
  return range(n).filter((k) => known.every(({ m }) => m > n - k));
}

/** The multiple of a D_k that comes closest, for a table that is none: a hint where to look. */
function nearest(known: readonly Difference[], n: number, meantK: number | null): Match | null {
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

/** @param ks those to try; with every k of a large n this would take minutes */
function catalogueMatches(
  { n, correct, wrong }: OwnEstimator,
  ks: readonly number[],
): TableIdentity['sameAs'] {
  return estimators.flatMap((estimator) =>
    (estimator.usesK ? ks : [null]).flatMap((k) => {
      if (estimator.undefinedBecause(n, k ?? 1) !== null) return [];
      const table = weightTable(estimator, n, k);
      const pairs = [
        ...correct.flatMap((entry, c) => (entry ? [{ ...entry, theirs: table.correct[c] }] : [])),
        ...wrong.flatMap((entry, c) => (entry ? [{ ...entry, theirs: table.wrong[c] }] : [])),
      ];
      const square = pairs.reduce((sum, { theirs }) => sum + theirs * theirs, 0);
      if (square === 0) return [];
      const factor = pairs.reduce((sum, { value, theirs }) => sum + value * theirs, 0) / square;
      const size = Math.max(...pairs.map(({ value }) => Math.abs(value)));
      const fits = pairs.every(
        ({ value, rounding, theirs }) =>
          Math.abs(value - factor * theirs) <=
          rounding + 2 * FLOAT32_ROUNDING * Math.abs(factor * theirs) + FLOAT64_ROUNDING * size,
      );
      return fits && factor !== 0 ? [{ estimator: estimator.id, k, factor }] : [];
    }),
  );
}

/**
 * a_1 .. a_n with D = Σ_k a_k D_k. With f(j) = n D(n−1−j) = Σ_k a_k k C(j, k−1)/C(n−1, k−1), Newton's forward differences
 * of f at 0 are a_k k/C(n−1, k−1).
 */
function mixture({ n, differences }: WeightTable): number[] {
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

function curve(table: WeightTable, k: number): TableIdentity['curve'] {
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

const short = (value: number): string => String(Number(value.toPrecision(6)));

function finding(
  facts: Omit<TableIdentity, 'finding'>,
  mistakes: readonly Mistake[],
  fitting: readonly number[],
  knownCount: number,
  close: Match | null,
): string {
  const { estimates, n, k, matchedK, factor, sameAs, curve: ratios, missing } = facts;
  const some = missing.length > 0 ? ` on the weights that the file has (${missing.length} are missing)` : '';
  const likeliest = mistakes.at(0);
  const others = mistakes.slice(1);
  switch (estimates) {
    case 'unknown':
      if (knownCount === 0) return 'undecided: no c has both w1(c+1) and w0(c)';
      if (missing.length === 0)
        return 'undecided: the weights are so large that rounding leaves nothing of their differences';
      return (
        `undecided: ${missing.length} weights are missing; those that there are fit ` +
        (fitting.length > 0 ? `the gradients of pass@${fitting.join(', pass@')}` : 'no gradient but 0') +
        (k !== null && fitting.includes(k) ? `, that of pass@${k} among them` : '') +
        rowsText(sameAs)
      );
    case 'nothing':
      return 'estimates nothing: w1(m+1) = w0(m) for every m, a baseline alone, so its mean is 0';
    case 'unbiased':
      return (
        `unbiased for the gradient of pass@${matchedK}${some}` +
        (k !== null && k !== matchedK
          ? `; the file says k = ${k}: ${likeliest?.name.split(':')[0] ?? 'another k'}`
          : '')
      );
    case 'multiple': {
      const formula = likeliest?.formula ? `${likeliest.formula} = ` : '';
      const also =
        others.length > 0 ? ` (the same factor: ${others.map(({ name }) => name).join('; ')})` : '';
      const named = likeliest ? `: ${likeliest.name}${also}` : ', no mistake that has a name here';
      // A row of the catalogue says more than a factor; at k = 1 there is no pass@k to have got wrong.
      const row = sameAs.find((same) => isClose(same.factor, 1, 1e-3));
      const it = row ? `: it is ${row.estimator}${row.k === null ? '' : ` at k = ${row.k}`}` : named;
      return `${row ? '' : formula}${short(factor ?? NaN)} times the gradient of pass@${matchedK}${it}${some}`;
    }
    case 'other':
      return `unbiased for no pass@k with k <= ${n}${sameText(sameAs, n)}${nearText(close, sameAs)}${ratioText(ratios)}${some}`;
  }
}

/** So many rows are named of a file that fits several. */
const MOST_ROWS = 4;

/** "; they are those of grpo:std=sample": what few weights say all the same. */
function rowsText(sameAs: TableIdentity['sameAs']): string {
  const exact = sameAs.filter(({ factor }) => isClose(factor, 1, 1e-3));
  if (exact.length === 0) return '';
  const names = exact.map(({ estimator, k }) => (k === null ? estimator : `${estimator} at k = ${k}`));
  const more = names.length > MOST_ROWS ? `, and of ${names.length - MOST_ROWS} other rows` : '';
  return `; they are those of ${names.slice(0, MOST_ROWS).join(', ')}${more}`;
}

function sameText(sameAs: TableIdentity['sameAs'], n: number): string {
  const same = sameAs.at(0);
  if (!same) return '';
  const isMean = isClose(same.factor, n, 1e-3 * n);
  const times = isClose(same.factor, 1, 1e-3)
    ? ''
    : isMean
      ? `n = ${n} times `
      : `${short(same.factor)} times `;
  const hint =
    isMean && n > 1 ? ', advantages for a mean over the group (read them with --convention mean)' : '';
  return `: it is ${times}${same.estimator}${same.k === null ? '' : ` at k = ${same.k}`}${hint}`;
}

/** Tables that miss a gradient by this share of their largest difference, or less, are probably meant to be it. */
const NEAR = 0.05;

function nearText(close: Match | null, sameAs: TableIdentity['sameAs']): string {
  if (!close || close.residual > NEAR || sameAs.length > 0) return '';
  return (
    `; nearest is ${short(close.factor)} times that of pass@${close.k}, ` +
    `off by up to ${short(close.residual)} of the largest w1(m+1) - w0(m)`
  );
}

function ratioText(ratios: TableIdentity['curve']): string {
  if (!ratios) return '';
  const shown = ratios.rows
    .filter(({ successProb }) => [0.01, 0.5, 0.9].includes(successProb))
    .map(({ successProb, ratio }) => `${short(ratio)} at p = ${successProb}`);
  return shown.length === 0 ? '' : `; alpha_eff/alpha_${ratios.k} is ${shown.join(', ')}`;
}
