/** Pass@k of the initial and of trained policies over k, as a chart. */
import { type ChartSeries, type Chooser, type Figure, type LineChart } from '../../view/section.ts';
import type { CrossoverResult } from './result.ts';

interface BandShown {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface CrossoverShown {
  readonly curves: readonly {
    readonly workload: string;
    readonly objective: string;
    readonly points: readonly {
      readonly k: number;
      readonly initial: number;
      readonly trained: BandShown;
      readonly initialMajority: number | null;
      readonly trainedMajority: BandShown | null;
    }[];
  }[];
}

export const crossoverShown = ({ curves }: CrossoverResult): CrossoverShown => ({
  curves: curves.map(({ workload, objective, points }) => ({ workload, objective, points })),
});

const WORKLOAD = 'Workload';
const QUANTITY = 'Quantity';
const POWERS = ['pass@k', 'maj@k (majority of k)'];

function choosers({ curves }: CrossoverShown): Chooser[] {
  const workloads = [...new Set(curves.map(({ workload }) => workload))];
  if (workloads.length === 0) return [];
  return [
    { label: WORKLOAD, options: workloads, first: workloads[0] },
    ...(curves.some(({ points }) => points.some(({ trainedMajority }) => trainedMajority !== null))
      ? [{ label: QUANTITY, options: POWERS, first: POWERS[0] }]
      : []),
  ];
}

/** Pass@1's own gradient stays for comparison. */
const BASELINE = 'rloo';

/** @param objectives whose curves are drawn, the untrained policy apart */
export function crossoverChart(
  { curves }: CrossoverShown,
  workload: string,
  objectives: readonly string[],
  quantity = POWERS[0],
): LineChart {
  const isMajority = quantity !== POWERS[0];
  const own = curves.filter((curve) => curve.workload === workload);
  const shown = own.filter(({ objective }) => objectives.includes(objective));
  const initial: ChartSeries = {
    name: 'untrained',
    dash: 'dashed',
    line: (own.at(0)?.points ?? []).flatMap(({ k, initial: value, initialMajority }) => {
      const y = isMajority ? initialMajority : value;
      return y === null ? [] : [{ x: k, y }];
    }),
    points: [],
  };
  const trained = shown.map(({ objective, points }): ChartSeries => {
    const bands = points.flatMap(({ k, trained: band, trainedMajority }) => {
      const used = isMajority ? trainedMajority : band;
      return used ? [{ k, ...used }] : [];
    });
    return {
      name: objective,
      lineIs: 'median of replicas',
      line: bands.map(({ k, median }) => ({ x: k, y: median })),
      points: [],
      band: bands.map(({ k, low, high }) => ({ x: k, low, high })),
    };
  });
  const ticks = initial.line.map(({ x }) => x);
  return {
    kind: 'chart',
    name: `${quantity} of the untrained and of trained policies, ${workload}`,
    x: { label: 'k, tries (log)', type: 'log', ticks, tickFormat: String },
    y: { label: isMajority ? 'mean maj@k' : 'mean pass@k', type: 'linear', domain: [0, 1.02] },
    series: [initial, ...trained],
  };
}

export const crossoverFigure: Figure<CrossoverShown> = {
  id: 'crossover',
  choosers: (shown) => {
    const objectives = [...new Set(shown.curves.map(({ objective }) => objective))];
    const first = objectives.includes(BASELINE) ? BASELINE : objectives.at(0);
    return first === undefined
      ? []
      : [...choosers(shown), { label: 'Trained with', options: objectives, first }];
  },
  draw: (shown, choice) =>
    crossoverChart(shown, choice[WORKLOAD], [choice['Trained with']], choice[QUANTITY]),
};
