/** Every objective on the same workload: curves of its choice, and a final table. */
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
import { leftOut } from '../../lab/trainedTables.ts';
import type { ObjectivePoint, ObjectivesResult } from './result.ts';
import type { Band } from '../../math/stats/quantiles.ts';

const TITLE = 'What does each objective do to pass@1, pass@k, entropy and modes?';
const WORKLOAD = 'Workload';
const QUANTITY = 'Quantity';
const OBJECTIVES = 'Objectives';
const SELECTION = 'a selection';

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

export function objectivesView({ workloads, findings, notDefined, description }: ObjectivesResult): Section {
  const ids = workloads.map(({ id }) => id);
  const names = workloads.at(0)?.curves.map(({ objective }) => objective) ?? [];
  if (workloads.length === 0 || names.length === 0) return cutShort(TITLE);
  const usual = ['rloo', 'grpo', 'maxrl', 'pkpo-loo1', 'grpo + entropy bonus', 'grpo + SimKO'];
  const first = names.filter((name) => usual.some((id) => name === id || name.startsWith(`${id} k=`)));
  const pages = Array.from({ length: Math.ceil(names.length / MOST_CURVES) }, (_, i) =>
    names.slice(i * MOST_CURVES, (i + 1) * MOST_CURVES),
  );
  const pageName = (page: readonly string[]): string => `${page[0]} … ${page[page.length - 1]}`;
  const chart = ({
    [WORKLOAD]: workloadId,
    [QUANTITY]: quantity,
    [OBJECTIVES]: group,
  }: Choice): LineChart => {
    const workload = workloads.find(({ id }) => id === workloadId) ?? workloads[0];
    const page = pages.find((entry) => pageName(entry) === group);
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
      kind: 'chart',
      name: `${quantity} along training on ${workload.id}, by objective`,
      x: { label: 'step', type: 'linear' },
      y: { label: `↑ ${quantity === 'pass@k' ? `pass@${workload.k}` : quantity}`, type: 'linear' },
      series,
    };
  };
  const numbers = workloads.map(({ id, description: words, curves, k, modeCount, target }) =>
    table(
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
  );
  return charted(
    TITLE,
    [
      `${description}. Lines join medians over replicas, bars hold the middle 80 %.`,
      ...findings.map(sentence),
      ...leftOut(notDefined).map(sentence),
    ],
    {
      kind: 'chosen',
      choosers: [
        { label: WORKLOAD, options: ids, first: ids[0] },
        { label: QUANTITY, options: Object.keys(QUANTITIES), first: 'pass@1' },
        ...(names.length <= MOST_CURVES
          ? []
          : [{ label: OBJECTIVES, options: [SELECTION, ...pages.map(pageName)], first: SELECTION }]),
      ],
      show: (choice) => [chart(choice)],
    },
    numbers,
  );
}

export function objectivesSummary({
  workloads,
  findings,
  description,
  notDefined,
}: ObjectivesResult): Section {
  const names = workloads.at(0)?.curves.map(({ objective }) => objective) ?? [];
  const ends = table(
    '',
    [
      'objective',
      ...workloads.flatMap(({ id, k, modeCount }) => [
        `${id} pass@1`,
        `pass@${k}`,
        'entropy',
        `modes/${modeCount}`,
        'steps',
      ]),
    ],
    names.map((name) => [
      name,
      ...workloads.flatMap(({ curves }) => {
        const curve = curves.find(({ objective }) => objective === name);
        const end = curve?.points.at(-1);
        if (!curve || !end) return ['-', '-', '-', '-', '-'];
        return [
          end.passAt1.median.toFixed(3),
          end.passAtK.median.toFixed(3),
          end.entropy.median.toFixed(2),
          end.modes.median.toFixed(1),
          curve.stepsToTarget === null ? '-' : String(curve.stepsToTarget),
        ];
      }),
    ]),
  );
  return {
    title: `Objectives (${description}): medians at the end, modes kept, steps to pass@1 ${workloads.at(0)?.target ?? ''}`,
    parts: [
      ...(names.length > 0 ? [ends] : []),
      ...findings.map((finding) => `${finding}.`),
      ...leftOut(notDefined).map((line) => `${line}.`),
    ],
  };
}
