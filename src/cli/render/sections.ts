/** The experiments beside `relation`, each as a few lines for a terminal. */
import type { CheckSummary, FamilySummary } from '../../lab/results.ts';
import type { PublishedResult } from '../../experiments/published/result.ts';
import type { TemperatureResult } from '../../experiments/temperature/result.ts';
import type { AggregateResult } from '../../experiments/aggregate/result.ts';
import type { Figure1Result } from '../../experiments/figure1/result.ts';
import type { SignalResult } from '../../experiments/signal/result.ts';
import type { VarianceCell, VarianceResult } from '../../experiments/variance/result.ts';
import { opposing } from '../../experiments/aggregate/run.ts';
import { formatConcise, formatNumber, formatProb, formatSamples } from '../../view/format.ts';
import { shownVariance } from '../../experiments/variance/run.ts';
import type { Verdict } from '../../math/stats/verdict.ts';
import { plainTable } from './plainTable.ts';

/** "54 agree, 0 disagree, 24 inconclusive" */
export function tally(checks: readonly { readonly verdict: Verdict }[]): string {
  const count = (verdict: Verdict): number => checks.filter((check) => check.verdict === verdict).length;
  return `${count('agree')} agree, ${count('disagree')} disagree, ${count('inconclusive')} inconclusive`;
}

export function figure1Section({ points, ks, description, complete }: Figure1Result): string {
  const slopes = points.flatMap((point) => point.slopes);
  const passAtK = points.flatMap((point) => point.passAtK);
  const rejected = passAtK.filter(({ verdict }) => verdict === 'disagree').length;
  const largest = Math.max(0, ...passAtK.map(({ z }) => Math.abs(z ?? 0)));
  return (
    `Figure 1 with data on it (${description}; ${points.length} J1, k = ${ks.join(', ')}; drawn on the page):\n` +
    (complete
      ? `  alpha_k: ${tally(slopes)}. J_k: ${rejected} of ${passAtK.length} disagree, largest |z| ${largest.toFixed(1)}.`
      : '  cut short.')
  );
}

export function signalSection({ prompts, findings, description }: SignalResult): string {
  const shown = prompts.filter((_, i) => i % 3 === 0);
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
  const table = plainTable(
    ['  J1', ...columns.flatMap((i) => [patterns[i][0], 'exact'])],
    shown.map(({ successProb, cells }) => [
      `  ${formatProb(successProb)}`,
      ...columns.flatMap((i) =>
        cells.length > i
          ? [
              formatConcise(cells[i].frequency.value, cells[i].frequency.standardError),
              formatNumber(cells[i].zeroSignalProb),
            ]
          : ['-', '-'],
      ),
    ]),
  );
  return [
    `Groups without signal (${description}): measured (last digits: standard error) and exact chance`,
    table,
    `  ${tally(prompts.flatMap(({ cells }) => cells))}.`,
    ...findings.map((finding) => wrapped(`  ${finding}`)),
  ].join('\n');
}

/** One n and k of many: the report and the page have all. */
export function varianceSection(result: VarianceResult): string {
  const { description, prompts } = result;
  const { groupSize, k } = shownVariance(result);
  const shown = prompts.filter((prompt) => prompt.groupSize === groupSize);
  const rows = (shown.at(0)?.cells ?? [])
    .map((_, i) => shown.map(({ cells }) => cells[i]))
    .filter(([cell]) => cell.k === null || cell.k === k);
  const all = prompts.flatMap(({ cells }) => cells);
  const least = shown.map(({ cells }) => cells.find((cell) => cell.k === k)?.oracleMinimum ?? null);
  const table = plainTable(
    [
      '  estimator',
      ...shown.flatMap(({ successProb }) => [`J1 = ${formatProb(successProb)}`, 'measured', 'samples']),
    ],
    [
      ...rows.map((cells) => [
        `  ${cells[0].estimator}`,
        ...cells.flatMap((cell) => [
          formatNumber(cell.variance),
          ratioText(cell),
          cell.samplesForSnr1 === null ? '-' : formatSamples(cell.samplesForSnr1),
        ]),
      ]),
      ...(k === null
        ? []
        : [['  oracle-minimum', ...least.flatMap((variance) => [formatNumber(variance), '', ''])]]),
    ],
  );
  return [
    `Variance (${description}), n = ${groupSize}, ${k === null ? 'no k <= n was asked for' : `k = ${k}`}:\n` +
      '  exact Var G, measured / exact (last digit: standard error), samples for |E G|^2 / Var G = 1\n' +
      '  (oracle-minimum: the least variance of any unbiased estimator)',
    table,
    `  All n and k: slopes against alpha_eff ${tally(all.map(({ slope }) => slope))};`,
    `  structural variances ${tally(all.map(({ structural }) => structural))};`,
    `  direct variances ${tally(all.map(({ direct }) => direct))}.`,
  ].join('\n');
}

