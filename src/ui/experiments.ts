/** The experiments beside `relation`, each as a section of the page: what it found, a chart, its numbers. */
import { opposing } from '../experiment/aggregate.ts';
import { formatConcise, formatCount, formatNumber, formatProb, formatSamples } from '../experiment/format.ts';
import type {
  AggregateResult,
  Estimate,
  Figure1Result,
  PublishedResult,
  Report,
  SignalResult,
  TemperatureResult,
  VarianceCell,
  VarianceResult,
} from '../experiment/result.ts';
import { shownVariance } from '../experiment/variance.ts';
import { binomialProbabilities } from '../math/binomial.ts';
import { passAtK, passAtKWeight } from '../math/passAtK.ts';
import { logit, powerText, tickText } from './axis.ts';
import { element } from './dom.ts';
import type { ChartPoint, ChartSeries, LineChart } from './lineChart.ts';
import { framedTable } from './tables.ts';

/** A section, and how to draw its chart once there is room for it. */
interface Section {
  readonly node: HTMLElement;
  readonly redraw: (width: number) => void;
}

/** Sections of a report, in the order of a run. */
export function experimentSections(report: Report): Section[] {
  const { figure1, signal, variance, aggregate, temperature, published } = report;
  return [
    ...(figure1 ? [figure1Section(figure1)] : []),
    ...(signal ? [signalSection(signal)] : []),
    ...(variance ? [varianceSection(variance)] : []),
    ...(aggregate ? [aggregateSection(aggregate)] : []),
    ...(temperature ? [temperatureSection(temperature)] : []),
    ...(published ? [publishedSection(published)] : []),
  ];
}

/** The chart's library comes in its own chunk, and only once there is something to draw. */
function charted(
  heading: string,
  words: readonly string[],
  charts: () => LineChart | readonly LineChart[],
  table: HTMLElement,
  choosers: readonly HTMLSelectElement[] = [],
): Section {
  const place = element('div', { class: 'chart' });
  let lastWidth = 0;
  const redraw = (width: number): void => {
    lastWidth = width;
    void import('./lineChart.ts').then(({ lineChart }) => {
      place.replaceChildren(...[charts()].flat().map((chart) => lineChart(chart, width)));
    });
  };
  for (const chooser of choosers) chooser.addEventListener('change', () => redraw(lastWidth));
  const node = element(
    'section',
    { class: 'experiment' },
    element('h2', {}, heading),
    ...words.map((text) => element('p', {}, text)),
    ...(choosers.length > 0
      ? [
          element(
            'div',
            { class: 'chooser' },
            ...choosers.map((chooser) =>
              element('label', {}, `${chooser.getAttribute('aria-label') ?? ''} `, chooser),
            ),
          ),
        ]
      : []),
    element('figure', {}, place),
    element('details', {}, element('summary', {}, 'Numbers'), table),
  );
  return { node, redraw };
}

function chooser(label: string, choices: readonly string[], chosen: string): HTMLSelectElement {
  const select = element(
    'select',
    { 'aria-label': label },
    ...choices.map((choice) => element('option', { value: choice }, choice)),
  );
  select.value = chosen;
  return select;
}

