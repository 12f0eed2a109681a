/** Pass@k of the initial and the trained policy over k. */
import {
  charted,
  cutShort,
  sentence,
  table,
  type ChartSeries,
  type Choice,
  type LineChart,
  type Section,
} from '../../view/section.ts';
import { formatNumber, formatShare } from '../../view/format.ts';
import { leftOut } from '../../lab/trainedTables.ts';
import type { CrossoverCurve, CrossoverResult } from './result.ts';

const TITLE = 'Does the policy before training win at large k?';
const WORKLOAD = 'Workload';
const TRAINED_WITH = 'Trained with';
const QUANTITY = 'Quantity';
const POWERS = ['pass@k', 'maj@k (majority of k)'];

export function crossoverView({
  workloads,
  curves,
  findings,
  notDefined,
  description,
  majorityReplicaCount,
}: CrossoverResult): Section {
  const ids = workloads.map(({ id }) => id);
  const names = [...new Set(curves.map(({ objective }) => objective))];
  if (curves.length === 0) return cutShort(TITLE);
  const chart = ({
    [WORKLOAD]: workloadId,
    [TRAINED_WITH]: objectiveId,
    [QUANTITY]: quantity,
  }: Choice): LineChart => {
    const isMajority = quantity !== POWERS[0];
    const own = curves.filter(({ workload }) => workload === workloadId);
    const chosen = own.find(({ objective }) => objective === objectiveId);
    // Pass@1's own gradient stays for comparison.
    const shown = [...new Set([own.at(0), chosen])].filter((curve) => curve !== undefined);
    const trained = shown.map(({ objective, points }): ChartSeries => {
      const bands = points.flatMap(({ k, trained: band, trainedMajority }) => {
        const used = isMajority ? trainedMajority : band;
        return used ? [{ k, ...used }] : [];
      });
      return {
        name: objective === objectiveId ? `after ${objective}` : `after ${objective}, for comparison`,
        line: bands.map(({ k, median }) => ({ x: k, y: median })),
        points: bands.map(({ k, median, low, high }) => ({
          x: k,
          y: median,
          low,
          high,
          decided: true,
          title: `after ${objective}, k = ${k}\n${formatNumber(median)} (${formatNumber(low)} – ${formatNumber(high)})`,
        })),
      };
    });
    const initial: ChartSeries = {
      name: 'initial',
      dash: 'dashed',
      line: (shown.at(0)?.points ?? []).flatMap(({ k, initial: value, initialMajority }) => {
        const y = isMajority ? initialMajority : value;
        return y === null ? [] : [{ x: k, y }];
      }),
      points: [],
    };
    const ks = initial.line.map(({ x }) => x);
    return {
      kind: 'chart',
      name: `${quantity} of the initial and the trained policy on ${workloadId}`,
      x: { label: 'k (log scale)', type: 'log', ticks: ks, tickFormat: String },
      y: {
        label: `↑ mean ${isMajority ? 'maj@k' : 'pass@k'} over prompts`,
        type: 'linear',
        domain: [0, 1.02],
      },
      series: [initial, ...trained],
    };
  };
  const wins = ({ overtaken, overtakesAtK }: CrossoverCurve): string =>
    overtakesAtK
      ? `${Math.round(overtakesAtK.median)} (${Math.round(overtakesAtK.low)} – ${Math.round(overtakesAtK.high)}), in ${formatShare(overtaken)}`
      : `not up to k = 1024, in ${formatShare(overtaken)}`;
  const numbers = [
    table(
      'Least k at which the initial policy is ahead by half a point: median and middle 80 % of the replicas where it ever is, and their share (99.9 % interval)',
      ['trained with', ...ids],
      names.map((name) => [
        name,
        ...ids.map((id) => {
          const curve = curves.find(({ objective, workload }) => objective === name && workload === id);
          return curve ? wins(curve) : '–';
        }),
      ]),
    ),
    table(
      'The workloads',
      ['workload', 'what it is'],
      workloads.map(({ id, description: words }) => [id, words]),
    ),
  ];
  return charted(
    TITLE,
    [
      `${description}. Dashed the initial policy; solid trained ones, medians over replicas with the middle 80 %. ` +
        `A majority of k samples breaks ties evenly; it was computed for ${majorityReplicaCount} of the replicas.`,
      ...findings.map(sentence),
      ...leftOut(notDefined).map(sentence),
    ],
    {
      kind: 'chosen',
      choosers: [
        { label: WORKLOAD, options: ids, first: ids[0] },
        { label: TRAINED_WITH, options: names, first: names[0] },
        { label: QUANTITY, options: POWERS, first: POWERS[0] },
      ],
      show: (choice) => [chart(choice)],
    },
    numbers,
  );
}

export function crossoverSummary({
  workloads,
  curves,
  findings,
  description,
  notDefined,
}: CrossoverResult): Section {
  const cell = (curve: CrossoverCurve | undefined): string =>
    curve
      ? `${curve.overtakesAtK ? Math.round(curve.overtakesAtK.median) : '-'} in ${formatShare(curve.overtaken)}`
      : '-';
  return {
    title: `Crossover (${description}):`,
    parts: [
      'least k up to 1024 at which the initial policy is ahead by half a point: median over the replicas',
      'in which it ever is, and their share (99.9 % interval)',
      table(
        '',
        ['trained with', ...workloads.map(({ id }) => id)],
        [...new Set(curves.map(({ objective }) => objective))].map((name) => [
          name,
          ...workloads.map(({ id }) =>
            cell(curves.find(({ objective, workload }) => objective === name && workload === id)),
          ),
        ]),
      ),
      ...findings.map((finding) => `${finding}.`),
      ...leftOut(notDefined).map((line) => `${line}.`),
    ],
  };
}
