/** Variance and cost of each estimator against k. */
import {
  charted,
  pointOf,
  powerText,
  table,
  type ChartSeries,
  type Choice,
  type LineChart,
  type Section,
} from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatCount, formatNumber, formatProb, formatSamples } from '../../view/format.ts';
import type { Estimate } from '../../lab/results.ts';
import type { VarianceCell, VarianceResult } from './result.ts';
import { shownVariance } from './run.ts';

const QUANTITY = 'Quantity';
const SIZE = 'n';
const PROB = 'J1';

const QUANTITIES = {
  'variance of G': {
    label: '↑ variance of one group’s gradient (log)',
    exact: (cell: VarianceCell): number | null => cell.variance,
    measured: ({ structural }: VarianceCell): Pick<Estimate, 'value' | 'low' | 'high'> | null => ({
      value: structural.value,
      low: structural.low ?? structural.value,
      high: structural.high ?? structural.value,
    }),
  },
  'samples for SNR 1': {
    label: '↑ trajectories for a signal-to-noise ratio of 1 (log)',
    exact: (cell: VarianceCell): number | null => cell.samplesForSnr1,
    measured: (
      { measuredSnr }: VarianceCell,
      groupSize: number,
    ): Pick<Estimate, 'value' | 'low' | 'high'> | null =>
      measuredSnr && measuredSnr.low > 0
        ? {
            value: groupSize / measuredSnr.value,
            low: groupSize / measuredSnr.high,
            high: groupSize / measuredSnr.low,
          }
        : null,
  },
} as const;

export function varianceView(result: VarianceResult): Section {
  const { prompts, description } = result;
  const sizes = [...new Set(prompts.map(({ groupSize }) => groupSize))];
  const probs = [...new Set(prompts.map(({ successProb }) => formatProb(successProb)))];
  const chart = ({ [SIZE]: size, [PROB]: prob, [QUANTITY]: quantityName }: Choice): LineChart => {
    const prompt =
      prompts.find(
        ({ groupSize, successProb }) => String(groupSize) === size && formatProb(successProb) === prob,
      ) ?? prompts[0];
    const quantity = QUANTITIES[quantityName as keyof typeof QUANTITIES];
    // Estimators without k would be one point each among the curves; alone they are drawn, at k = 1.
    const curves = prompt.cells.filter(({ k }) => k !== null);
    const withK = curves.length > 0 ? curves : prompt.cells;
    const ids = [...new Set(withK.map(({ estimator }) => estimator))];
    const ks = [...new Set(withK.flatMap(({ k }) => k ?? []))];
    const positive = (x: number, y: number | null): { x: number; y: number }[] =>
      y !== null && y > 0 ? [{ x, y }] : [];
    const series = ids.map((id): ChartSeries => {
      const cells = withK.filter(({ estimator }) => estimator === id);
      return {
        name: id,
        line: cells.flatMap((cell) => positive(cell.k ?? 1, quantity.exact(cell))),
        points: cells.flatMap((cell) => {
          const measured = quantity.measured(cell, prompt.groupSize);
          if (!measured || measured.value <= 0) return [];
          return [
            pointOf(
              cell.k ?? 1,
              measured,
              cell.structural.verdict !== 'inconclusive' && measured.high < 1.5 * measured.low,
              `${id}, k = ${cell.k}\nmeasured ${formatNumber(measured.value)}, exact ${formatNumber(quantity.exact(cell))}`,
            ),
          ];
        }),
      };
    });
    const least: ChartSeries = {
      name: 'oracle-minimum',
      dash: 'dashed',
      line: withK
        .filter(({ estimator }) => estimator === ids[0])
        .flatMap(({ k, oracleMinimum }) => positive(k ?? 1, oracleMinimum)),
      points: [],
    };
    return {
      kind: 'chart',
      name: `${quantityName} against k at n = ${prompt.groupSize}, J1 = ${formatProb(prompt.successProb)}`,
      x: {
        label: 'k',
        type: 'linear',
        ticks: ks,
        tickFormat: String,
        ...(ks.length > 0 ? { domain: [Math.min(...ks), Math.max(...ks)] } : {}),
      },
      y: {
        label: quantity.label,
        type: 'log',
        tickFormat: powerText,
        ...(quantityName === 'samples for SNR 1' ? { keep: 'bottom' } : {}),
      },
      series: quantityName === 'variance of G' ? [...series, least] : series,
    };
  };
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
    {
      kind: 'chosen',
      choosers: [
        { label: QUANTITY, options: Object.keys(QUANTITIES), first: 'variance of G' },
        { label: SIZE, options: sizes.map(String), first: String(shownVariance(result).groupSize) },
        { label: PROB, options: probs, first: probs[Math.floor(probs.length / 2)] },
      ],
      show: (choice) => [chart(choice)],
    },
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
