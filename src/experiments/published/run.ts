/**
 * Experiment `published`: numbers that are printed somewhere else, formulas and phrases of others, and ours beside each. No
 * sampling: each is computed here, now, by the code that the other experiments use. Only what a source prints is called printed.
 */
import { exactPassAtK, toNumber } from '../../math/fraction.ts';
import { estimators } from '../../estimators/estimators.ts';
import { passAtK, passAtKWeight, unbiasedPassAtK } from '../../math/passAtK.ts';
import { binomialProbabilities } from '../../math/binomial.ts';
import { weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import type { PublishedKind, PublishedResult, PublishedRow } from './result.ts';

interface Printed {
  readonly kind: PublishedKind;
  readonly source: string;
  readonly quantity: string;
  /** null where the source gives words alone */
  readonly published: number | null;
  /** half a unit of the last digit printed, or more where the print is vague; 0 for words */
  readonly tolerance: number;
  readonly ours: () => number;
  readonly note?: string;
}

function catalogueTable(id: string, n: number, k: number | null): WeightTable {
  const estimator = estimators.find((candidate) => candidate.id === id);
  if (!estimator) throw new Error(`the catalogue has no ${id}`);
  return weightTable(estimator, n, k);
}

/** The success rate c/N at which Σ_i |A_i| of a group is largest. */
function advantagePeak(groupSize: number, k: number): number {
  const { correct, wrong } = catalogueTable('passk-training', groupSize, k);
  const totals = Array.from(
    correct,
    (weight, c) => c * Math.abs(weight) + (groupSize - c) * Math.abs(wrong[c]),
  );
  return totals.indexOf(Math.max(...totals)) / groupSize;
}

/** Chance of a group without signal for GRPO, in per cent. */
function silentPercent(successProb: number, n: number): number {
  const { hasSignal } = catalogueTable('grpo', n, null);
  const probabilities = binomialProbabilities(n, successProb, 1 - successProb);
  return 100 * hasSignal.reduce((sum, has, c) => sum + (has ? 0 : probabilities[c]), 0);
}

/** E[c/n | 0 < c < n], as a sum. */
function mixedGroupMean(p: number, n: number): number {
  const probabilities = binomialProbabilities(n, p, 1 - p);
  let [sum, chance] = [0, 0];
  for (let c = 1; c < n; c += 1) {
    chance += probabilities[c];
    sum += (probabilities[c] * c) / n;
  }
  return sum / chance;
}

/** E[q^(k−1) | c of n], p uniform beforehand: B(c+1, n−c+k) / B(c+1, n−c+1), as a product. */
function posteriorFailure(c: number, n: number, k: number): number {
  let value = 1;
  for (let i = 0; i < k - 1; i += 1) value *= (n - c + 1 + i) / (n + 2 + i);
  return value;
}

/** Expected share of a group that equals its K-quantile, the baseline: wrong where at most 1 − K succeed, else correct. */
function quantileSilence(p: number, n: number, quantile: number): number {
  return binomialProbabilities(n, p, 1 - p).reduce(
    (sum, prob, c) => sum + prob * (c / n <= 1 - quantile ? (n - c) / n : c / n),
    0,
  );
}

/** Where α_k² p q is greatest, by a search of a fine grid: nothing about its place is assumed. */
function signalPeak(k: number): number {
  let [best, greatest] = [0, 0];
  for (let i = 1; i < 1e4; i += 1) {
    const p = i / 1e4;
    const signal = passAtKWeight(p, k) ** 2 * p * (1 - p);
    if (signal > greatest) [best, greatest] = [p, signal];
  }
  return best;
}

const ZERO_GRADIENT = 'zero-gradient fractions of GRPO at p = .1819, 70.2 / 44.9 / 20.1 / 4.0 %';
const CHEN_PASS_AT_K = 'Chen et al. 2508.10751, text on total advantage';
const YU_FIGURE = 'Yu 2511.16231, Figure 1 and Eq 5-7';

const PRINTED: readonly Printed[] = [
  ...(
    [
      [2, 70.2],
      [4, 44.9],
      [8, 20.1],
      [16, 4.0],
    ] as const
  ).map(([n, published]): Printed => ({
    kind: 'printed',
    source: ZERO_GRADIENT,
    quantity: `p^n + q^n at n = ${n}, per cent`,
    published,
    tolerance: 0.05,
    ours: () => silentPercent(0.1819, n),
  })),
  {
    kind: 'printed',
    source: CHEN_PASS_AT_K,
    quantity: 'success rate at which sum |A| peaks, pass@1, N = 32',
    published: 0.5,
    tolerance: 0.5 / 32,
    ours: () => advantagePeak(32, 1),
  },
  {
    kind: 'printed',
    source: CHEN_PASS_AT_K,
    quantity: 'success rate at which sum |A| peaks, pass@8, N = 32',
    published: 0.25,
    tolerance: 0.5 / 32,
    ours: () => advantagePeak(32, 8),
    note: 'their own formula gives 12.5 %; 25 % is the peak of pass@4 at N = 32, or the figure is of pass@4',
  },
  {
    kind: 'formula',
    source: 'the formula of Chen et al. 2508.10751 itself',
    quantity: 'success rate at which sum |A| peaks, pass@8, N = 32',
    published: 0.125,
    tolerance: 0.5 / 32,
    ours: () => advantagePeak(32, 8),
  },
  {
    kind: 'formula',
    source: 'Chen et al. 2107.03374 Eq 1, by hand',
    quantity: 'rho(10, 3, 5) = 11/12',
    published: 11 / 12,
    tolerance: 1e-15,
    ours: () => toNumber(exactPassAtK(10, 3, 5)),
  },
  {
    kind: 'formula',
    source: 'Chen et al. 2107.03374 Eq 1, by hand',
    quantity: 'rho(100, 5, 10)',
    published: 0.416248,
    tolerance: 5e-7,
    ours: () => unbiasedPassAtK(100, 5, 10),
  },
  {
    kind: 'printed',
    source: 'human-eval README, example_samples.jsonl',
    quantity: 'pass@1 of 6 samples, 3 of them correct',
    published: 0.4999999999999999,
    tolerance: 2e-16,
    ours: () => unbiasedPassAtK(6, 3, 1),
    note: 'the README prints float rounding of 1/2',
  },
  {
    kind: 'formula',
    source: YU_FIGURE,
    quantity: 'alpha_k / 2 at J1 = 0 is k / 2: k = 8',
    published: 4,
    tolerance: 1e-15,
    ours: () => passAtKWeight(0, 8) / 2,
  },
  {
    kind: 'formula',
    source: YU_FIGURE,
    quantity: 'alpha_k at J1 = 1 is 0: k = 8',
    published: 0,
    tolerance: 0,
    ours: () => passAtKWeight(1, 8),
  },
  {
    kind: 'formula',
    source: YU_FIGURE,
    quantity: 'alpha_2 / 2 at J1 = .5',
    published: 0.5,
    tolerance: 1e-15,
    ours: () => passAtKWeight(0.5, 2) / 2,
  },
  {
    kind: 'formula',
    source: YU_FIGURE,
    quantity: 'J_8 at J1 = .5, 255/256',
    published: 0.99609375,
    tolerance: 1e-15,
    ours: () => passAtK(0.5, 8),
  },
  ...(
    [
      [0.02, 0.134],
      [0.1, 0.1756],
      [0.25, 0.2778],
    ] as const
  ).map(([p, published]): Printed => ({
    kind: 'formula',
    source: 'on Yang et al. 2601.08521 (advantages of mixed groups are biased)',
    quantity: `mean success rate of a mixed group, (p - p^n)/(1 - p^n - q^n), n = 8, p = ${p}`,
    published,
    tolerance: 5e-5,
    ours: () => mixedGroupMean(p, 8),
  })),
  ...(
    [
      [8, 256, 0.0304],
      [16, 16, 0.516],
    ] as const
  ).map(([n, k, published]): Printed => ({
    kind: 'formula',
    source: 'on 2606.15455, which could not be looked up',
    quantity: `u(1)/u(0) = n/(n+k-1), u(c) the posterior mean of q^(k-1) under a flat prior: n = ${n}, k = ${k}`,
    published,
    tolerance: 5e-4,
    ours: () => posteriorFailure(1, n, k) / posteriorFailure(0, n, k),
    note: '"nearly saturated after one success" is so only for k far above n',
  })),
  ...[0.1, 0.3, 0.5, 0.7, 0.9].map((p): Printed => ({
    kind: 'phrase',
    source: 'Wu et al. 2509.22611, abstract: "roughly 80% of responses receive zero advantage"',
    quantity: `samples equal to the K-quantile of their group, per cent: K = .4, n = 8, p = ${p}`,
    published: null,
    tolerance: 0,
    ours: () => 100 * quantileSilence(p, 8, 0.4),
  })),
  ...[1, 2, 8].map((k): Printed => ({
    kind: 'phrase',
    source: 'Yin et al. 2605.05112: the signal is strongest near a pass rate of 50 %',
    quantity: `J1 at which alpha_k^2 p q, the signal of pass@k, is greatest: k = ${k}`,
    published: null,
    tolerance: 0,
    ours: () => signalPeak(k),
    note: 'true of k = 1; of pass@k it is 1/(2k)',
  })),
];

export function runPublished(): PublishedResult {
  const rows = PRINTED.map(({ kind, source, quantity, published, tolerance, ours, note }): PublishedRow => {
    const value = ours();
    return {
      ...{ kind, source, quantity, published, tolerance },
      ours: value,
      agrees: published === null ? null : Math.abs(value - published) <= tolerance * (1 + 1e-9),
      note: note ?? null,
    };
  });
  const printed = rows.filter(({ kind }) => kind === 'printed');
  return {
    experiment: 'published',
    printed: { total: printed.length, agree: printed.filter(({ agrees }) => agrees).length },
    rows,
  };
}
