/** What each objective does along training, as charts that share their objectives. */
import type { ChartSeries, Figure, LineChart } from '../../view/section.ts';
import type { ObjectivesResult } from './result.ts';

const QUANTITIES = ['passAt1', 'passAtK', 'entropy', 'modes'] as const;
export type Quantity = (typeof QUANTITIES)[number];

interface BandShown {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}
type PointShown = { readonly step: number } & Readonly<Record<Quantity, BandShown>>;

export interface ObjectivesShown {
  readonly workloads: readonly {
    readonly id: string;
    readonly k: number;
    readonly modeCount: number;
    readonly curves: readonly {
      readonly objective: string;
      readonly points: readonly PointShown[];
    }[];
  }[];
}

export const objectivesShown = ({ workloads }: ObjectivesResult): ObjectivesShown => ({
  workloads: workloads.map(({ id, k, modeCount, curves }) => ({
    id,
    k,
    modeCount,
    curves: curves.map(({ objective, points }) => ({ objective, points })),
  })),
});

/** "pass@1", "pass@4", "entropy", "modes kept" */
const quantityName = (quantity: Quantity, k: number): string =>
  ({ passAt1: 'pass@1', passAtK: `pass@${k}`, entropy: 'entropy (nats)', modes: 'modes kept' })[quantity];

/** @param objectives whose curves are drawn */
export function objectivesChart(
  { workloads }: ObjectivesShown,
  workloadId: string,
  quantity: Quantity,
  objectives: readonly string[],
): LineChart {
  const workload = workloads.find(({ id }) => id === workloadId) ?? workloads.at(0);
  const name = quantityName(quantity, workload?.k ?? 1);
  return {
    kind: 'chart',
    name: `${name} along training, ${workload?.id ?? workloadId}`,
    x: { label: 'step', type: 'linear' },
    y: {
      label: quantity === 'modes' ? `modes kept of ${workload?.modeCount ?? 0}, median` : name,
      type: 'linear',
    },
    series: (workload?.curves ?? [])
      .filter(({ objective }) => objectives.includes(objective))
      .map(({ objective, points }): ChartSeries => ({
        name: objective,
        lineIs: 'median of replicas',
        line: points.map((point) => ({ x: point.step, y: point[quantity].median })),
        points: [],
        band: points.map((point) => ({
          x: point.step,
          low: point[quantity].low,
          high: point[quantity].high,
        })),
      })),
  };
}

const WORKLOAD = 'Workload';
const QUANTITY = 'Quantity';
const OBJECTIVES = 'Objectives';
const SELECTION = 'a selection';
const USUAL = ['rloo', 'grpo', 'maxrl', 'pkpo-loo1', 'grpo + entropy bonus', 'grpo + SimKO'];
/** Curves at once, at most: more cannot be told apart. */
const MOST_CURVES = 6;

const namesOf = ({ workloads }: ObjectivesShown): string[] =>
  workloads.at(0)?.curves.map(({ objective }) => objective) ?? [];

const pagesOf = (names: readonly string[]): { readonly name: string; readonly own: readonly string[] }[] =>
  Array.from({ length: Math.ceil(names.length / MOST_CURVES) }, (_, i) => {
    const own = names.slice(i * MOST_CURVES, (i + 1) * MOST_CURVES);
    return { name: `${own[0]} … ${own[own.length - 1]}`, own };
  });

export const usualObjectives = (shown: ObjectivesShown): string[] => {
  const names = namesOf(shown);
  return names.length <= MOST_CURVES
    ? names
    : names.filter((name) => USUAL.some((id) => name === id || name.startsWith(`${id} k=`)));
};

export const objectivesFigure: Figure<ObjectivesShown> = {
  id: 'objectives',
  choosers: (shown) => {
    const names = namesOf(shown);
    const ids = shown.workloads.map(({ id }) => id);
    return [
      { label: WORKLOAD, options: ids, first: ids[0] },
      { label: QUANTITY, options: QUANTITIES, first: QUANTITIES[0] },
      ...(names.length > MOST_CURVES
        ? [
            {
              label: OBJECTIVES,
              options: [SELECTION, ...pagesOf(names).map(({ name }) => name)],
              first: SELECTION,
            },
          ]
        : []),
    ];
  },
  draw: (shown, { [WORKLOAD]: workload, [QUANTITY]: quantity, [OBJECTIVES]: group }) =>
    objectivesChart(
      shown,
      workload,
      QUANTITIES.find((name) => name === quantity) ?? 'passAt1',
      pagesOf(namesOf(shown)).find(({ name }) => name === group)?.own ?? usualObjectives(shown),
    ),
};
