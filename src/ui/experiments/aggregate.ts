/** Prompts that share parameters: the angle between the gradients of J_k and J_1. */
import { opposing } from '../../experiments/aggregate/run.ts';
import { formatConcise, formatNumber } from '../../view/format.ts';
import type { AggregateResult } from '../../experiments/aggregate/result.ts';
import type { ChartSeries } from '../lineChart.ts';
import { framedTable } from '../tables.ts';
import { charted, pointOf, type Section } from './section.ts';

export function aggregateSection({ cases, description }: AggregateResult): Section {
  const series = cases.map(({ id, cells }): ChartSeries => ({
    name: id,
    line: cells.flatMap(({ k, cosine }) => (cosine === null ? [] : [{ x: k, y: cosine }])),
    points: cells.flatMap(({ k, cosine, measuredCosine, verdict }) =>
      measuredCosine
        ? [
            pointOf(
              k,
              measuredCosine,
              verdict !== 'inconclusive',
              `${id}, k = ${k}\nmeasured ${formatConcise(measuredCosine.value, measuredCosine.standardError)}, exact ${formatNumber(cosine)}`,
            ),
          ]
        : [],
    ),
  }));
  const ks = cases[0].cells.map(({ k }) => k);
  const table = framedTable(
    'Cosine of the gradients of mean J_k and mean J_1: measured (standard error in the last digits) and exact',
    ['prompts', ...ks.flatMap((k) => [`k = ${k}`, 'exact'])],
    cases.map(({ id, description: words, cells }) => [
      `${id}: ${words}`,
      ...cells.flatMap(({ cosine, measuredCosine }) => [
        measuredCosine ? formatConcise(measuredCosine.value, measuredCosine.standardError) : '–',
        formatNumber(cosine),
      ]),
    ]),
  );
  return charted(
    'Where the theorem ends: prompts that share parameters',
    [
      `Per prompt the gradients of J_k and J_1 are parallel. Averaged over ${description} the angle opens.`,
      ...opposing(cases).map((words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`),
    ],
    () => ({
      name: 'Cosine of the aggregate gradients of J_k and J_1 against k, by set of prompts',
      x: { label: 'k', type: 'linear', ticks: ks, tickFormat: String },
      y: { label: '↑ cosine', type: 'linear', domain: [-1.05, 1.2] },
      series,
    }),
    table,
  );
}
