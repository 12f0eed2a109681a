/** Groups that teach nothing: how often, for whom. */
import { charted, figurePart, table, type Section, type Table } from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatCount, formatNumber, formatProb } from '../../view/format.ts';
import { sharedName, signalShown, silenceFigure } from './figures.ts';
import type { EndResult, SignalResult } from './result.ts';

export function signalView(result: SignalResult): Section {
  const { prompts, findings, given, description } = result;
  const patterns = prompts[0].cells.map(({ estimators }) => estimators);
  const shown = signalShown(result);
  const numbers = table(
    'Groups without signal: measured (standard error in the last digits) and exact',
    ['J1', ...patterns.flatMap((names) => [sharedName(names), 'exact'])],
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
    patterns.map((names) => [sharedName(names), names.join(', ')]),
  );
  return charted(
    'Groups that teach nothing',
    [
      `How often every weight of a group is zero (${description}). Estimators that are silent in the same groups share a line` +
        `${patterns.length > shown.lines.length ? `; ${shown.lines.length} of ${patterns.length} lines are drawn` : ''}.`,
      ...findings,
      ...given.map(endWords),
    ],
    figurePart(silenceFigure, shown),
    [numbers, sharing, ...given.map(endTable)],
  );
}

/** "1e-9", "1 - 1e-9", "1e-100" */
const endName = ({ successProb, failureProb }: EndResult): string =>
  failureProb < 0.5 ? `1 - ${Number(failureProb.toPrecision(2)).toExponential()}` : formatProb(successProb);

/** What an end decides, given the outcome; chances of silence there are computed, not measured. */
function endWords(end: EndResult): string {
  const slopes = end.cells.flatMap(({ slope }) => (slope ? [slope] : []));
  const count = (verdict: string): number => slopes.filter((check) => check.verdict === verdict).length;
  const variances = end.cells.map(({ variance }) => variance);
  const tested = variances.filter(({ pValue }) => pValue !== null);
  return (
    `At J1 = ${endName(end)}, given the outcome (${formatCount(end.groupCount)} groups, every c alike): of ${slopes.length} slopes ` +
    `${count('agree')} are decided, ${count('out of reach')} out of reach of any run, ${count('inconclusive')} inconclusive, ` +
    `${count('disagree')} disagree; of ${variances.length} variances, the part within each c, ` +
    `${tested.filter(({ verdict }) => verdict === 'agree').length} agree, ` +
    `${variances.filter(({ verdict }) => verdict === 'disagree').length} disagree. Chances of silence there are computed.`
  );
}

function endTable(end: EndResult): Table {
  return table(
    `J1 = ${endName(end)}: slope / alpha_k given the outcome, variance within c over its exact value, SNR of one group`,
    ['estimator', 'slope / alpha_k', 'noise of one trajectory', 'variance', 'part measured', 'SNR', 'exact'],
    end.cells.map(({ estimator, k, slope, variance, snr, measuredSnr }) => [
      k === null ? estimator : `${estimator} k = ${k}`,
      slope?.ratio && slope.verdict !== 'out of reach'
        ? { text: formatConcise(slope.ratio.value, slope.ratio.standardError), verdict: slope.verdict }
        : slope
          ? { text: 'out of reach', verdict: slope.verdict }
          : '–',
      slope?.log10Noise == null ? '–' : formatNumber(10 ** slope.log10Noise),
      variance.ratio
        ? {
            text: formatConcise(variance.ratio.value, variance.ratio.standardError),
            verdict: variance.verdict,
          }
        : '–',
      `${Math.round(100 * variance.share)} %`,
      measuredSnr ? formatConcise(measuredSnr.value, measuredSnr.standardError) : '–',
      formatNumber(snr),
    ]),
  );
}

/** A third of the J1, and the lines that differ most. */
export function signalSummary({ prompts, findings, given, description }: SignalResult): Section {
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
      ...given.map(endWords),
    ],
  };
}
