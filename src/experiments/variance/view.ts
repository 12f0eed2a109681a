/** Variance and cost of each estimator against k. */
import { charted, figurePart, table, type Section } from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatCount, formatNumber, formatProb, formatSamples } from '../../view/format.ts';
import { varianceFigure } from './figures.ts';
import { varianceShown } from './workbench.ts';
import type { VarianceCell, VarianceResult } from './result.ts';
import { shownVariance } from './run.ts';

export function varianceView(result: VarianceResult): Section {
  const { prompts, description } = result;
  const numbers = table(
    'Variance: exact, and measured over exact (standard error in the last digits)',
    [
      'estimator',
      'n',
      'J1',
      'slope',
      'alpha_eff',
      'bias',
      'Var G',
      'structural / exact',
      'direct / exact',
      'along grad J1',
      'no signal',
      'samples for SNR 1',
    ],
    prompts.flatMap(({ groupSize, successProb, cells }) =>
      cells.map((cell) => [
        cell.k === null ? cell.estimator : `${cell.estimator} k = ${cell.k}`,
        String(groupSize),
        formatProb(successProb),
        formatConcise(cell.slope.value, cell.slope.standardError),
        formatNumber(cell.effectiveAlpha),
        cell.bias === null ? '–' : formatNumber(Math.abs(cell.bias.exact) < 1e-12 ? 0 : cell.bias.exact),
        formatNumber(cell.variance),
        share(cell.structural.value, cell.structural.relativeError, cell.variance),
        cell.direct.relativeError === null
          ? cell.byClass?.ratio
            ? `within c: ${formatConcise(cell.byClass.ratio.value, cell.byClass.ratio.standardError)}`
            : `needs ${formatCount(cell.direct.neededGroups)} groups`
          : share(cell.direct.value, cell.direct.relativeError, cell.variance),
        cell.variance === 0 ? '–' : `${Math.round((100 * cell.varianceAlong) / cell.variance)} %`,
        formatNumber(cell.zeroSignalProb),
        cell.samplesForSnr1 === null ? '–' : formatSamples(cell.samplesForSnr1),
      ]),
    ),
  );
  return charted(
    'Variance of the gradient estimate against k',
    [
      `${description}. Lines are exact, points measured (structural variance). Estimators without k, bias and direct ` +
        'variances are among the numbers. SNR is |E G|² / Var G of one group; oracle-minimum is the least variance of any ' +
        'unbiased estimator.',
    ],
    figurePart(varianceFigure, varianceShown(result)),
    [numbers],
  );
}

function share(value: number, relativeError: number | null, exact: number): string {
  return exact === 0 ? '–' : formatConcise(value / exact, relativeError);
}

/** One n and k of many: the report and the page have all. */
export function varianceSummary(result: VarianceResult): Section {
  const { description, prompts } = result;
  const { groupSize, k } = shownVariance(result);
  const shown = prompts.filter((prompt) => prompt.groupSize === groupSize);
  const rows = (shown.at(0)?.cells ?? [])
    .map((_, i) => shown.map(({ cells }) => cells[i]))
    .filter(([cell]) => cell.k === null || cell.k === k);
  const all = prompts.flatMap(({ cells }) => cells);
  const least = shown.map(({ cells }) => cells.find((cell) => cell.k === k)?.oracleMinimum ?? null);
  return {
    title: `Variance (${description}), n = ${groupSize}, ${k === null ? 'no k <= n was asked for' : `k = ${k}`}:`,
    parts: [
      'exact Var G, measured / exact (last digit: standard error), samples for |E G|^2 / Var G = 1',
      '(oracle-minimum: the least variance of any unbiased estimator)',
      table(
        '',
        [
          'estimator',
          ...shown.flatMap(({ successProb }) => [`J1 = ${formatProb(successProb)}`, 'measured', 'samples']),
        ],
        [
          ...rows.map((cells) => [
            cells[0].estimator,
            ...cells.flatMap((cell) => [
              formatNumber(cell.variance),
              ratioText(cell),
              cell.samplesForSnr1 === null ? '-' : formatSamples(cell.samplesForSnr1),
            ]),
          ]),
          ...(k === null
            ? []
            : [['oracle-minimum', ...least.flatMap((variance) => [formatNumber(variance), '', ''])]]),
        ],
      ),
      `All n and k: slopes against alpha_eff ${verdictWords(all.map(({ slope }) => slope))};`,
      `structural variances ${verdictWords(all.map(({ structural }) => structural))};`,
      `direct variances ${verdictWords(all.filter(({ byClass }) => !byClass).map(({ direct }) => direct))};`,
      `where plain groups that carry weight are too rare, variances within each c, drawn by design: ` +
        `${verdictWords(all.flatMap(({ byClass }) => byClass ?? []))}. Agreement of variances is decided by their measured errors.`,
    ],
  };
}

function ratioText({ structural, variance }: VarianceCell): string {
  return variance === 0 ? '-' : formatConcise(structural.value / variance, structural.relativeError, 1);
}
