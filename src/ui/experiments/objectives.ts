/** Every objective on the same workload: curves of its choice, and a final table. */
import { leftOut } from '../../lab/trainedTables.ts';
import type { ObjectivePoint, ObjectivesResult } from '../../experiments/objectives/result.ts';
import type { Band } from '../../math/stats/quantiles.ts';
import { element } from '../dom.ts';
import type { ChartSeries, LineChart } from '../lineChart.ts';
import { framedTable } from '../tables.ts';
import { charted, chooser, type Section } from './section.ts';

const QUANTITIES: Readonly<Record<string, (point: ObjectivePoint) => Band>> = {
  'pass@1': ({ passAt1 }) => passAt1,
  'pass@k': ({ passAtK }) => passAtK,
  entropy: ({ entropy }) => entropy,
  'modes kept': ({ modes }) => modes,
};

/** Curves at once, at most: more cannot be told apart. */
const MOST_CURVES = 6;

const bandText = ({ median, low, high }: Band, digits: number): string =>
  `${median.toFixed(digits)} (${low.toFixed(digits)} – ${high.toFixed(digits)})`;

export function objectivesSection({
  workloads,
  findings,
  notDefined,
  description,
}: ObjectivesResult): Section {
  const ids = workloads.map(({ id }) => id);
  const names = workloads.at(0)?.curves.map(({ objective }) => objective) ?? [];
  const workloadChooser = chooser('Workload', ids, ids[0] ?? '');
  const quantityChooser = chooser('Quantity', Object.keys(QUANTITIES), 'pass@1');
  const usual = ['rloo', 'grpo', 'maxrl', 'pkpo-loo1', 'grpo + entropy bonus', 'grpo + SimKO'];
  const first = names.filter((name) => usual.some((id) => name === id || name.startsWith(`${id} k=`)));
  const pages = Array.from({ length: Math.ceil(names.length / MOST_CURVES) }, (_, i) =>
    names.slice(i * MOST_CURVES, (i + 1) * MOST_CURVES),
  );
  const pageName = (page: readonly string[]): string => `${page[0]} … ${page[page.length - 1]}`;
  const groupChooser = chooser('Objectives', ['a selection', ...pages.map(pageName)], 'a selection');
  const chart = (): LineChart => {
    const workload = workloads.find(({ id }) => id === workloadChooser.value) ?? workloads[0];
    const quantity = quantityChooser.value;
    const page = pages.find((entry) => pageName(entry) === groupChooser.value);
    const shown = page ?? (names.length <= MOST_CURVES ? names : first);
    const series = workload.curves
      .filter(({ objective }) => shown.includes(objective))
      .map(({ objective, points }): ChartSeries => {
        return {
          name: objective,
          line: points.map((point) => ({ x: point.step, y: QUANTITIES[quantity](point).median })),
          points: points.map((point) => {
            const { median, low, high } = QUANTITIES[quantity](point);
            return {
              x: point.step,
              y: median,
              low,
              high,
              decided: true,
              title: `${objective}, step ${point.step}\n${quantity} ${bandText({ median, low, high }, 3)}`,
            };
          }),
        };
      });
    return {
      name: `${quantity} along training on ${workload.id}, by objective`,
      x: { label: 'step', type: 'linear' },
      y: { label: `↑ ${quantity === 'pass@k' ? `pass@${workload.k}` : quantity}`, type: 'linear' },
      series,
    };
  };
  const tables = element(
    'div',
    {},
    ...workloads.map(({ id, description: words, curves, k, modeCount, target }) =>
      framedTable(
        `${id} (${words}): median at the end, and the middle 80 % of replicas`,
        [
          'objective',
          'pass@1',
          `pass@${k}`,
          'entropy (nats)',
          `modes kept of ${modeCount}`,
          `steps to pass@1 ${target}`,
          'trajectories until then',
        ],
        curves.map(({ objective, points, stepsToTarget, samplesToTarget }) => {
          const end = points[points.length - 1];
          return [
            objective,
            bandText(end.passAt1, 3),
            bandText(end.passAtK, 3),
            bandText(end.entropy, 2),
            bandText(end.modes, 1),
            stepsToTarget === null ? '–' : String(stepsToTarget),
            samplesToTarget === null ? '–' : String(samplesToTarget),
          ];
        }),
      ),
    ),
  );
  return charted(
    'What does each objective do to pass@1, pass@k, entropy and modes?',
    [
      `${description}. Lines join medians over replicas, bars hold the middle 80 %.`,
      ...findings.map((finding) => `${finding.charAt(0).toUpperCase()}${finding.slice(1)}.`),
      ...leftOut(notDefined).map((line) => `${line.charAt(0).toUpperCase()}${line.slice(1)}.`),
    ],
    chart,
    tables,
    names.length <= MOST_CURVES
      ? [workloadChooser, quantityChooser]
      : [workloadChooser, quantityChooser, groupChooser],
  );
}
