/** Theorem 3.1 with data on it: measured slopes over the exact curves, and what was decided. */
import { passAtKWeight } from '../../math/passAtK.ts';
import type { Config } from '../../lab/settings.ts';
import type { SlopeCheck } from '../../lab/results.ts';
import { formatCount, formatNumber, formatWithError } from '../../view/format.ts';
import {
  expit,
  logit,
  pointOf,
  table,
  tickText,
  type Cell,
  type ChartSeries,
  type LineChart,
  type Section,
  type Table,
} from '../../view/section.ts';
import type { ProblemResult, RelationResult } from './result.ts';

const ESTIMATOR = 'Estimator';
/** Shown first where it was measured. */
const FIRST_ESTIMATOR = 'pkpo';
/** Half-width of the axis in logits: J1 from about 5e-5 to 1 − 5e-5. */
const LOGIT_RANGE = 9.9;
const CURVE_POINTS = 200;
/** Logits between neighbouring problems at one J1. */
const SPREAD = 0.05;
const TICKS = [1e-4, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999];

export function relationView(
  { complete, problems, slopeCount, notDefined }: RelationResult,
  { ks }: Config,
): Section {
  const ids = [...new Set(slopesOf(problems).map(({ estimator }) => estimator))];
  return {
    title: 'Is the pass@k gradient a multiple of the pass@1 gradient?',
    parts: [
      ...(complete
        ? [
            `Theorem 3.1: of the slopes on ∇J1, ${slopeCount.agree} agree with α_k, ` +
              `${slopeCount.inconclusive} are inconclusive, ${slopeCount.disagree} disagree.`,
          ]
        : []),
      ...notDefined.map(
        ({ estimator, k, reason }) =>
          `Not defined: ${estimator}${k === null ? '' : ` at k = ${k}`}, ${reason}.`,
      ),
      ...(ids.length > 0
        ? [
            {
              kind: 'chosen' as const,
              choosers: [
                {
                  label: ESTIMATOR,
                  options: ids,
                  first: ids.includes(FIRST_ESTIMATOR) ? FIRST_ESTIMATOR : ids[0],
                },
              ],
              show: ({ [ESTIMATOR]: id }: Readonly<Record<string, string>>) => [
                slopeChart(ks, problems, id),
                slopeTable(problems, id),
              ],
            },
          ]
        : []),
      'Curves: the exact α_k. Points: slope of the measured gradient on ∇J1 with its interval (99.9 % at least); filled ' +
        'where the check is decided, hollow where more groups are needed (not drawn where the interval spans half the ' +
        'axis); problems of equal J1 stand side by side.',
    ],
  };
}

/** The exact curves alone: shown where nothing was measured. */
export function weightCurves(ks: readonly number[]): LineChart {
  return slopeChart(ks, [], '');
}

function slopeChart(chosenKs: readonly number[], problems: readonly ProblemResult[], id: string): LineChart {
  const points = problems.flatMap((problem, problemIndex) =>
    problem.prompts.flatMap(({ successProb, slopes }) =>
      slopes
        .filter(({ estimator }) => estimator === id)
        .map((check) => ({ successProb, problemIndex, check })),
    ),
  );
  // Estimators without k stand on the curve of k = 1.
  const ks = [...new Set([...chosenKs, ...points.map(({ check }) => check.k ?? 1)])].sort((a, b) => a - b);
  const top = Math.max(...ks) * 1.08;
  return {
    kind: 'chart',
    name: 'Slope of the measured pass@k gradient against J1 for each k, over the exact curves alpha_k',
    x: {
      label: 'success probability J1 (logit scale)',
      type: 'linear',
      domain: [-LOGIT_RANGE, LOGIT_RANGE],
      ticks: TICKS.map(logit),
      tickFormat: (x) => tickText(expit(x)),
    },
    y: {
      label: '↑ slope of the measured gradient on ∇J1',
      type: 'linear',
      domain: [-0.06 * top, top],
      zero: 'ruled',
    },
    series: ks.map((k): ChartSeries => ({
      name: `k = ${k}`,
      line: Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
        const x = -LOGIT_RANGE + (2 * LOGIT_RANGE * i) / CURVE_POINTS;
        return { x, y: passAtKWeight(expit(x), k) };
      }),
      points: points
        .filter(({ check }) => (check.k ?? 1) === k)
        // What is known no better than half the axis says nothing here; the table has it.
        .filter(
          ({ check: { verdict, slope } }) => verdict !== 'inconclusive' || slope.high - slope.low < top / 2,
        )
        .map(({ successProb, problemIndex, check }) =>
          pointOf(
            logit(successProb) + (problemIndex - 3.5) * SPREAD,
            check.slope,
            check.verdict !== 'inconclusive',
            `J1 = ${successProb.toPrecision(4)}, k = ${check.k ?? 1}\n` +
              `slope ${check.slope.value.toPrecision(4)} ± ${check.slope.standardError.toPrecision(2)} (SE)\n` +
              `alpha ${check.alpha.toPrecision(4)}: ${check.verdict}`,
          ),
        ),
    })),
  };
}

