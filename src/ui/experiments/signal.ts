/** Groups that teach nothing: how often, for whom. */
import { formatConcise, formatNumber, formatProb } from '../../view/format.ts';
import type { SignalResult } from '../../experiments/signal/result.ts';
import { binomialProbabilities } from '../../math/binomial.ts';
import { logit, tickText } from '../axis.ts';
import { element } from '../dom.ts';
import type { ChartSeries } from '../lineChart.ts';
import { framedTable } from '../tables.ts';
import { charted, pointOf, grid, type Section } from './section.ts';

/** Half-width of the axis in logits: J1 from 1e-6 to 1 − 1e-6. */
const SIGNAL_LOGITS = 13.9;

export function signalSection({ prompts, findings, description, groupSize }: SignalResult): Section {
  const patterns = prompts[0].cells.map(({ estimators }) => estimators);
  const label = (names: readonly string[]): string =>
    names.length > 1 ? `${names[0]} (and ${names.length - 1} more)` : names[0];
  // Eight colours: the patterns that differ most show first in the catalogue's order.
  const shown = patterns.slice(0, 8);
  const series = shown.map((names, i): ChartSeries => ({
    name: label(names),
    line: grid(-SIGNAL_LOGITS, SIGNAL_LOGITS).map((x) => {
      const p = 1 / (1 + Math.exp(-x));
      const probabilities = binomialProbabilities(groupSize, p, 1 / (1 + Math.exp(x)));
      return { x, y: prompts[0].cells[i].silentCounts.reduce((sum, c) => sum + probabilities[c], 0) };
    }),
    points: prompts.flatMap(({ successProb, cells }) =>
      cells.length > i
        ? [
            pointOf(
              logit(successProb),
              cells[i].frequency,
              cells[i].verdict !== 'inconclusive',
              `${names.slice(0, 6).join(', ')}${names.length > 6 ? ', ...' : ''}\nJ1 = ${formatProb(successProb)}: ${formatConcise(cells[i].frequency.value, cells[i].frequency.standardError)}, exact ${formatNumber(cells[i].zeroSignalProb)}`,
            ),
          ]
        : [],
    ),
  }));
  const ticks = [1e-6, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-6];
  const table = framedTable(
    'Groups without signal: measured (standard error in the last digits) and exact',
    ['J1', ...patterns.flatMap((names) => [label(names), 'exact'])],
    prompts.map(({ successProb, cells }) => [
      formatProb(successProb),
      ...cells.flatMap(({ frequency, zeroSignalProb }) => [
        formatConcise(frequency.value, frequency.standardError),
        formatNumber(zeroSignalProb),
      ]),
    ]),
  );
  const sharing = framedTable(
    'Which estimators share a line',
    ['line', 'estimators'],
    patterns.map((names) => [label(names), element('span', { class: 'names' }, names.join(', '))]),
  );
  return charted(
    'Groups that teach nothing',
    [
      `How often every weight of a group is zero (${description}). Estimators that are silent in the same groups share a line` +
        `${patterns.length > shown.length ? `; ${shown.length} of ${patterns.length} lines are drawn` : ''}.`,
      ...findings,
    ],
    () => ({
      name: 'Frequency of groups without signal against J1, by estimator: exact lines with measured points',
      x: {
        label: 'success probability J1 (logit scale)',
        type: 'linear',
        ticks: ticks.map(logit),
        tickFormat: (x) => tickText(1 / (1 + Math.exp(-x))),
      },
      y: { label: '↑ share of groups without signal', type: 'linear', domain: [0, 1.02] },
      series,
    }),
    element('div', {}, table, sharing),
  );
}