function ratioText({ structural, variance }: VarianceCell): string {
  return variance === 0 ? '-' : formatConcise(structural.value / variance, structural.relativeError, 1);
}

/** k = 1 is the comparison itself; a few others make the table narrow enough. */
const SHOWN_KS = 4;

export function aggregateSection({ cases, description }: AggregateResult): string {
  const ks = cases[0].cells.map(({ k }) => k).filter((k) => k > 1);
  const step = Math.max(1, Math.ceil(ks.length / SHOWN_KS));
  const shown = ks.filter((_, i) => (ks.length - 1 - i) % step === 0);
  const table = plainTable(
    ['  prompts', ...shown.flatMap((k) => [`k = ${k}`, 'exact'])],
    cases.map(({ id, cells }) => [
      `  ${id}`,
      ...cells
        .filter(({ k }) => shown.includes(k))
        .flatMap(({ cosine, measuredCosine }) => [
          measuredCosine ? formatConcise(measuredCosine.value, measuredCosine.standardError) : '-',
          cosine?.toFixed(3) ?? '-',
        ]),
    ]),
  );
  return [
    `Where the theorem ends, ${description}:\n  cosine of grad mean J_k and grad mean J_1, measured and exact`,
    table,
    ...opposing(cases).map((words) => `  ${words}.`),
    `  Projections on grad mean J_1: ${tally(cases.flatMap(({ cells }) => cells))}.`,
  ].join('\n');
}

export function temperatureSection({ policies, findings, description }: TemperatureResult): string {
  return [
    `Does low temperature close the gap of pass@k and pass@1 (${description})?`,
    ...findings.map((finding) => wrapped(`  ${finding}.`)),
    `  J_k: ${tally(policies.flatMap(({ points }) => points.flatMap(({ passAtK }) => passAtK)))}.`,
  ].join('\n');
}

export function publishedSection({ rows }: PublishedResult): string {
  const differing = rows.filter(({ agrees }) => !agrees);
  return [
    `Published numbers: ${rows.length - differing.length} of ${rows.length} agree.`,
    ...differing.map(({ source, quantity, published, ours, note }) =>
      wrapped(
        `  ${source}: ${quantity}: printed ${formatNumber(published)}, ours ${formatNumber(ours)}${note ? `; ${note}` : ''}.`,
      ),
    ),
  ].join('\n');
}

export function familiesTable(families: readonly FamilySummary[]): string {
  return plainTable(
    ['All checks, one false alarm in 1000 honest runs', 'comparisons', 'smallest p <=', 'rejected'],
    families.map((family) => [
      `  ${family.question}`,
      String(family.comparisons),
      formatNumber(family.smallestPValue),
      rejection(family),
    ]),
  );
}

function rejection({ rejected, comparisons }: CheckSummary): string {
  if (comparisons === 0) return 'not run';
  return rejected === 0 ? 'none' : `${rejected} REJECTED`;
}

const LINE_WIDTH = 118;

/** Breaks a sentence into lines; those after the first are set in. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.trimStart().split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= LINE_WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? `  ${word}` : `    ${word}`);
  }
  return lines.join('\n');
}