/** Rows prompts, columns k: measured slope ± standard error, exact alpha below, verdict. */
function slopeTable(problems: readonly ProblemResult[], id: string): Table {
  const own = (slopes: readonly SlopeCheck[]): readonly SlopeCheck[] =>
    slopes.filter(({ estimator }) => estimator === id);
  const ks = [...new Set(own(slopesOf(problems)).map(({ k }) => k))];
  return table(
    `${id}: measured slope ± 1 SE, and the exact value below`,
    ['prompt', 'J1', 'groups', ...ks.map((k) => (k === null ? 'slope' : `k = ${k}`))],
    problems.flatMap((problem) =>
      problem.prompts.map((prompt) => [
        `${problem.id} ${prompt.id}`,
        formatNumber(prompt.successProb),
        formatCount(prompt.groupCount),
        ...ks.map((k) => slopeCell(own(prompt.slopes).find((slope) => slope.k === k))),
      ]),
    ),
  );
}

function slopeCell(check: SlopeCheck | undefined): Cell {
  if (!check) return '–';
  const { slope, alpha, verdict, neededGroups, pValue } = check;
  return {
    text: formatWithError(slope.value, slope.standardError),
    verdict,
    note: formatNumber(alpha),
    hint:
      verdict === 'inconclusive'
        ? `needs ${neededGroups === null ? 'more than 1e15' : formatCount(neededGroups)} groups`
        : `p = ${formatNumber(pValue)}`,
  };
}

const slopesOf = (problems: readonly ProblemResult[]): SlopeCheck[] =>
  problems.flatMap(({ prompts }) => prompts.flatMap(({ slopes }) => slopes));

/** Presets with more groups than this one. */
const LARGER: Readonly<Record<string, string>> = {
  quick: ' (--preset standard, full)',
  standard: ' (--preset full)',
};

export function relationSummary(
  { complete, problems, slopeCount, notDefined }: RelationResult,
  { preset }: Config,
): Section {
  const promptCount = problems.reduce((sum, { prompts }) => sum + prompts.length, 0);
  const { agree, inconclusive, disagree } = slopeCount;
  return {
    title: `Theorem 3.1, E[G_k] = alpha_k grad J1, on ${promptCount} prompts with J1 from 1e-4 to 1 - 1e-4:`,
    parts: [
      ...(complete
        ? [
            `${agree} slopes agree (a deviation of 10 % would have been seen), ${disagree} disagree,`,
            `${inconclusive} are inconclusive: they need more groups${LARGER[preset] ?? ''}.`,
          ]
        : ['the run was cut short, so there is no verdict.']),
      ...(slopesOf(problems).length > 0 ? [agreementTable(problems, promptCount)] : []),
      ...notDefined.map(
        ({ estimator, k, reason }) => `not defined: ${estimator}${k === null ? '' : ` k = ${k}`}, ${reason}`,
      ),
    ],
  };
}

/** Rows estimators, columns k: prompts whose slope agrees, and the largest |z| among all. */
function agreementTable(problems: readonly ProblemResult[], promptCount: number): Table {
  const slopes = slopesOf(problems);
  const ks = [...new Set(slopes.map(({ k }) => k))].sort((a, b) => (a ?? 0) - (b ?? 0));
  const ids = [...new Set(slopes.map(({ estimator }) => estimator))];
  return table(
    `Of ${promptCount} prompts, how many agree (largest |z| of all; where weights are rare z is far from normal):`,
    ['', ...ks.map((k) => (k === null ? 'k-free' : `k = ${k}`))],
    ids.map((id) => [
      id,
      ...ks.map((k) => agreementCell(slopes.filter((slope) => slope.estimator === id && slope.k === k))),
    ]),
  );
}

function agreementCell(slopes: readonly SlopeCheck[]): string {
  if (slopes.length === 0) return '-';
  const agree = slopes.filter(({ verdict }) => verdict === 'agree').length;
  const disagree = slopes.filter(({ verdict }) => verdict === 'disagree').length;
  const largest = Math.max(...slopes.map(({ z }) => Math.abs(z ?? 0)));
  return `${agree} (${largest.toFixed(1)})${disagree > 0 ? ` ${disagree} DISAGREE` : ''}`;
}
