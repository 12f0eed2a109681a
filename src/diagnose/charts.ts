/** The charts of a diagnosis, as data. */
import type { Pair } from './pairs.ts';
import type { DiagnosisReport, ModelDiagnosis } from './report.ts';
import { shownKs } from './tables.ts';

import { pointOf, type ChartSeries, type Choice, type LineChart, type Section } from '../view/section.ts';

const PAIR = 'Pair';
const MODEL = 'Model';
const ESTIMATOR = 'Estimator';
const SIZE = 'n';

/** One section a chart, with what can be chosen. */
export function chartSections(report: DiagnosisReport): Section[] {
  const { models, pairs, settings } = report;
  const nameOf = ({ a, b }: Pair): string => `${a} less ${b}`;
  const estimators = [...new Set(models[0].training.cells.map(({ estimator }) => estimator))];
  const sizes = settings.groupSizes.map(String);
  return [
    // One point is no curve.
    ...(models.some(({ mostSamples, leastSamples }) => Math.min(mostSamples, leastSamples) > 1)
      ? [{ title: 'Pass@k', parts: [curveChart(report)] }]
      : []),
    ...(pairs.some(({ problemCount }) => problemCount > 0)
      ? [
          {
            title: 'Who is ahead',
            parts: [
              {
                kind: 'chosen' as const,
                choosers: [{ label: PAIR, options: pairs.map(nameOf), first: nameOf(pairs[0]) }],
                show: ({ [PAIR]: name }: Choice) => [
                  differenceChart(pairs.find((pair) => nameOf(pair) === name) ?? pairs[0], settings.ks),
                ],
              },
            ],
          },
        ]
      : []),
    { title: 'How hard the problems are', parts: [difficultyChart(report)] },
    {
      title: 'Where training would look',
      parts: [
        {
          kind: 'chosen',
          choosers: [
            { label: MODEL, options: models.map(({ model }) => model), first: models[0].model },
            { label: ESTIMATOR, options: estimators, first: 'ordergrad' },
            { label: SIZE, options: sizes, first: sizes.includes('16') ? '16' : sizes[0] },
          ],
          show: ({ [MODEL]: model, [ESTIMATOR]: estimator, [SIZE]: size }) => [
            weightChart(models.find((entry) => entry.model === model) ?? models[0], estimator, Number(size)),
          ],
        },
      ],
    },
  ];
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** Pixels between models at one k: their intervals stand side by side. */
const SPREAD = 4;

/** Pass@k against k, every model: bars are the interval over problems. */
function curveChart({ models, settings }: DiagnosisReport): LineChart {
  const ks = [...new Set(models.flatMap(({ passAtK }) => shownKs(passAtK, settings.ks).map(Number)))];
  return {
    kind: 'chart',
    name: `Pass@k of ${models.map(({ model }) => model).join(', ')}`,
    x: { label: 'k (log scale)', type: 'log', ticks: ks.sort((a, b) => a - b), tickFormat: String },
    y: {
      label: `pass@k (bars: ${Number((100 * settings.level).toPrecision(6))} %, over problems)`,
      type: 'linear',
      domain: [0, 1.02],
    },
    series: models.map(({ model, passAtK }, index): ChartSeries => ({
      name: model,
      lineIs: 'estimate',
      line: Object.entries(passAtK).map(([k, { value }]) => ({ x: Number(k), y: value })),
      points: shownKs(passAtK, settings.ks).map((k) => {
        const { value, low, high, overSamples } = passAtK[k];
        return pointOf(Number(k), { value, low, high }, 'decided', {
          title: `${model}, pass@${k}`,
          shift: (index - (models.length - 1) / 2) * SPREAD,
          count: `with other samples of these problems ${percent(overSamples.low)} to ${percent(overSamples.high)}`,
        });
      }),
    })),
  };
}

/** Differences of pass@k against k; filled where the interval leaves out 0. */
function differenceChart({ a, b, difference }: Pair, wanted: readonly number[]): LineChart {
  const shown = shownKs(difference, wanted);
  const name = `${a} less ${b}`;
  return {
    kind: 'chart',
    name: `Difference of pass@k, ${name}`,
    x: { label: 'k (log scale)', type: 'log', ticks: shown.map(Number), tickFormat: String },
    y: { label: `pass@k, ${name}`, type: 'linear', rule: 0 },
    series: [
      {
        name,
        lineIs: 'estimate',
        line: Object.entries(difference).map(([k, { value }]) => ({ x: Number(k), y: value })),
        points: shown.map((k) => {
          const { value, low, high } = difference[k];
          return pointOf(Number(k), { value, low, high }, low > 0 || high < 0 ? 'decided' : 'open', {
            title: `${name}, k = ${k}`,
          });
        }),
      },
    ],
  };
}

/** How many problems are at most so hard: the fitted distribution, nonparametric. */
function difficultyChart({ models }: DiagnosisReport): LineChart {
  return {
    kind: 'chart',
    name: 'Share of problems by success probability',
    x: { label: 'success probability p', type: 'linear', domain: [0, 1] },
    y: { label: 'share of problems with at most p', type: 'linear', domain: [0, 1.02] },
    series: models.map(({ model, difficulty }): ChartSeries => {
      let below = 0;
      return {
        name: model,
        lineIs: 'fitted',
        line: difficulty.mixture.probs.flatMap((p, i) => {
          const before = below;
          below += difficulty.mixture.weights[i];
          return [
            { x: p, y: before },
            { x: p, y: below },
          ];
        }),
        points: [],
      };
    }),
  };
}

/** Where an estimator's weight falls as k grows. */
function weightChart({ training, model }: ModelDiagnosis, estimator: string, n: number): LineChart {
  const cells = training.cells.filter((cell) => cell.estimator === estimator && cell.n === n);
  const plain = training.cells.find((cell) => cell.estimator === 'rloo' && cell.n === n);
  const shown = [...(plain && cells.every(({ k }) => k !== null) ? [{ ...plain, k: 1 }] : []), ...cells];
  return {
    kind: 'chart',
    name: `Share of weight on problems of ${model} by difficulty, ${estimator} at n = ${n}`,
    x: { label: 'k', type: 'linear', ticks: shown.map(({ k }) => k ?? 1), tickFormat: String },
    y: { label: 'share of |α_eff|', type: 'linear', domain: [0, 1] },
    series: (shown.at(0)?.shares ?? []).map(({ difficulty: id, low, high }, i): ChartSeries => {
      const points = shown.map((cell) => ({ x: cell.k ?? 1, y: cell.shares[i].weight }));
      return {
        name: `${id} (p ${low} to ${high})`,
        lineIs: 'estimate',
        line: points,
        points: points.map(({ x, y }) =>
          pointOf(x, { value: y, low: y, high: y }, 'decided', {
            title: `${id}, k = ${x}`,
            count: `of ${percent(shown[0].shares[i].problems)} of the problems`,
          }),
        ),
      };
    }),
  };
}