function pointOf(
  x: number,
  { value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>,
  decided: boolean,
  title: string,
): ChartPoint {
  return { x, y: value, low, high, decided, title };
}

const CURVE_POINTS = 100;
const grid = (low: number, high: number): number[] =>
  Array.from({ length: CURVE_POINTS + 1 }, (_, i) => low + ((high - low) * i) / CURVE_POINTS);

function figure1Section({ points, ks, description }: Figure1Result): Section {
  const passAtKSeries = ks.map((k): ChartSeries => ({
    name: `k = ${k}`,
    line: grid(0, 1).map((p) => ({ x: p, y: passAtK(p, k) })),
    points: points.flatMap(({ successProb, passAtK: checks }) =>
      checks
        .filter((check) => check.k === k)
        .map(({ measured, passAtK: exact }) =>
          pointOf(successProb, measured, true, pointTitle(`J_${k}`, successProb, measured, exact)),
        ),
    ),
  }));
  const weightSeries = ks.map((k): ChartSeries => ({
    name: `k = ${k}`,
    line: grid(0, 1).map((p) => ({ x: p, y: passAtKWeight(p, k) / 2 })),
    points: points.flatMap(({ successProb, slopes }) =>
      slopes
        .filter((check) => (check.k ?? 1) === k)
        .map(({ slope, verdict, alpha, estimator }) => {
          const half = {
            value: slope.value / 2,
            low: slope.low / 2,
            high: slope.high / 2,
            standardError: slope.standardError / 2,
          };
          const title = pointTitle(`alpha_${k} / 2 by ${estimator}`, successProb, half, alpha / 2);
          return pointOf(successProb, half, verdict !== 'inconclusive', title);
        }),
    ),
  }));
  const table = framedTable(
    'Figure 1: measured slope ± 1 SE in its last digits, and exact alpha_k',
    ['J1', ...ks.flatMap((k) => [`k = ${k}`, 'exact'])],
    points.map(({ successProb, slopes }) => [
      formatProb(successProb),
      ...slopes.flatMap(({ slope, alpha }) => [
        formatConcise(slope.value, slope.standardError),
        formatNumber(alpha),
      ]),
    ]),
  );
  const successAxis = { label: 'success probability J1', type: 'linear', domain: [0, 1] } as const;
  return charted(
    'Figure 1 of the paper, with data on it',
    [
      `J_k, and below it α_k / 2, against J1; points are measured (${description}). Each α_k is measured with the ` +
        'unbiased estimator of least exact variance there.',
    ],
    () => [
      {
        name: 'J_k against J1 for each k: exact curves with measured points',
        x: successAxis,
        y: { label: '↑ J_k', type: 'linear', domain: [0, 1.02] },
        series: passAtKSeries,
      },
      {
        name: 'Half of alpha_k against J1 for each k: exact curves with measured points',
        x: successAxis,
        y: { label: '↑ α_k / 2', type: 'linear', domain: [-0.1, Math.max(...ks) / 2] },
        series: weightSeries,
      },
    ],
    table,
  );
}

function pointTitle(
  what: string,
  successProb: number,
  { value, standardError }: Pick<Estimate, 'value' | 'standardError'>,
  exact: number,
): string {
  return `${what} at J1 = ${formatProb(successProb)}\n${formatConcise(value, standardError)}, exact ${formatNumber(exact)}`;
}

/** Half-width of the axis in logits: J1 from 1e-6 to 1 − 1e-6. */
const SIGNAL_LOGITS = 13.9;

function signalSection({ prompts, findings, description, groupSize }: SignalResult): Section {
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

function varianceSection(result: VarianceResult): Section {
  const { prompts, description } = result;
  const sizes = [...new Set(prompts.map(({ groupSize }) => groupSize))];
  const probs = [...new Set(prompts.map(({ successProb }) => formatProb(successProb)))];
  const sizeChooser = chooser('n', sizes.map(String), String(shownVariance(result).groupSize));
  const probChooser = chooser('J1', probs, probs[Math.floor(probs.length / 2)]);
  const quantityChooser = chooser('Quantity', Object.keys(QUANTITIES), 'variance of G');
  const chart = (): LineChart => {
    const prompt =
      prompts.find(
        ({ groupSize, successProb }) =>
          String(groupSize) === sizeChooser.value && formatProb(successProb) === probChooser.value,
      ) ?? prompts[0];
    const quantity = QUANTITIES[quantityChooser.value as keyof typeof QUANTITIES];
    const withK = prompt.cells.filter(({ k }) => k !== null);
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
      name: `${quantityChooser.value} against k at n = ${prompt.groupSize}, J1 = ${formatProb(prompt.successProb)}`,
      x: {
        label: 'k',
        type: 'linear',
        ticks: ks,
        tickFormat: String,
        domain: [Math.min(...ks), Math.max(...ks)],
      },
      y: {
        label: quantity.label,
        type: 'log',
        tickFormat: powerText,
        ...(quantityChooser.value === 'samples for SNR 1' ? { keep: 'bottom' } : {}),
      },
      series: quantityChooser.value === 'variance of G' ? [...series, least] : series,
    };
  };
  const table = framedTable(
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
          ? `needs ${formatCount(cell.direct.neededGroups)} groups`
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
    chart,
    table,
    [quantityChooser, sizeChooser, probChooser],
  );
}

function share(value: number, relativeError: number | null, exact: number): string {
  return exact === 0 ? '–' : formatConcise(value / exact, relativeError);
}

function aggregateSection({ cases, description }: AggregateResult): Section {
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

function temperatureSection({ policies, ks, findings, description }: TemperatureResult): Section {
  const most = Math.max(...ks);
  const ends = [...new Set([1, most])].filter((k) => ks.includes(k));
  const series = policies.flatMap(({ id, points }) =>
    ends.map((k): ChartSeries => ({
      name: id,
      ...(k === 1 && ends.length > 1 ? { dash: 'dashed' } : {}),
      line: points.map(({ temperature, successProb }) => ({ x: temperature, y: passAtK(successProb, k) })),
      points: points.flatMap(({ temperature, passAtK: checks }) =>
        checks
          .filter((check) => check.k === k)
          .map(({ measured, passAtK: exact, verdict }) =>
            pointOf(
              temperature,
              measured,
              verdict !== 'inconclusive',
              `${id}: J_${k} at temperature ${temperature}\nmeasured ${formatConcise(measured.value, measured.standardError)}, exact ${formatNumber(exact)}`,
            ),
          ),
      ),
    })),
  );
  const table = framedTable(
    'J_k at each temperature: measured (standard error in the last digits) and exact',
    ['policy', 'temperature', 'J1', ...ks.flatMap((k) => [`k = ${k}`, 'exact'])],
    policies.flatMap(({ id, points }) =>
      points.map(({ temperature, successProb, passAtK: checks }) => [
        id,
        String(temperature),
        formatProb(successProb),
        ...checks.flatMap(({ measured, passAtK: exact }) => [
          formatConcise(measured.value, measured.standardError),
          formatNumber(exact),
        ]),
      ]),
    ),
  );
  return charted(
    'Does a low temperature close the gap of pass@k and pass@1?',
    [
      `J_${most} (solid) and J_1 (dashed), ${description}: measured points, their exact values joined.`,
      ...findings.map((finding) => `${finding.charAt(0).toUpperCase()}${finding.slice(1)}.`),
    ],
    () => ({
      name: `J_${most} (solid) and J_1 (dashed) against temperature, by policy`,
      x: {
        label: 'temperature (log scale)',
        type: 'log',
        ticks: policies[0].points.map(({ temperature }) => temperature),
        tickFormat: String,
      },
      y: { label: '↑ J_k', type: 'linear', domain: [0, 1.02] },
      series,
    }),
    table,
  );
}

function publishedSection({ rows }: PublishedResult): Section {
  const table = framedTable(
    'Numbers printed elsewhere',
    ['quantity', 'printed', 'ours', 'agrees'],
    rows.map(({ source, quantity, published, ours, agrees, note }) => [
      element('span', {}, quantity, element('small', {}, ` ${source}${note ? `; ${note}` : ''}`)),
      formatNumber(published),
      formatNumber(ours),
      element('span', { class: agrees ? 'agree' : 'disagree' }, agrees ? 'yes' : 'NO'),
    ]),
  );
  return { node: element('div', { class: 'experiment' }, table), redraw: () => undefined };
}
