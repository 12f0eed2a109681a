/** The charts of `variance`: one quantity against k, at an n and a J1 that were measured. */
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import { formatProb } from '../../view/format.ts';
import { powerText, type ChartSeries, type Chooser, type Figure } from '../../view/section.ts';
import { MEASURED_FAMILY } from './families.ts';
import { estimatorChart, QUANTITIES, snrAt, type Quantity, type VarianceShown } from './workbench.ts';

const QUANTITY = 'Quantity';
const SIZE = 'n';
const PROB = 'J1';

const middle = <Value>(values: readonly Value[]): Value => values[Math.floor((values.length - 1) / 2)];

/** Curves at once, at most: more cannot be told apart. */
const MOST_CURVES = 6;
/** Of pass@1, unbiased, with the least noise of the catalogue at J1 = .5: drawn beside those of pass@k where costs are compared. */
const BASELINE = 'rloo';

interface First {
  readonly quantity: Quantity;
  readonly prob: number | null;
  /** whose curves are drawn, of those that were measured */
  readonly estimators: (
    measured: readonly { readonly estimator: string; readonly k: number | null }[],
  ) => string[];
}

/** Estimators without k are level lines among the curves; alone they are drawn all the same. */
const ofPassAtK: First['estimators'] = (measured) => {
  const withK = measured.filter(({ k }) => k !== null);
  return [...new Set((withK.length > 0 ? withK : measured).map(({ estimator }) => estimator))];
};

const unbiasedAndBaseline: First['estimators'] = (measured) =>
  [...new Set(measured.map(({ estimator }) => estimator))].filter(
    (id) => id === BASELINE || findEstimator(id)?.objective.estimates === 'pass@k',
  );

/** @param first what is shown before anything is chosen */
function figureOf(id: string, first: First): Figure<VarianceShown> {
  return {
    id,
    choosers: ({ cells }): Chooser[] => {
      const sizes = [...new Set(cells.map(({ groupSize }) => groupSize))].sort((a, b) => a - b);
      const probs = [...new Set(cells.map(({ successProb }) => formatProb(successProb)))];
      if (sizes.length === 0) return [];
      const wanted =
        first.prob === null ? undefined : probs.find((prob) => prob === formatProb(first.prob ?? 0));
      return [
        { label: QUANTITY, options: QUANTITIES.slice(0, 5), first: first.quantity },
        { label: SIZE, options: sizes.map(String), first: String(middle(sizes)) },
        { label: PROB, options: probs, first: wanted ?? middle(probs) },
      ];
    },
    draw: (shown, choice) => {
      const own = shown.cells.filter(
        ({ groupSize, successProb }) =>
          String(groupSize) === choice[SIZE] && formatProb(successProb) === choice[PROB],
      );
      return estimatorChart(
        {
          estimators: first.estimators(own).slice(0, MOST_CURVES),
          own: [],
          sizes: [],
          least: true,
          quantity: QUANTITIES.find((name) => name === choice[QUANTITY]) ?? 'variance',
          against: 'k',
          successProb: own.at(0)?.successProb ?? 0.5,
          n: own.at(0)?.groupSize ?? 8,
          k: 1,
          family: MEASURED_FAMILY,
        },
        shown,
      );
    },
  };
}

export const varianceFigure = figureOf('variance', {
  quantity: 'variance',
  prob: null,
  estimators: ofPassAtK,
});
export const costFigure = figureOf('cost', {
  quantity: 'samples',
  prob: 0.9,
  estimators: unbiasedAndBaseline,
});

const ESTIMATOR = 'Estimator';
const END_ESTIMATORS = ['ordergrad', 'pkpo-loo1', 'pkpo-loo', 'pkpo'];
const END_KS = [1, 2, 4, 8];
const END_SIZE = 16;
const LEAST_END = 1e-6;
const END_POINTS = 60;

/** SNR of one group near an end of J1, a curve for each k: exact, with what was measured in between. */
function endFigure(id: string, end: 'low' | 'high'): Figure<VarianceShown> {
  const rares = Array.from(
    { length: END_POINTS + 1 },
    (_, i) => LEAST_END * (0.5 / LEAST_END) ** (i / END_POINTS),
  );
  const place = (p: number): number => (end === 'low' ? p : 1 - p);
  return {
    id,
    choosers: () => [{ label: ESTIMATOR, options: END_ESTIMATORS, first: END_ESTIMATORS[0] }],
    draw: (shown, { [ESTIMATOR]: estimator }) => ({
      kind: 'chart',
      name: `SNR of one group of ${END_SIZE} near J1 = ${end === 'low' ? 0 : 1}, ${estimator}, ${MEASURED_FAMILY.id}`,
      x: {
        label:
          end === 'low' ? 'J1, chance that one try is right (log)' : '1 − J1, chance that it is wrong (log)',
        type: 'log',
        domain: [LEAST_END, 0.5],
        tickFormat: powerText,
      },
      y: { label: 'SNR of one group (log)', type: 'log', tickFormat: powerText },
      series: END_KS.map((k): ChartSeries => {
        const asked = {
          estimators: [estimator],
          own: [],
          sizes: [],
          least: false,
          successProb: 0.5,
          n: END_SIZE,
          k,
        };
        const [{ points }] = estimatorChart(
          { ...asked, quantity: 'SNR', against: 'J1', family: MEASURED_FAMILY },
          shown,
        ).series;
        return {
          name: `k = ${k}`,
          line: rares.flatMap((rare) => {
            const y = snrAt(estimator, END_SIZE, k, place(rare));
            return y === null || y <= 0 ? [] : [{ x: rare, y }];
          }),
          points: points.map((point) => ({ ...point, x: place(point.x) })).filter(({ x }) => x <= 0.5),
        };
      }),
    }),
  };
}

export const endFigures = { low: endFigure('snr-low', 'low'), high: endFigure('snr-high', 'high') };
