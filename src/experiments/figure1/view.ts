/** The paper's Figure 1 with measured points. */
import {
  charted,
  grid,
  pointOf,
  stateOf,
  table,
  type ChartPoint,
  type ChartSeries,
  type Interval,
  type Section,
} from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatNumber, formatProb } from '../../view/format.ts';
import type { ClassCheck, SlopeCheck } from '../../lab/results.ts';
import type { Figure1Result } from './result.ts';
import { passAtK, passAtKWeight } from '../../math/passAtK.ts';

export function figure1View({ points, ks, description }: Figure1Result): Section {
  const passAtKSeries = ks.map((k): ChartSeries => ({
    name: `k = ${k}`,
    line: grid(0, 1).map((p) => ({ x: p, y: passAtK(p, k) })),
    points: points.flatMap(({ successProb, passAtK: checks }) =>
      checks
        .filter((check) => check.k === k)
        .map(({ measured, passAtK: exact }) =>
          pointOf(successProb, measured, 'decided', {
            title: `J_${k} at J1 = ${formatProb(successProb)}`,
            exact,
          }),
        ),
    ),
  }));
  const weightSeries = ks.map((k): ChartSeries => ({
    name: `k = ${k}`,
    line: grid(0, 1).map((p) => ({ x: p, y: passAtKWeight(p, k) / 2 })),
    points: points.flatMap(({ successProb, slopes, classes }) =>
      slopes.flatMap((check, i) => {
        if ((check.k ?? 1) !== k) return [];
        const { alpha, estimator } = check;
        const { estimate, state, given } = shownSlope(check, classes.at(i));
        return [
          pointOf(
            successProb,
            { value: estimate.value / 2, low: estimate.low / 2, high: estimate.high / 2 },
            state,
            {
              title: `alpha_${k} / 2 by ${estimator}${given}, J1 = ${formatProb(successProb)}`,
              exact: alpha / 2,
            },
          ),
        ];
      }),
    ),
  }));
  const numbers = table(
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
        'unbiased estimator of least exact variance there, by plain sampling where that decides it, else given the outcome.',
    ],
    [
      {
        kind: 'chart',
        name: 'J_k against J1 for each k: exact curves with measured points',
        x: successAxis,
        y: { label: 'J_k', type: 'linear', domain: [0, 1.02] },
        series: passAtKSeries,
      },
      {
        kind: 'chart',
        name: 'Half of alpha_k against J1 for each k: exact curves with measured points',
        x: successAxis,
        y: { label: 'α_k / 2', type: 'linear', domain: [-0.1, Math.max(...ks) / 2] },
        series: weightSeries,
      },
    ],
    [numbers],
  );
}

/** What plain sampling decides, else what is known given the outcome. */
function shownSlope(
  { slope, alpha, verdict }: SlopeCheck,
  byClass: ClassCheck | undefined,
): {
  readonly estimate: Interval;
  readonly state: ChartPoint['state'];
  readonly given: string;
} {
  if (verdict !== 'inconclusive' || !byClass?.ratio)
    return { estimate: slope, state: stateOf(verdict), given: '' };
  const { value, low, high } = byClass.ratio;
  const state = stateOf(byClass.verdict);
  return {
    estimate: { value: alpha * value, low: alpha * low, high: alpha * high },
    state: state === 'decided' ? 'given' : state,
    given: ', given the outcome',
  };
}

export function figure1Summary({ points, ks, description, complete }: Figure1Result): Section {
  const passAtK = points.flatMap((point) => point.passAtK);
  const rejected = passAtK.filter(({ verdict }) => verdict === 'disagree').length;
  const largest = Math.max(0, ...passAtK.map(({ z }) => Math.abs(z ?? 0)));
  return {
    title: `Figure 1 with data on it (${description}; ${points.length} J1, k = ${ks.join(', ')}; drawn on the page):`,
    parts: [
      complete
        ? `alpha_k by plain sampling: ${verdictWords(points.flatMap((point) => point.slopes))}; given the outcome: ` +
          `${verdictWords(points.flatMap((point) => point.classes))}. ` +
          `J_k: ${rejected} of ${passAtK.length} disagree, largest |z| ${largest.toFixed(1)}.`
        : 'cut short.',
    ],
  };
}
