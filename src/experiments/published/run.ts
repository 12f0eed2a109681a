/**
 * Experiment `published`: numbers that are printed somewhere else, and ours. No sampling: each is computed here, now, by
 * the code that the other experiments use.
 */
import { exactPassAtK, toNumber } from '../../math/fraction.ts';
import { estimators } from '../../estimators/estimators.ts';
import { passAtK, passAtKWeight, unbiasedPassAtK } from '../../math/passAtK.ts';
import { binomialProbabilities } from '../../math/binomial.ts';
import { weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import type { PublishedResult, PublishedRow } from './result.ts';

interface Printed {
  readonly source: string;
  readonly quantity: string;
  readonly published: number;
  /** half a unit of the last digit printed, or more where the print is vague */
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
    source: ZERO_GRADIENT,
    quantity: `p^n + q^n at n = ${n}, per cent`,
    published,
    tolerance: 0.05,
    ours: () => silentPercent(0.1819, n),
  })),
  {
    source: CHEN_PASS_AT_K,
    quantity: 'success rate at which sum |A| peaks, pass@1, N = 32',
    published: 0.5,
    tolerance: 0.5 / 32,
    ours: () => advantagePeak(32, 1),
  },
  {
    source: CHEN_PASS_AT_K,
    quantity: 'success rate at which sum |A| peaks, pass@8, N = 32',
    published: 0.25,
    tolerance: 0.5 / 32,
    ours: () => advantagePeak(32, 8),
    note: 'their own formula gives 12.5 %; 25 % is the peak of pass@4 at N = 32',
  },
  {
    source: 'the formula of Chen et al. 2508.10751 itself',
    quantity: 'success rate at which sum |A| peaks, pass@8, N = 32',
    published: 0.125,
    tolerance: 0.5 / 32,
    ours: () => advantagePeak(32, 8),
  },
  {
    source: 'Chen et al. 2107.03374 Eq 1, by hand',
    quantity: 'rho(10, 3, 5) = 11/12',
    published: 11 / 12,
    tolerance: 1e-15,
    ours: () => toNumber(exactPassAtK(10, 3, 5)),
  },
  {
    source: 'Chen et al. 2107.03374 Eq 1, by hand',
    quantity: 'rho(100, 5, 10)',
    published: 0.416248,
    tolerance: 5e-7,
    ours: () => unbiasedPassAtK(100, 5, 10),
  },
  {
    source: 'human-eval README, example_samples.jsonl',
    quantity: 'pass@1 of 6 samples, 3 of them correct',
    published: 0.4999999999999999,
    tolerance: 2e-16,
    ours: () => unbiasedPassAtK(6, 3, 1),
    note: 'the README prints float rounding of 1/2',
  },
  {
    source: YU_FIGURE,
    quantity: 'alpha_k / 2 at J1 = 0 is k / 2: k = 8',
    published: 4,
    tolerance: 1e-15,
    ours: () => passAtKWeight(0, 8) / 2,
  },
  {
    source: YU_FIGURE,
    quantity: 'alpha_k at J1 = 1 is 0: k = 8',
    published: 0,
    tolerance: 0,
    ours: () => passAtKWeight(1, 8),
  },
  {
    source: YU_FIGURE,
    quantity: 'alpha_2 / 2 at J1 = .5',
    published: 0.5,
    tolerance: 1e-15,
    ours: () => passAtKWeight(0.5, 2) / 2,
  },
  {
    source: YU_FIGURE,
    quantity: 'J_8 at J1 = .5, 255/256',
    published: 0.99609375,
    tolerance: 1e-15,
    ours: () => passAtK(0.5, 8),
  },
];

export function runPublished(): PublishedResult {
  return {
    experiment: 'published',
    rows: PRINTED.map(({ source, quantity, published, tolerance, ours, note }): PublishedRow => {
      const value = ours();
      return {
        source,
        quantity,
        published,
        tolerance,
        ours: value,
        agrees: Math.abs(value - published) <= tolerance * (1 + 1e-9),
        note: note ?? null,
      };
    }),
  };
}
