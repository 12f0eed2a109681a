/** Theorem 3.2 as charts: discovery, the mass of M1, the gap along training, and the modes that survive. */
import { formatCount, formatProb } from '../../view/format.ts';
import { pointOf, stateOf, type ChartSeries, type Figure, type Interval } from '../../view/section.ts';
import type { CollapseResult } from './result.ts';

export interface CollapseShown {
  readonly cases: readonly {
    readonly id: string;
    readonly groupSize: number;
    readonly rareProb: number;
    readonly discovery: Interval & { readonly count: number; readonly verdict: string };
    /** d E[pi(M1)] / d rate given no sample of M2, by rule */
    readonly firstOrder: Readonly<Record<string, number>>;
  }[];
  readonly curves: readonly {
    readonly id: string;
    readonly k: number;
    readonly points: readonly {
      readonly step: number;
      readonly gap: Interval & { readonly count: number };
      readonly exactGap: number;
      readonly gapOfMode: number;
      readonly verdict: string;
    }[];
  }[];
  readonly kept: readonly {
    readonly estimator: string;
    readonly k: number | null;
    readonly groupSize: number;
    readonly rareProb: number;
    readonly oneMode: Interval & { readonly count: number };
  }[];
}

const counted = ({
  value,
  low,
  high,
  count,
}: Interval & { readonly count: number }): Interval & { readonly count: number } => ({
  value,
  low,
  high,
  count,
});

export function collapseShown({ cases, curves, kept }: CollapseResult): CollapseShown {
  return {
    cases: cases.map(({ id, groupSize, rareProb, discovery, cells }) => ({
      id,
      groupSize,
      rareProb,
      discovery: { ...counted(discovery.measured), verdict: discovery.verdict },
      firstOrder: Object.fromEntries(cells.map(({ rule, firstOrder }) => [rule, firstOrder])),
    })),
    curves: curves.map(({ id, k, points }) => ({
      id,
      k,
      points: points.map(({ step, measuredGap, exactGap, gapOfMode, verdict }) => ({
        step,
        gap: counted(measuredGap),
        exactGap,
        gapOfMode,
        verdict,
      })),
    })),
    kept: kept.map(({ estimator, k, groupSize, rareProb, oneMode }) => ({
      estimator,
      k,
      groupSize,
      rareProb,
      oneMode: counted(oneMode),
    })),
  };
}

const LEAST_PROB = 0.005;
const MOST_PROB = 0.2;
const CURVE_POINTS = 60;

export const discoveryFigure: Figure<CollapseShown> = {
  id: 'discovery',
  choosers: () => [],
  draw: ({ cases }) => {
    const sizes = [...new Set(cases.map(({ groupSize }) => groupSize))].sort((a, b) => a - b);
    const probs = Array.from(
      { length: CURVE_POINTS + 1 },
      (_, i) => LEAST_PROB * (MOST_PROB / LEAST_PROB) ** (i / CURVE_POINTS),
    );
    return {
      kind: 'chart',
      name: 'Chance that a step finds M2: exact, the bound n ε dashed, measured points',
      x: {
        label: 'ε, mass of M2 (log)',
        type: 'log',
        domain: [LEAST_PROB, MOST_PROB],
        ticks: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2],
        tickFormat: String,
      },
      y: { label: 'chance that a step finds M2', type: 'linear', domain: [0, 1.02] },
      series: sizes.flatMap((n): ChartSeries[] => [
        {
          name: `n = ${n}`,
          line: probs.map((x) => ({ x, y: -Math.expm1(n * Math.log1p(-x)) })),
          points: cases
            .filter(({ groupSize }) => groupSize === n)
            .map(({ id, rareProb, discovery }) =>
              pointOf(rareProb, discovery, stateOf(discovery.verdict), {
                title: id,
                exact: -Math.expm1(n * Math.log1p(-rareProb)),
                count: `${formatCount(discovery.count)} groups`,
              }),
            ),
        },
        {
          name: `n = ${n}`,
          dash: 'dashed',
          line: probs.filter((x) => n * x <= 1).map((x) => ({ x, y: n * x })),
          points: [],
        },
      ]),
    };
  },
};

