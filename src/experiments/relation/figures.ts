/** Theorem 3.1 as a chart: slopes of measured gradients over the exact curves alpha_k. */
import { passAtKWeight } from '../../math/passAtK.ts';
import { formatCount, formatProb } from '../../view/format.ts';
import {
  expit,
  logit,
  pointOf,
  stateOf,
  tickText,
  type ChartPoint,
  type ChartSeries,
  type Chooser,
  type Figure,
  type Interval,
} from '../../view/section.ts';

/** One slope of one prompt, by plain sampling and, over alpha_k, given the outcome. */
export interface SlopeShown {
  readonly problem: string;
  readonly estimator: string;
  readonly k: number | null;
  readonly successProb: number;
  readonly slope: Interval & { readonly count: number };
  readonly verdict: string;
  readonly given: (Interval & { readonly verdict: string }) | null;
}

export interface RelationShown {
  readonly ks: readonly number[];
  readonly slopes: readonly SlopeShown[];
}

const ESTIMATOR = 'Estimator';
const DRAW = 'Draw';
const LENGTHS = 'length';
const RATIOS = 'measured over exact';
/** Shown first where it was measured: unbiased, with the least noise of the catalogue at small J1. */
const FIRST_ESTIMATOR = 'ordergrad';
/** J1 from 5e-5 to 1 − 5e-5. */
const ENDS = [5e-5, 1 - 5e-5] as const;
const CURVE_POINTS = 200;
const TICKS = [1e-4, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.9999];
/** Pixels between neighbouring problems at one J1. */
const SPREAD = 1;

function choosers({ slopes }: RelationShown): Chooser[] {
  const ids = [...new Set(slopes.map(({ estimator }) => estimator))];
  if (ids.length === 0) return [];
  return [
    {
      label: ESTIMATOR,
      options: ids,
      first: ids.includes(FIRST_ESTIMATOR) ? FIRST_ESTIMATOR : ids[0],
    },
    { label: DRAW, options: [LENGTHS, RATIOS], first: LENGTHS },
  ];
}

export const slopesFigure: Figure<RelationShown> = {
  id: 'slopes',
  choosers,
  draw: ({ ks: chosenKs, slopes }, { [ESTIMATOR]: id, [DRAW]: draw }) => {
    const own = slopes.filter(({ estimator }) => estimator === id);
    // Estimators without k stand on the curve of k = 1.
    const ks = [...new Set([...chosenKs, ...own.map(({ k }) => k ?? 1)])].sort((a, b) => a - b);
    const isRatio = draw === RATIOS;
    const top = isRatio ? 1.25 : Math.max(...ks) * 1.08;
    const bottom = isRatio ? 0.75 : -0.06 * top;
    const problems = [...new Set(own.map(({ problem }) => problem))];
    return {
      kind: 'chart',
      name:
        own.length === 0
          ? 'alpha_k, the length of the pass@k gradient against that of pass@1, exact'
          : isRatio
            ? `Slope of the measured gradient over alpha_k, ${id}`
            : `Slope of the measured gradient on grad J1 by ${id}, over the exact curves alpha_k`,
      x: {
        label: 'J1, chance that one try is right (logit)',
        type: 'logit',
        domain: ENDS,
        ticks: TICKS,
        tickFormat: tickText,
      },
      y: {
        label: isRatio ? 'slope / α_k' : 'length against ∇J1, α_k',
        type: 'linear',
        domain: [bottom, top],
        rule: isRatio ? 1 : 0,
      },
      series: ks.map((k): ChartSeries => ({
        name: `k = ${k}`,
        line: isRatio ? [] : curve(k),
        points: own
          .filter((entry) => (entry.k ?? 1) === k)
          .flatMap((entry) =>
            pointsOf(
              entry,
              problems.indexOf(entry.problem) - (problems.length - 1) / 2,
              isRatio,
              top - bottom,
            ),
          ),
      })),
    };
  },
};

function curve(k: number): { x: number; y: number }[] {
  const [first, last] = ENDS.map(logit);
  return Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
    const x = expit(first + ((last - first) * i) / CURVE_POINTS);
    return { x, y: passAtKWeight(x, k) };
  });
}

/**
 * What plain sampling decides, else what is known given the outcome. A rejection of either is one, and is drawn wherever it lies; else
 * what spans half the axis is left to the table.
 */
function pointsOf(
  { problem, k, successProb, slope, verdict, given }: SlopeShown,
  place: number,
  isRatio: boolean,
  height: number,
): ChartPoint[] {
  const alpha = passAtKWeight(successProb, k ?? 1);
  const isGivenRejected = given?.verdict === 'disagree' && verdict !== 'disagree';
  const isByClass =
    isGivenRejected || (verdict === 'inconclusive' && given !== null && given.verdict !== 'out of reach');
  const factor = isByClass === isRatio ? 1 : isByClass ? alpha : 1 / alpha;
  const { value, low, high } = isByClass ? given : slope;
  const state = stateOf(isByClass ? given.verdict : verdict);
  return [
    pointOf(
      successProb,
      { value: value * factor, low: low * factor, high: high * factor },
      isByClass && state === 'decided' ? 'given' : state,
      {
        title: `${problem}, J1 = ${formatProb(successProb)}, k = ${k ?? 1}`,
        exact: isRatio ? 1 : alpha,
        shift: place * SPREAD,
        count: isByClass ? 'given the outcome' : `${formatCount(slope.count)} groups`,
        isWide: state !== 'rejected' && Math.abs(high - low) * factor > height / 2,
      },
    ),
  ];
}
