/**
 * Any estimator's exact law against k, n or J1, at any policy of a family, with what was measured over it: the one function behind
 * every chart of estimators.
 */
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import { weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import { passAtKWeight } from '../../math/passAtK.ts';
import {
  signalToNoise,
  totalVariance,
  weightMoments,
  type WeightMoments,
} from '../../theory/estimatorTheory.ts';
import { oracleMinimumVariance } from '../../theory/oracleMinimum.ts';
import type { PromptTheory } from '../../theory/promptTheory.ts';
import { formatCount, formatProb } from '../../view/format.ts';
import {
  expit,
  logit,
  pointOf,
  powerText,
  stateOf,
  tickText,
  type Axis,
  type ChartPoint,
  type ChartSeries,
  type Interval,
  type LineChart,
} from '../../view/section.ts';
import { MEASURED_FAMILY, type PolicyFamily } from './families.ts';
import type { VarianceResult } from './result.ts';

/** What was measured of one estimator at one n, k and J1. */
export interface MeasuredShown {
  readonly estimator: string;
  readonly k: number | null;
  readonly groupSize: number;
  readonly successProb: number;
  readonly groupCount: number;
  readonly variance: (Interval & { readonly verdict: string }) | null;
  readonly snr: Interval | null;
  readonly slope: Interval & { readonly verdict: string };
}

export interface VarianceShown {
  readonly cells: readonly MeasuredShown[];
}

const interval = ({ value, low, high }: Interval): Interval => ({ value, low, high });

export function varianceShown({ prompts }: VarianceResult): VarianceShown {
  return {
    cells: prompts.flatMap(({ groupSize, successProb, groupCount, cells }) =>
      cells.map(({ estimator, k, structural, measuredSnr, slope }): MeasuredShown => ({
        estimator,
        k,
        groupSize,
        successProb,
        groupCount,
        variance:
          structural.low === null || structural.high === null
            ? null
            : {
                value: structural.value,
                low: structural.low,
                high: structural.high,
                verdict: structural.verdict,
              },
        snr: measuredSnr && interval(measuredSnr),
        slope: { ...interval(slope), verdict: slope.verdict },
      })),
    ),
  };
}

export const QUANTITIES = ['variance', 'SNR', 'samples', 'alpha', 'bias', 'silence', 'weights'] as const;
export type Quantity = (typeof QUANTITIES)[number];
export const AXES = ['k', 'n', 'J1'] as const;
export type Against = (typeof AXES)[number];

export interface Asked {
  readonly estimators: readonly string[];
  /** estimators from a file, at their own n and k */
  readonly own: readonly WeightTable[];
  /** that can be asked for: the axis of n */
  readonly sizes: readonly number[];
  /** whether the least variance of any unbiased estimator is drawn, where the quantity is one */
  readonly least: boolean;
  readonly quantity: Quantity;
  readonly against: Against;
  readonly successProb: number;
  readonly n: number;
  readonly k: number;
  readonly family: PolicyFamily;
}

const LEAST_SIZE = 2;
/** Up to here every n is drawn; beyond it those that were measured, or that an own estimator has. */
const MOST_SIZE = 32;

/** The group sizes that can be asked for. */
export function sizesOf({ cells }: VarianceShown, own: readonly WeightTable[]): number[] {
  const every = Array.from({ length: MOST_SIZE - LEAST_SIZE + 1 }, (_, i) => LEAST_SIZE + i);
  const further = [...cells.map(({ groupSize }) => groupSize), ...own.map(({ n }) => n)];
  return [...new Set([...every, ...further.filter((n) => n > MOST_SIZE)])].sort((a, b) => a - b);
}
const PROB_ENDS = [1e-3, 1 - 1e-3] as const;
const PROB_POINTS = 96;
const PROBS = Array.from({ length: PROB_POINTS + 1 }, (_, i) =>
  expit(logit(PROB_ENDS[0]) + ((logit(PROB_ENDS[1]) - logit(PROB_ENDS[0])) * i) / PROB_POINTS),
);

const tables = new Map<string, WeightTable | null>();

/** The tables of an estimator at (n, k), kept; null where there are none. */
function tableAt(id: string, n: number, k: number): WeightTable | null {
  const key = `${id} ${n} ${k}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const estimator = findEstimator(id);
  const made = estimator?.undefinedBecause(n, k) === null ? weightTable(estimator, n, k) : null;
  tables.set(key, made);
  return made;
}

const WORDS: Readonly<Record<Quantity, string>> = {
  variance: 'variance of one group’s gradient',
  SNR: 'SNR of one group, |E G|² / Var G',
  samples: 'samples for SNR 1',
  alpha: 'α_eff, in E G = α_eff ∇J1',
  bias: 'bias, α_eff − α it aims at',
  silence: 'share of groups without signal',
  weights: 'weight of a sample',
};
const LOGARITHMIC: readonly Quantity[] = ['variance', 'SNR', 'samples'];

/** What an estimator aims at: alpha_k, or 1 without k. */
const aimOf = (table: WeightTable, p: number): number => passAtKWeight(p, table.k ?? 1);

function valueOf(
  quantity: Quantity,
  table: WeightTable,
  weights: WeightMoments,
  theory: PromptTheory,
): number | null {
  switch (quantity) {
    case 'variance':
      return totalVariance(weights, theory);
    case 'SNR':
      return signalToNoise(weights, theory);
    case 'samples': {
      const snr = signalToNoise(weights, theory);
      return snr ? table.n / snr : null;
    }
    case 'alpha':
      return weights.effectiveAlpha;
    case 'bias': {
      const bias = weights.effectiveAlpha - aimOf(table, theory.successProb);
      return Math.abs(bias) < 1e-12 ? 0 : bias;
    }
    case 'silence':
      return weights.zeroSignalProb;
    case 'weights':
      return null;
  }
}

/** SNR of one group at a policy of the measured family; null where there is none, or no such estimator. */
export function snrAt(id: string, n: number, k: number, successProb: number): number | null {
  const table = tableAt(id, n, k);
  const theory = MEASURED_FAMILY.at(successProb);
  return table && signalToNoise(weightMoments(table, theory.successProb, theory.failureProb), theory);
}

const isInside = (p: number): boolean => p > 0 && p < 1;

/** Where a curve has a value: x, n, k and J1 of each. */
function placesOf({
  against,
  n,
  k,
  successProb,
  sizes,
  family,
}: Asked): { x: number; n: number; k: number; p: number }[] {
  switch (against) {
    case 'k':
      return Array.from({ length: n }, (_, i) => ({ x: i + 1, n, k: i + 1, p: successProb }));
    case 'n':
      return sizes.map((size) => ({ x: size, n: size, k, p: successProb }));
    case 'J1':
      // A file's policy has the J1 of its prompts, and no others.
      return (family.probs === 'any' ? PROBS : family.probs.filter(isInside)).map((p) => ({ x: p, n, k, p }));
  }
}

function lineOf(
  asked: Asked,
  tableOf: (n: number, k: number) => WeightTable | null,
): { x: number; y: number }[] {
  const isLog = LOGARITHMIC.includes(asked.quantity);
  return placesOf(asked).flatMap(({ x, n, k, p }) => {
    const table = tableOf(n, k);
    if (!table) return [];
    const theory = asked.family.at(p);
    const weights = weightMoments(table, theory.successProb, theory.failureProb);
    const y = valueOf(asked.quantity, table, weights, theory);
    return y === null || (isLog && !(y > 0)) ? [] : [{ x, y }];
  });
}

/** Groups or trajectories of a measured point, its value and whether its check was decided. */
function measuredOf(
  { variance, snr, slope, groupSize, k, successProb }: MeasuredShown,
  quantity: Quantity,
): { readonly value: Interval; readonly state: ChartPoint['state'] } | null {
  switch (quantity) {
    case 'variance':
      return variance && { value: variance, state: stateOf(variance.verdict) };
    case 'SNR':
      return snr && { value: snr, state: stateOf(variance?.verdict ?? '') };
    case 'samples':
      return snr && snr.low > 0
        ? {
            value: {
              value: groupSize / snr.value,
              low: groupSize / snr.high,
              high: groupSize / snr.low,
            },
            state: stateOf(variance?.verdict ?? ''),
          }
        : null;
    case 'alpha':
      return { value: slope, state: stateOf(slope.verdict) };
    case 'bias': {
      const aim = passAtKWeight(successProb, k ?? 1);
      return {
        value: { value: slope.value - aim, low: slope.low - aim, high: slope.high - aim },
        state: stateOf(slope.verdict),
      };
    }
    case 'silence':
    case 'weights':
      return null;
  }
}

/** Problems hold J1 as multiples of 2^-32: a slider's .1 is theirs. */
const isSameProb = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;

function pointsOf(
  asked: Asked,
  id: string,
  tableOf: (n: number, k: number) => WeightTable | null,
  { cells }: VarianceShown,
): ChartPoint[] {
  const { quantity, against, n, k, successProb, family } = asked;
  if (family !== MEASURED_FAMILY) return [];
  return cells.flatMap((cell): ChartPoint[] => {
    if (cell.estimator !== id) return [];
    if (against !== 'n' && cell.groupSize !== n) return [];
    if (against !== 'k' && cell.k !== null && cell.k !== k) return [];
    if (against !== 'J1' && !isSameProb(cell.successProb, successProb)) return [];
    const measured = measuredOf(cell, quantity);
    const isDrawn = measured !== null && (measured.value.value > 0 || !LOGARITHMIC.includes(quantity));
    if (!isDrawn) return [];
    const table = tableOf(cell.groupSize, cell.k ?? 1);
    const theory = family.at(cell.successProb);
    const exact =
      table && valueOf(quantity, table, weightMoments(table, theory.successProb, theory.failureProb), theory);
    const x = { k: cell.k ?? 1, n: cell.groupSize, J1: cell.successProb }[against];
    return [
      pointOf(x, measured.value, measured.state, {
        title: `${id}${cell.k === null ? '' : `, k = ${cell.k}`}, n = ${cell.groupSize}, J1 = ${formatProb(cell.successProb)}`,
        exact,
        count: `${formatCount(cell.groupCount)} groups`,
      }),
    ];
  });
}

const AXIS_OF: Readonly<Record<Against, (asked: Asked) => Axis>> = {
  k: ({ n }) => ({ label: 'k, tries', type: 'linear', domain: [1, Math.max(2, n)] }),
  n: ({ sizes }) => ({
    label: 'n, trajectories of a group',
    type: 'linear',
    domain: [sizes[0], sizes[sizes.length - 1]],
  }),
  J1: () => ({
    label: 'J1, chance that one try is right (logit)',
    type: 'logit',
    domain: PROB_ENDS,
    ticks: [1e-3, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - 1e-3],
    tickFormat: tickText,
  }),
};

export function estimatorChart(asked: Asked, measured: VarianceShown): LineChart {
  const { quantity, against, successProb, n, k, family } = asked;
  const at = {
    k: `n = ${n}, J1 = ${formatProb(successProb)}`,
    n: `k = ${k}, J1 = ${formatProb(successProb)}`,
    J1: `n = ${n}, k = ${k}`,
  };
  if (quantity === 'weights') return weightsChart(asked);
  const isLog = LOGARITHMIC.includes(quantity);
  return {
    kind: 'chart',
    name: `${WORDS[quantity]} against ${against} at ${at[against]}, ${family.id}`,
    x: AXIS_OF[against](asked),
    y: {
      label: `${WORDS[quantity]}${isLog ? ' (log)' : ''}`,
      type: isLog ? 'log' : 'linear',
      ...(isLog ? { tickFormat: powerText } : {}),
      ...(quantity === 'silence' ? { domain: [0, 1.02] as const } : {}),
      ...(quantity === 'bias' || quantity === 'alpha' ? { rule: 0 } : {}),
      ...(quantity === 'samples' ? { keep: 'bottom' as const } : {}),
    },
    series: [
      ...sourcesOf(asked).map(({ id, tableOf }): ChartSeries => ({
        name: id,
        line: lineOf(asked, tableOf),
        points: pointsOf(asked, id, tableOf, measured),
      })),
      ...(asked.least && isLog ? [leastLine(asked)] : []),
    ],
  };
}

/** The least variance, and with it the most SNR, of any unbiased estimator of pass@k's gradient: it needs to know the policy. */
export const LEAST_UNBIASED = 'least unbiased';

function leastLine(asked: Asked): ChartSeries {
  return {
    name: LEAST_UNBIASED,
    dash: 'dashed',
    line: placesOf(asked).flatMap(({ x, n, k, p }) => {
      const y = leastAt(asked, n, k, p);
      return y === null ? [] : [{ x, y }];
    }),
    points: [],
  };
}

function leastAt({ family, quantity }: Asked, n: number, k: number, p: number): number | null {
  if (k > n) return null;
  const theory = family.at(p);
  const variance = oracleMinimumVariance(theory, n, k);
  const alpha = passAtKWeight(theory.successProb, k, theory.failureProb);
  const snr = (alpha / variance) * alpha * theory.gradientNormSq;
  const y = quantity === 'variance' ? variance : quantity === 'SNR' ? snr : n / snr;
  return Number.isFinite(y) && y > 0 ? y : null;
}

/** What a series is drawn from: the catalogue's tables at any (n, k), or one table at its own. */
function sourcesOf({ estimators, own }: Asked): {
  readonly id: string;
  readonly tableOf: (n: number, k: number) => WeightTable | null;
}[] {
  return [
    ...estimators.map((id) => ({ id, tableOf: (n: number, k: number) => tableAt(id, n, k) })),
    ...own.map((table) => ({
      id: table.estimatorId,
      tableOf: (n: number, k: number) =>
        n === table.n && (table.k === null || k === table.k) ? table : null,
    })),
  ];
}

export interface ValueAt {
  readonly name: string;
  /** null where it is not defined */
  readonly exact: number | null;
  readonly least: number | null;
}

/** Every series exactly at the n, k and J1 that are asked for, whatever its line is drawn from. */
export function valuesAt(asked: Asked): ValueAt[] {
  const { quantity, n, k, successProb, family, least } = asked;
  const theory = family.at(successProb);
  const bound = LOGARITHMIC.includes(quantity) ? leastAt(asked, n, k, successProb) : null;
  return [
    ...sourcesOf(asked).map(({ id, tableOf }): ValueAt => {
      const table = tableOf(n, k);
      const exact =
        table &&
        valueOf(quantity, table, weightMoments(table, theory.successProb, theory.failureProb), theory);
      return { name: id, exact, least: bound };
    }),
    ...(least && bound !== null ? [{ name: LEAST_UNBIASED, exact: bound, least: bound }] : []),
  ];
}

/** w1(c) solid, w0(c) dashed. */
function weightsChart({ estimators, own, n, k }: Asked): LineChart {
  const chosen = [
    ...estimators.flatMap((id) => tableAt(id, n, k) ?? []),
    ...own.filter((table) => table.n === n),
  ];
  return {
    kind: 'chart',
    name: `Weights w1(c) of a right sample, and dashed w0(c) of a wrong one, n = ${n}, k = ${k}`,
    x: { label: 'c, right ones of the group', type: 'linear', domain: [0, n] },
    y: { label: WORDS.weights, type: 'linear', rule: 0 },
    series: chosen.flatMap(({ estimatorId, correct, wrong }): ChartSeries[] => [
      {
        name: estimatorId,
        line: [...correct].map((y, x) => ({ x, y })).slice(1),
        points: [],
      },
      {
        name: estimatorId,
        dash: 'dashed',
        line: [...wrong].map((y, x) => ({ x, y })).slice(0, -1),
        points: [],
      },
    ]),
  };
}
