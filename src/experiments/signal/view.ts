/** Groups that teach nothing: how often, for whom. */
import {
  charted,
  expit,
  grid,
  logit,
  pointOf,
  table,
  tickText,
  type ChartSeries,
  type Section,
} from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatNumber, formatProb } from '../../view/format.ts';
import type { SignalResult } from './result.ts';
import { binomialProbabilities } from '../../math/binomial.ts';

/** Half-width of the axis in logits: J1 from 1e-6 to 1 − 1e-6. */
const SIGNAL_LOGITS = 13.9;

export function signalView({ prompts, findings, description, groupSize }: SignalResult): Section {
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
  const numbers = table(
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
  const sharing = table(
    'Which estimators share a line',
    ['line', 'estimators'],
    patterns.map((names) => [label(names), names.join(', ')]),
  );
  return charted(
    'Groups that teach nothing',
    [
      `How often every weight of a group is zero (${description}). Estimators that are silent in the same groups share a line` +
        `${patterns.length > shown.length ? `; ${shown.length} of ${patterns.length} lines are drawn` : ''}.`,
      ...findings,
    ],
    [
      {
        kind: 'chart',
        name: 'Frequency of groups without signal against J1, by estimator: exact lines with measured points',
        x: {
          label: 'success probability J1 (logit scale)',
          type: 'linear',
          ticks: ticks.map(logit),
          tickFormat: (x) => tickText(expit(x)),
        },
        y: { label: '↑ share of groups without signal', type: 'linear', domain: [0, 1.02] },
        series,
      },
    ],
    [numbers, sharing],
  );
}

/** A third of the J1, and the lines that differ most. */
export function signalSummary({ prompts, findings, description }: SignalResult): Section {
  const patterns = prompts[0].cells.map(({ estimators }) => estimators);
  // No success at all, all alike, and the one that is silent most often in the middle.
  const middle = prompts[Math.floor(prompts.length / 2)].cells;
  const quietest = middle.reduce(
    (best, cell, i) =>
      cell.zeroSignalProb < 1 && cell.zeroSignalProb > middle[best].zeroSignalProb ? i : best,
    0,
  );
  const alike = patterns.findIndex((names) => names.some((name) => name === 'rloo' || name === 'grpo'));
  const columns = [...new Set([0, alike, quietest])].filter((i) => i >= 0 && i < patterns.length);
  return {
    title: `Groups without signal (${description}): measured (last digits: standard error) and exact chance`,
    parts: [
      table(
        '',
        ['J1', ...columns.flatMap((i) => [patterns[i][0], 'exact'])],
        prompts
          .filter((_, i) => i % 3 === 0)
          .map(({ successProb, cells }) => [
            formatProb(successProb),
            ...columns.flatMap((i) =>
              cells.length > i
                ? [
                    formatConcise(cells[i].frequency.value, cells[i].frequency.standardError),
                    formatNumber(cells[i].zeroSignalProb),
                  ]
                : ['-', '-'],
            ),
          ]),
      ),
      `${verdictWords(prompts.flatMap(({ cells }) => cells))}.`,
      ...findings,
    ],
  };
}