/** Every case on one axis, in the order of what reinforcing every sample does. */
export const massFigure: Figure<CollapseShown> = {
  id: 'mass',
  choosers: () => [],
  draw: ({ cases }) => {
    const rules = [...new Set(cases.flatMap(({ firstOrder }) => Object.keys(firstOrder)))].filter(
      (rule) => rule === 'successes only' || rule === 'all samples',
    );
    const ordered = [...cases].sort(
      (a, b) => (a.firstOrder['all samples'] ?? 0) - (b.firstOrder['all samples'] ?? 0),
    );
    return {
      kind: 'chart',
      name: 'Mean change of the mass of M1 without a sample of M2, to first order, case by case, exact',
      x: {
        label: 'case, in the order of “all samples”',
        type: 'linear',
        domain: [0, ordered.length + 1],
      },
      y: { label: 'd E π(M1) / d rate', type: 'linear', rule: 0 },
      series: rules.map((rule): ChartSeries => ({
        name: rule,
        line: [],
        points: ordered.flatMap(({ id, firstOrder }, i) => {
          const value = firstOrder[rule];
          return [
            pointOf(i + 1, { value, low: value, high: value }, 'decided', {
              title: `${id}, ${rule}`,
              exact: value,
              count: 'enumerated',
            }),
          ];
        }),
      })),
    };
  },
};

export const gapFigure: Figure<CollapseShown> = {
  id: 'gap',
  choosers: () => [],
  draw: ({ curves }) => {
    const k = curves.at(0)?.k ?? 1;
    return {
      kind: 'chart',
      name: `Gap pass@${k} − pass@1 along training, mean over replicas; dashed as Eq 19 has it, with 1 − π(M1)`,
      x: { label: 'step', type: 'linear' },
      y: { label: `pass@${k} − pass@1`, type: 'linear', rule: 0 },
      series: curves.flatMap(({ id, points }): ChartSeries[] => [
        {
          name: id,
          line: points.map(({ step, exactGap }) => ({ x: step, y: exactGap })),
          points: points.map(({ step, gap, exactGap, verdict }) =>
            pointOf(step, gap, stateOf(verdict), {
              title: `${id}, step ${step}`,
              exact: exactGap,
              count: `${formatCount(gap.count)} groups`,
            }),
          ),
        },
        {
          name: id,
          dash: 'dashed',
          line: points.map(({ step, gapOfMode }) => ({ x: step, y: gapOfMode })),
          points: [],
        },
      ]),
    };
  },
};

const SIZE = 'n';
/** Told apart best, where they were trained. */
const USUAL = ['reinforce', 'rloo', 'grpo', 'pkpo-loo1', 'ordergrad', 'psr', 'nsr'];

export const keptFigure: Figure<CollapseShown> = {
  id: 'kept',
  choosers: ({ kept }) => {
    const sizes = [...new Set(kept.map(({ groupSize }) => groupSize))].sort((a, b) => a - b).map(String);
    return sizes.length === 0 ? [] : [{ label: SIZE, options: sizes, first: sizes[sizes.length - 1] }];
  },
  draw: ({ kept }, { [SIZE]: size }) => {
    const own = kept.filter(({ groupSize }) => String(groupSize) === size);
    const nameOf = ({ estimator, k }: (typeof own)[number]): string =>
      k === null ? estimator : `${estimator} k = ${k}`;
    const usual = own.filter(({ estimator }) => USUAL.includes(estimator));
    const shown = usual.length > 0 ? usual : own;
    return {
      kind: 'chart',
      name: `Share of replicas that end with one mode against the mass of the rare one, n = ${size}`,
      x: {
        label: 'ε, initial mass of the rare mode (log)',
        type: 'log',
        ticks: [...new Set(own.map(({ rareProb }) => rareProb))].sort((a, b) => a - b),
        tickFormat: String,
      },
      y: { label: 'replicas that end with one mode', type: 'linear', domain: [0, 1.02] },
      series: [...new Set(shown.map(nameOf))].map((name): ChartSeries => {
        const cells = shown.filter((cell) => nameOf(cell) === name).sort((a, b) => a.rareProb - b.rareProb);
        return {
          name,
          lineIs: 'joins points',
          line: cells.map(({ rareProb, oneMode }) => ({ x: rareProb, y: oneMode.value })),
          points: cells.map(({ rareProb, oneMode }) =>
            pointOf(rareProb, oneMode, 'decided', {
              title: `${name}, mass ${formatProb(rareProb)}`,
              count: `${oneMode.count} replicas`,
            }),
          ),
        };
      }),
    };
  },
};
