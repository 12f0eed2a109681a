/**
 * What training on these problems would see: for groups of n drawn from this model, how many teach an estimator nothing,
 * where its weight falls between easy and hard problems, and what that costs in noise. Averages over the fitted distribution
 * of p and, for one problem, over what is not known of its p.
 *
 * Weight on a problem is |alpha_eff| at its p. How much of a group's gradient is signal, |E G|²/E|G|² = SNR/(1 + SNR), needs scores, which
 * counts do not have; it is given for one model of them, the needle: one correct answer to a problem, wrong ones all different, so
 * |∇J1|² = p² q², v_1 = 0, v_0 = 1.
 */
import { estimators, type Estimator } from '../estimators/estimators.ts';
import { weightMoments, type WeightMoments } from '../theory/estimatorTheory.ts';
import { weightTable, type WeightTable } from '../estimators/weightTables.ts';
import { NO_WEIGHT, type Mixture } from './difficulty.ts';

/** Problems by p. */
const DIFFICULTIES = [
  { id: 'never or hardly', low: 0, high: 0.01 },
  { id: 'hard', low: 0.01, high: 0.1 },
  { id: 'middling', low: 0.1, high: 0.5 },
  { id: 'easy', low: 0.5, high: 0.9 },
  { id: 'nearly always', low: 0.9, high: 1 },
] as const;

/** Counts of n cannot tell p below 1/n apart: the first two kinds are one where n is small. */
function difficultiesFor(leastSamples: number): readonly { id: string; low: number; high: number }[] {
  const [never, hard, ...others] = DIFFICULTIES;
  if (1 / leastSamples <= never.high) return DIFFICULTIES;
  return [{ id: 'hard or never', low: never.low, high: hard.high }, ...others];
}

export interface WeightShare {
  readonly difficulty: string;
  /** p from .. to */
  readonly low: number;
  readonly high: number;
  /** share of the problems */
  readonly problems: number;
  /** mean alpha_eff there */
  readonly meanWeight: number;
  /** share of the sum of |alpha_eff| over all problems */
  readonly weight: number;
  /** share of the sum of signal shares, under the needle assumption */
  readonly signal: number;
}

export interface TrainingCell {
  readonly estimator: string;
  readonly n: number;
  readonly k: number | null;
  /** share of groups in which every sample has weight 0 */
  readonly silent: number;
  /** sum of |alpha_eff| that falls on problems of p < 0.1 */
  readonly weightOnHard: number;
  /** mean over problems of |E G|²/E|G|², under the needle assumption */
  readonly signal: number;
  readonly shares: readonly WeightShare[];
}

export interface TrainingView {
  /** share of groups without any success, and with nothing but successes, by n */
  readonly groups: readonly {
    readonly n: number;
    readonly noneCorrect: number;
    readonly allCorrect: number;
    /** n is beyond the samples of some problem: what is said rests on the fitted distribution alone */
    readonly extrapolated: boolean;
  }[];
  readonly cells: readonly TrainingCell[];
  readonly assumption: string;
  readonly advice: readonly string[];
}

export const NEEDLE = 'one correct answer to each problem, wrong ones all different';

/** k looked at in groups of n: powers of two up to n / 2. */
function ksFor(n: number): number[] {
  return [2, 4, 8, 16].filter((k) => k <= n / 2);
}

/** @param leastSamples of any problem */
export function trainingView(
  { probs, weights, ...fit }: Mixture,
  groupSizes: readonly number[],
  leastSamples: number,
): TrainingView {
  const kept = Array.from(probs, (_, g) => g).filter((g) => weights[g] > NO_WEIGHT);
  const mixture: Mixture = {
    ...fit,
    probs: Float64Array.from(kept, (g) => probs[g]),
    weights: Float64Array.from(kept, (g) => weights[g]),
  };
  const numbers = numbersOf(mixture.probs);
  const difficulties = difficultiesFor(leastSamples);
  const cells = groupSizes.flatMap((n) =>
    estimators.flatMap((estimator) =>
      (estimator.usesK ? ksFor(n) : [null]).flatMap((k) =>
        cellOf(estimator, n, k, mixture, numbers, difficulties),
      ),
    ),
  );
  return {
    groups: groupSizes.map((n) => ({
      n,
      noneCorrect: mean(mixture, (p) => (1 - p) ** n),
      allCorrect: mean(mixture, (p) => p ** n),
      extrapolated: n > leastSamples,
    })),
    cells,
    assumption: `signal, |E G|^2 / E|G|^2 of one group, if there is ${NEEDLE}`,
    advice: adviceOf(cells, groupSizes, leastSamples),
  };
}

function cellOf(
  estimator: Estimator,
  n: number,
  k: number | null,
  mixture: Mixture,
  numbers: Uint32Array,
  difficulties: ReturnType<typeof difficultiesFor>,
): TrainingCell[] {
  if (estimator.undefinedBecause(n, k ?? 1) !== null) return [];
  const { probs, weights } = mixture;
  const { table, effectiveAlpha, zeroSignalProb, signal } = lawsAt(estimator, n, k, probs, numbers);
  let [total, totalSignal, silent] = [0, 0, 0];
  for (let g = 0; g < probs.length; g += 1) {
    const at = numbers[g];
    total += weights[g] * Math.abs(effectiveAlpha[at]);
    totalSignal += weights[g] * signal[at];
    silent += weights[g] * zeroSignalProb[at];
  }
  const shares = difficulties.map(({ id, low, high }, i): WeightShare => {
    const isLast = i === difficulties.length - 1;
    let [problems, signed, weight, own] = [0, 0, 0, 0];
    for (let g = 0; g < probs.length; g += 1) {
      const p = probs[g];
      if (p < low || p > high || (p === high && !isLast)) continue;
      const at = numbers[g];
      problems += weights[g];
      signed += weights[g] * effectiveAlpha[at];
      weight += weights[g] * Math.abs(effectiveAlpha[at]);
      own += weights[g] * signal[at];
    }
    return {
      difficulty: id,
      low,
      high,
      problems,
      meanWeight: problems > 0 ? signed / problems : 0,
      weight: total > 0 ? weight / total : 0,
      signal: totalSignal > 0 ? own / totalSignal : 0,
    };
  });
  return [
    {
      estimator: table.estimatorId,
      n,
      k: table.k,
      silent,
      weightOnHard: shares.reduce((sum, { high, weight }) => sum + (high <= 0.1 ? weight : 0), 0),
      signal: totalSignal,
      shares,
    },
  ];
}

