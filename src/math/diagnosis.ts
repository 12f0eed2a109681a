/**
 * What a table over c estimates. For every policy
 *
 *   E G = α_eff ∇J1,   α_eff = n Σ_m C(n−1, m) p^m q^(n−1−m) D(m),   D(m) = w1(m+1) − w0(m)
 *
 * so only D matters, and D = D_k (oracleMinimum.ts) is what ∇J_k asks for. The D_k, k = 1..n, are a basis: every table is
 * the gradient of some Σ_k a_k J_k. A table that misses D_k by a factor is usually a known mistake, and has a name.
 */
import { estimators } from './estimators.ts';
import { weightMoments } from './estimatorTheory.ts';
import { choose } from './fraction.ts';
import { unbiasedDifferences } from './oracleMinimum.ts';
import { isCentred, LOGGED_ROUNDING, missingWeights, ownTable, type OwnEstimator } from './ownEstimator.ts';
import { passAtKWeight } from './passAtK.ts';
import { weightTable, type WeightTable } from './weightTables.ts';

export interface Diagnosis {
  readonly name: string;
  readonly n: number;
  /** the k that the file says it is meant for */
  readonly k: number | null;
  readonly centred: boolean;
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

/** A way to be wrong by a constant factor. */
interface Mistake {
  readonly factor: number;
  readonly name: string;
  readonly formula: string;
  /** only where Σ w_i = 0 */
  readonly onlyCentred?: true;
  /** the k that was meant, where it is not the one matched */
  readonly meantK?: number;
}

/** @param k the k whose gradient the table is a multiple of */
function knownMistakes(n: number, k: number): Mistake[] {
  const all: Mistake[] = [
    { factor: 1 - k / n, name: 'mean-centred pkpo', formula: '1 - k/n', onlyCentred: true },
    {
      factor: (1 - k / n) / n,
      name: 'mean-centred pkpo, averaged over the group instead of summed',
      formula: '(1 - k/n)/n',
      onlyCentred: true,
    },
    {
      factor: (n - k) / k,
      name: 'pass@k advantages before their division by std',
      formula: '(n - k)/k',
      onlyCentred: true,
    },
    {
      factor: (n - k) / (n * k),
      name: 'pass@k advantages before their division by std, averaged',
      formula: '(n - k)/(n k)',
      onlyCentred: true,
    },
    { factor: 1 / n, name: 'averaged over the group instead of summed', formula: '1/n' },
    {
      factor: n,
      name: 'advantages for a mean over the group (read them with --convention mean)',
      formula: 'n',
    },
    { factor: n / k, name: 'C(n-1,k-1) normalisation where C(n,k) belongs', formula: 'n/k' },
    { factor: 1 / k, name: 'the factor k is missing', formula: '1/k' },
    { factor: k / n, name: 'the factor k/n counted twice', formula: 'k/n' },
    { factor: Number(choose(n - 1, k - 1)), name: 'not divided by C(n-1,k-1)', formula: 'C(n-1,k-1)' },
    { factor: Number(choose(n, k)), name: 'not divided by C(n,k)', formula: 'C(n,k)' },
    {
      factor: (k - 1) / k,
      name: `off by one in k: meant for pass@${k - 1}, with rho(n-1,c,${k - 1}) where rho(n-1,c,${k - 2}) belongs`,
      formula: `(k-1)/k`,
      meantK: k - 1,
    },
    {
      factor: (k + 1) / k,
      name: `off by one in k: meant for pass@${k + 1}, with rho(n-1,c,${k - 1}) where rho(n-1,c,${k}) belongs`,
      formula: `(k+1)/k`,
      meantK: k + 1,
    },
  ];
  return all.filter(({ factor, meantK }) => factor > 0 && factor !== 1 && (meantK ?? 1) >= 1);
}

/** Groups up to this size are compared with the catalogue at every k. */
const ALL_KS_SIZE = 64;

/** 1 .. n */
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= LOGGED_ROUNDING * Math.abs(b);

export function diagnose(own: OwnEstimator): Diagnosis {
  const { name, n, k, correct, wrong } = own;
  const table = ownTable(own);
  const centred = isCentred(own);
  const known = Array.from({ length: n }, (_, m) => m).flatMap((m) => {
    const [w1, w0] = [correct[m + 1], wrong[m]];
    return w1 === null || w0 === null ? [] : [{ m, difference: w1 - w0 }];
  });
  const size = Math.max(0, ...known.map(({ difference }) => Math.abs(difference)));
  const weightSize = Math.max(0, ...[...correct, ...wrong].map((value) => Math.abs(value ?? 0)));
  const isZero = size <= LOGGED_ROUNDING * weightSize;
  const matches = isZero ? [] : matchingKs(known, n, size);
  const match = matches.find((candidate) => candidate.k === k) ?? matches.at(0);
  const isDecided = match !== undefined && (matches.length === 1 || match.k === k);
  const mistakes = match && isDecided ? namedMistakes(n, match, k, centred) : [];
  const sameAs = isZero
    ? []
    : catalogueMatches(own, n <= ALL_KS_SIZE ? range(n) : [k, match?.k].flatMap((some) => some ?? []));
  const estimates =
    known.length === 0
      ? 'unknown'
      : isZero
        ? 'nothing'
        : !match
          ? 'other'
          : !isDecided
            ? 'unknown'
            : isClose(match.factor, 1)
              ? 'unbiased'
              : 'multiple';
  const facts = {
    name,
    n,
    k,
    centred,
    missing: missingWeights(own),
    estimates,
    matchedK: isDecided ? match.k : null,
    factor: isDecided ? match.factor : null,
    residual: isDecided ? match.residual : null,
    mistakes: mistakes.map((mistake) => mistake.name),
    sameAs,
    mixture: table && n <= MAX_MIXTURE_SIZE ? mixture(table) : null,
    curve: table ? curve(table, k ?? (isDecided ? match.k : 1)) : null,
  } as const;
  return { ...facts, finding: finding(facts, mistakes, matches) };
}

interface Match {
  readonly k: number;
  readonly factor: number;
  readonly residual: number;
}

/** Every k whose D_k the known differences are a multiple of: one, unless most of them are missing. */
function matchingKs(
  known: readonly { readonly m: number; readonly difference: number }[],
  n: number,
  size: number,
): Match[] {
  return candidateKs(known, n).flatMap((k) => {
    const wanted = unbiasedDifferences(n, k);
    // Scaled to 1: their squares must not underflow.
    const scale = Math.max(...known.map(({ m }) => wanted[m]));
    if (scale === 0) return [];
    let product = 0;
    let square = 0;
    for (const { m, difference } of known) {
      product += (difference / size) * (wanted[m] / scale);
      square += (wanted[m] / scale) ** 2;
    }
    const factor = (product / square) * (size / scale);
    const residual = Math.max(
      ...known.map(({ m, difference }) => Math.abs(difference - factor * wanted[m]) / size),
    );
    return residual <= LOGGED_ROUNDING ? [{ k, factor, residual }] : [];
  });
}

/** From D_k(m+1)/D_k(m) = (n−m−k)/(n−1−m) where two neighbours are known; else every k. */
function candidateKs(
  known: readonly { readonly m: number; readonly difference: number }[],
  n: number,
): number[] {
  const pairs = known.flatMap((here, i) => {
    const next = known.at(i + 1);
    return next?.m === here.m + 1 ? [{ ...here, next: next.difference }] : [];
  });
  const best = pairs.sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference)).at(0);
  if (!best || best.difference === 0) return range(n);
  const { m, difference, next } = best;
  const k = Math.round(n - m - (n - 1 - m) * (next / difference));
  return k >= 1 && k <= n ? [k] : [];
}

