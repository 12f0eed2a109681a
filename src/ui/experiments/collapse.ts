/** Theorem 3.2: the gap along training, the readings of its second part, and the modes that survive. */
import { formatConcise, formatNumber } from '../../view/format.ts';
import { leftOut } from '../../lab/trainedTables.ts';
import type { CollapseResult } from '../../experiments/collapse/result.ts';
import { element } from '../dom.ts';
import type { ChartSeries } from '../lineChart.ts';
import { framedTable } from '../tables.ts';
import { charted, pointOf, type Section } from './section.ts';

export function collapseSection(result: CollapseResult): Section {
  const { cases, statements, curves, kept, findings, notDefined, description } = result;
  const k = curves.at(0)?.k ?? 1;
  const series = curves.flatMap(({ id, points }): ChartSeries[] => [
    {
      name: id,
      line: points.map(({ step, exactGap }) => ({ x: step, y: exactGap })),
      points: points.map(({ step, measuredGap, exactGap, verdict }) =>
        pointOf(
          step,
          measuredGap,
          verdict !== 'inconclusive',
          `${id}, step ${step}\nmeasured ${formatConcise(measuredGap.value, measuredGap.standardError)}, exact ${formatNumber(exactGap)}`,
        ),
      ),
    },
    {
      name: id,
      dash: 'dashed',
      line: points.map(({ step, gapOfMode }) => ({ x: step, y: gapOfMode })),
      points: [],
    },
  ]);
  const tables = element(
    'div',
    {},
    framedTable(
      '“An update on a batch without M2 never lowers the mass of M1”, reading by reading',
      ['samples weighted', 'read as', 'holds', 'fails', 'open', 'condition'],
      statements.map(({ rule, statement, holds, fails, open, condition }) => [
        rule,
        statement,
        String(holds),
        String(fails),
        String(open),
        condition,
      ]),
    ),
    framedTable(
      'Each case: batches without M2 that lower π(M1), mean change at rate 1, and its first-order value',
      [
        'case',
        'chance to find M2: exact',
        'measured',
        'n eps',
        'rule',
        'lowering',
        'worst batch tried',
        'mean change',
        'first order',
      ],
      cases.flatMap(({ id, discovery, cells }) =>
        cells.map(({ rule, loweringShare, worst, meanChange, firstOrder }) => [
          id,
          formatNumber(discovery.exact),
          formatConcise(discovery.measured.value, discovery.measured.standardError),
          formatNumber(discovery.bound),
          rule,
          loweringShare ? `${(100 * loweringShare.value).toFixed(2)} %` : '–',
          worst.finiteStep.change < 0
            ? `${formatNumber(worst.finiteStep.change)}: ${worst.finiteStep.words}`
            : 'none lowers it',
          meanChange ? formatConcise(meanChange.value, meanChange.standardError) : '–',
          formatNumber(firstOrder),
        ]),
      ),
    ),
    framedTable(
      `Replicas that end with one mode (${description})`,
      ['estimator', 'n', 'eps', 'one mode', '99.9 % interval', 'rare mode at the end', 'J1 at the end'],
      kept.map(({ estimator, k: own, groupSize, rareProb, oneMode, rareAtEnd, successAtEnd }) => [
        own === null ? estimator : `${estimator} k = ${own}`,
        String(groupSize),
        String(rareProb),
        `${Math.round(100 * oneMode.value)} %`,
        `${Math.round(100 * oneMode.low)} – ${Math.round(100 * oneMode.high)} %`,
        formatNumber(rareAtEnd),
        formatNumber(successAtEnd),
      ]),
    ),
  );
  return charted(
    'Does training collapse onto one mode?',
    [
      `The gap pass@${k} − pass@1 along training, mean over replicas: points measured, solid lines exact (δ − δ^k with ` +
        'δ = 1 − J1), dashed what it would be with δ = 1 − π(M1).',
      ...findings.map((finding) => `${finding.charAt(0).toUpperCase()}${finding.slice(1)}.`),
      ...leftOut(notDefined).map((line) => `${line.charAt(0).toUpperCase()}${line.slice(1)}.`),
    ],
    () => ({
      name: `Gap between pass@${k} and pass@1 along training`,
      x: { label: 'step', type: 'linear' },
      y: { label: `↑ pass@${k} − pass@1`, type: 'linear' },
      series,
    }),
    tables,
  );
}