/** Laws of one table at every p that was asked for, by the p's number. */
interface KnownLaws {
  readonly table: WeightTable;
  readonly effectiveAlpha: Float64Array;
  readonly zeroSignalProb: Float64Array;
  readonly signal: Float64Array;
}

/** p that are remembered: a grid, and the rates of some hundred evaluations. */
const MOST_PROBS = 2 ** 12;
/** Laws depend on (estimator, n, k) and p alone: the same for every evaluation, whose grids of p overlap. */
const knownLaws = new Map<string, KnownLaws>();
const probNumbers = new Map<number, number>();

/** Numbers of these p, the same for every table. */
function numbersOf(probs: Float64Array): Uint32Array {
  if (probNumbers.size + probs.length > MOST_PROBS) {
    probNumbers.clear();
    knownLaws.clear();
  }
  return Uint32Array.from(probs, (p) => {
    const known = probNumbers.get(p);
    if (known !== undefined) return known;
    probNumbers.set(p, probNumbers.size);
    return probNumbers.size - 1;
  });
}

/** Laws at these p, filled in where they are asked for the first time. */
function lawsAt(
  estimator: Estimator,
  n: number,
  k: number | null,
  probs: Float64Array,
  numbers: Uint32Array,
): KnownLaws {
  const key = `${estimator.id} ${n} ${k}`;
  let laws = knownLaws.get(key);
  if (!laws) {
    const unknown = (): Float64Array => new Float64Array(MOST_PROBS + probs.length).fill(NaN);
    laws = {
      table: weightTable(estimator, n, k),
      effectiveAlpha: unknown(),
      zeroSignalProb: unknown(),
      signal: unknown(),
    };
    knownLaws.set(key, laws);
  }
  const { table, effectiveAlpha, zeroSignalProb, signal } = laws;
  for (let g = 0; g < probs.length; g += 1) {
    const at = numbers[g];
    if (!Number.isNaN(signal[at])) continue;
    const law = lawAt(table, probs[g]);
    effectiveAlpha[at] = law.effectiveAlpha;
    zeroSignalProb[at] = law.zeroSignalProb;
    signal[at] = law.signal;
  }
  return laws;
}

export type GroupLawAt = WeightMoments & { readonly signal: number };

/** alpha_eff, silence, and how much of one group's gradient at p is signal under the needle. */
export function lawAt(table: WeightTable, p: number): GroupLawAt {
  const q = 1 - p;
  const moments = weightMoments(table, p, q);
  const rarer = Math.min(p, q);
  // |∇J1 / r|² = (p q / r)²
  const direction = rarer === 0 ? 0 : ((p * q) / rarer) ** 2;
  const variance = moments.wrongLoad + direction * moments.countVariance;
  const meanSq = (moments.effectiveAlpha * rarer) ** 2 * direction;
  return { ...moments, signal: meanSq > 0 ? meanSq / (meanSq + variance) : 0 };
}

function mean({ probs, weights }: Mixture, value: (p: number) => number): number {
  return probs.reduce((sum, p, g) => sum + weights[g] * value(p), 0);
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function adviceOf(
  cells: readonly TrainingCell[],
  groupSizes: readonly number[],
  leastSamples: number,
): string[] {
  const find = (id: string, n: number, k: number | null): TrainingCell | undefined =>
    cells.find((cell) => cell.estimator === id && cell.n === n && cell.k === k);
  const words: string[] = [];
  const plain = groupSizes.flatMap((n) => find('rloo', n, null) ?? []);
  if (plain.length > 0) {
    words.push(
      `groups that teach pass@1 (rloo, GRPO) nothing: ${plain.map(({ n, silent }) => `${percent(silent)} at n = ${n}${n > leastSamples ? ` (extrapolated from ${leastSamples} samples)` : ''}`).join(', ')}`,
    );
  }
  const n = groupSizes.includes(16) ? 16 : groupSizes[Math.floor(groupSizes.length / 2)];
  const ks = ksFor(n).flatMap((k) => find('ordergrad', n, k) ?? []);
  const first = find('rloo', n, null);
  const last = ks.at(-1);
  if (first && last) {
    words.push(
      `at n = ${n} the share of weight on problems of p < 0.1 goes from ${percent(first.weightOnHard)} at k = 1 to ` +
        `${percent(last.weightOnHard)} at k = ${last.k}, groups without weight from ${percent(first.silent)} to ${percent(last.silent)} ` +
        `(ordergrad), and the share of signal in a group's gradient from ${percent(first.signal)} to ${percent(last.signal)}`,
    );
  }
  const best = [...cells].filter((cell) => cell.n === n).sort((a, b) => b.signal - a.signal)[0] as
    TrainingCell | undefined;
  if (best) {
    words.push(
      `of all estimators at n = ${n}, ${best.estimator}${best.k === null ? '' : ` k = ${best.k}`} has the largest share of signal, ${percent(best.signal)}, if there is ${NEEDLE}`,
    );
  }
  return words;
}