function namedMistakes(n: number, match: Match, meantK: number | null, centred: boolean): Mistake[] {
  const fitting = knownMistakes(n, match.k).filter(
    ({ factor, onlyCentred }) => isClose(match.factor, factor) && (centred || !onlyCentred),
  );
  // A file that says which k it means decides whether that k was missed.
  const isOffByOne = ({ meantK: wanted }: Mistake): boolean => wanted !== undefined;
  if (meantK === null) return fitting;
  if (meantK === match.k) return fitting.filter((mistake) => !isOffByOne(mistake));
  const missed = fitting.filter(({ meantK: wanted }) => wanted === meantK);
  if (missed.length > 0) return missed;
  const offset =
    Math.abs(meantK - match.k) === 1 ? 'off by one in k' : 'made for another k than the file says';
  return [
    {
      factor: match.factor,
      formula: '',
      name: `${offset}: the file says k = ${meantK}`,
    },
    ...fitting.filter((mistake) => !isOffByOne(mistake)),
  ];
}

/** @param ks those to try; with every k of a large n this would take minutes */
function catalogueMatches({ n, correct, wrong }: OwnEstimator, ks: readonly number[]): Diagnosis['sameAs'] {
  return estimators.flatMap((estimator) =>
    (estimator.usesK ? ks : [null]).flatMap((k) => {
      if (estimator.undefinedBecause(n, k ?? 1) !== null) return [];
      const table = weightTable(estimator, n, k);
      const pairs = [
        ...correct.flatMap((value, c) => (value === null ? [] : [[value, table.correct[c]] as const])),
        ...wrong.flatMap((value, c) => (value === null ? [] : [[value, table.wrong[c]] as const])),
      ];
      const square = pairs.reduce((sum, [, theirs]) => sum + theirs * theirs, 0);
      if (square === 0) return [];
      const factor = pairs.reduce((sum, [ours, theirs]) => sum + ours * theirs, 0) / square;
      const size = Math.max(...pairs.map(([ours]) => Math.abs(ours)));
      const fits = pairs.every(
        ([ours, theirs]) => Math.abs(ours - factor * theirs) <= LOGGED_ROUNDING * size,
      );
      return fits ? [{ estimator: estimator.id, k, factor }] : [];
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

function curve(table: WeightTable, k: number): Diagnosis['curve'] {
  return {
    k,
    rows: CURVE_PROBS.map((successProb) => {
      const { effectiveAlpha } = weightMoments(table, successProb, 1 - successProb);
      const alpha = passAtKWeight(successProb, k);
      return { successProb, effectiveAlpha, alpha, ratio: effectiveAlpha / alpha };
    }),
  };
}

const short = (value: number): string => String(Number(value.toPrecision(6)));

function finding(
  facts: Omit<Diagnosis, 'finding'>,
  mistakes: readonly Mistake[],
  matches: readonly Match[],
): string {
  const { estimates, n, k, matchedK, factor, sameAs, curve: ratios, missing } = facts;
  const some = missing.length > 0 ? ` on the weights that the file has (${missing.length} are missing)` : '';
  const likeliest = mistakes.at(0);
  const others = mistakes.slice(1);
  switch (estimates) {
    case 'unknown':
      return matches.length > 1
        ? `undecided: too few weights; they fit the gradients of pass@${matches.map((match) => match.k).join(', pass@')}`
        : 'undecided: no c has both w1(c+1) and w0(c)';
    case 'nothing':
      return `estimates nothing: w1(m+1) = w0(m) for every m, a baseline alone, so its mean is 0${some}`;
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
      return `${formula}${short(factor ?? NaN)} times the gradient of pass@${matchedK}${named}${some}`;
    }
    case 'other': {
      const same = sameAs.at(0);
      const known = same
        ? isClose(same.factor, 1)
          ? `: it is ${same.estimator}${same.k === null ? '' : ` at k = ${same.k}`}`
          : `: it is ${short(same.factor)} times ${same.estimator}${same.k === null ? '' : ` at k = ${same.k}`}`
        : '';
      const range = ratios
        ? `; alpha_eff/alpha_${ratios.k} is ${ratios.rows
            .filter(({ successProb }) => [0.01, 0.5, 0.9].includes(successProb))
            .map(({ successProb, ratio }) => `${short(ratio)} at p = ${successProb}`)
            .join(', ')}`
        : '';
      return `unbiased for no pass@k with k <= ${n}${known}${range}${some}`;
    }
  }
}
