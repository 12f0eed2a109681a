/** Pass@k of the initial and the trained policy over k. */
import { formatNumber } from '../../view/format.ts';
import { leftOut } from '../../lab/trainedTables.ts';
import type { CrossoverCurve, CrossoverResult } from '../../experiments/crossover/result.ts';
import { element } from '../dom.ts';
import type { ChartSeries, LineChart } from '../lineChart.ts';
import { framedTable } from '../tables.ts';
import { charted, chooser, type Section } from './section.ts';

const POWERS = ['pass@k', 'maj@k (majority of k)'];

export function crossoverSection({
  workloads,
  curves,
  findings,
  notDefined,
  description,
  majorityReplicaCount,
}: CrossoverResult): Section {
  const ids = workloads.map(({ id }) => id);
  const names = [...new Set(curves.map(({ objective }) => objective))];
  const workloadChooser = chooser('Workload', ids, ids[0] ?? '');
  const objectiveChooser = chooser('Trained with', names, names[0] ?? '');
  const quantityChooser = chooser('Quantity', POWERS, POWERS[0]);
  const chart = (): LineChart => {
    const isMajority = quantityChooser.value !== POWERS[0];
    const own = curves.filter(({ workload }) => workload === workloadChooser.value);
    const chosen = own.find(({ objective }) => objective === objectiveChooser.value);
    // Pass@1's own gradient stays for comparison.
    const shown = [...new Set([own.at(0), chosen])].filter((curve) => curve !== undefined);
    const trained = shown.map(({ objective, points }): ChartSeries => {
      const bands = points.flatMap(({ k, trained: band, trainedMajority }) => {
        const used = isMajority ? trainedMajority : band;
        return used ? [{ k, ...used }] : [];
      });
      return {
        name:
          objective === objectiveChooser.value ? `after ${objective}` : `after ${objective}, for comparison`,
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
      name: `${quantityChooser.value} of the initial and the trained policy on ${workloadChooser.value}`,
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
      ? `${Math.round(overtakesAtK.median)} (${Math.round(overtakesAtK.low)} – ${Math.round(overtakesAtK.high)}), in ${Math.round(100 * overtaken.value)} %`
      : 'not up to k = 1024';
  const table = element(
    'div',
    {},
    framedTable(
      'Least k at which the initial policy is ahead by half a point: median and middle 80 % of the replicas where it ever is, and their share',
      ['trained with', ...ids],
      names.map((name) => [
        name,
        ...ids.map((id) => {
          const curve = curves.find(({ objective, workload }) => objective === name && workload === id);
          return curve ? wins(curve) : '–';
        }),
      ]),
    ),
    framedTable(
      'The workloads',
      ['workload', 'what it is'],
      workloads.map(({ id, description: words }) => [id, words]),
    ),
  );
  return charted(
    'Does the policy before training win at large k?',
    [
      `${description}. Dashed the initial policy; solid trained ones, medians over replicas with the middle 80 %. ` +
        `A majority of k samples breaks ties evenly; it was computed for ${majorityReplicaCount} of the replicas.`,
      ...findings.map((finding) => `${finding.charAt(0).toUpperCase()}${finding.slice(1)}.`),
      ...leftOut(notDefined).map((line) => `${line.charAt(0).toUpperCase()}${line.slice(1)}.`),
    ],
    chart,
    table,
    [workloadChooser, objectiveChooser, quantityChooser],
  );
}
