/**
 * Two evaluations of the same problems: differences of pass@k, problem by problem, and the k from which on the one that is
 * behind at k = 1 is ahead (the question of Yue et al. 2504.13837).
 */
import { quantile } from '../math/stats/quantiles.ts';
import { binomialPValue } from '../math/stats/tails.ts';
import { classesOf, type Classes } from './classes.ts';
import { evaluationName, leastSamples, type Evaluation, type ProblemCount } from './evaluation.ts';
import {
  classCurves,
  curveKs,
  percentiles,
  pooled,
  resampledMeans,
  type Uncertainty,
} from './passAtKCurve.ts';
import type { DiagnoseSettings } from './settings.ts';

export interface Difference extends Uncertainty {
  /** pass@k of a less that of b */
  readonly value: number;
  readonly level: number;
  /** exact sign test of the problems that one of them solves and the other does not; null unless every problem has k samples */
  readonly signTest: number | null;
}

export interface Overtaking {
  /** which one, by name */
  readonly model: string;
  /** least k at which it is ahead */
  readonly k: number;
  /** share of the resamples in which the same one overtakes, and the middle of its k there */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** whether at some k its lead is beyond the interval of the difference */
  readonly resolved: boolean;
}

export interface Pair {
  readonly a: string;
  readonly b: string;
  /** problems that both have */
  readonly problemCount: number;
  /** problems that only one has, which the pair leaves out */
  readonly onlyInA: number;
  readonly onlyInB: number;
  readonly differenceIs: 'pass@k of a - pass@k of b';
  readonly difference: Readonly<Record<string, Difference>>;
  /** least k at which the one behind at k = 1 is ahead; null if there is none */
  readonly overtakesAtK: number | null;
  readonly overtaking: Overtaking | null;
  readonly solvedOnlyByA: number;
  readonly solvedOnlyByB: number;
  readonly solvedByBoth: number;
  readonly solvedByNeither: number;
  /** problems with a higher rate of success */
  readonly winsOfA: number;
  readonly winsOfB: number;
  readonly ties: number;
  /** names, the first few */
  readonly examplesOnlyByA: readonly string[];
  readonly examplesOnlyByB: readonly string[];
  readonly finding: string;
}

/** Names shown, at most. */
const MOST_EXAMPLES = 10;

export function comparePair(a: Evaluation, b: Evaluation, settings: DiagnoseSettings): Pair {
  const common: string[] = [];
  const [own, other] = [new Map<string, Readonly<ProblemCount>>(), new Map<string, Readonly<ProblemCount>>()];
  for (const [problem, counts] of a.problems) {
    const match = b.problems.get(problem);
    if (!match) continue;
    common.push(problem);
    own.set(problem, counts);
    other.set(problem, match);
  }
  const names = { a: evaluationName(a), b: evaluationName(b) };
  const left = {
    problemCount: common.length,
    onlyInA: a.problems.size - common.length,
    onlyInB: b.problems.size - common.length,
  };
  const solved = { both: 0, a: [] as string[], b: [] as string[] };
  let [winsOfA, winsOfB] = [0, 0];
  for (const problem of common) {
    const x = own.get(problem);
    const y = other.get(problem);
    if (!x || !y) continue;
    if (x.correct > 0 && y.correct > 0) solved.both += 1;
    else if (x.correct > 0) solved.a.push(problem);
    else if (y.correct > 0) solved.b.push(problem);
    // Rates compared without dividing.
    const lead = x.correct * y.n - y.correct * x.n;
    if (lead > 0) winsOfA += 1;
    if (lead < 0) winsOfB += 1;
  }
  const counts = {
    solvedOnlyByA: solved.a.length,
    solvedOnlyByB: solved.b.length,
    solvedByBoth: solved.both,
    solvedByNeither: common.length - solved.both - solved.a.length - solved.b.length,
    winsOfA,
    winsOfB,
    ties: common.length - winsOfA - winsOfB,
    examplesOnlyByA: solved.a.slice(0, MOST_EXAMPLES),
    examplesOnlyByB: solved.b.slice(0, MOST_EXAMPLES),
  };
  const base = { ...names, ...left, differenceIs: 'pass@k of a - pass@k of b' as const, ...counts };
  if (common.length === 0) {
    return {
      ...base,
      difference: {},
      overtakesAtK: null,
      overtaking: null,
      finding: `${names.a} and ${names.b} have no problem in common`,
    };
  }
  const least = Math.min(leastSamples({ ...a, problems: own }), leastSamples({ ...b, problems: other }));
  const ks = curveKs(least, settings.ks);
  const classes = [classesOf({ problems: own }), classesOf({ problems: other })] as const;
  const curves = classes.map((entry) => classCurves(entry.classes, ks));
  const mean = (i: 0 | 1, classCounts: ArrayLike<number>): Float64Array =>
    pooled(curves[i], classCounts, common.length);
  const values = classes.map((entry, i) =>
    mean(
      i as 0 | 1,
      entry.classes.map(({ problemCount }) => problemCount),
    ),
  );
  const difference = ks.map((_, j) => snapped(values[0][j] - values[1][j]));
  const [drawnOfA, drawnOfB] = classes.map((entry, i) => resampledMeans(entry, curves[i], ks, settings));
  const drawn = ks.map((_, j) => {
    const [x, y] = [drawnOfA[j], drawnOfB[j]];
    const differences = new Float64Array(x.length);
    for (let i = 0; i < x.length; i += 1) differences[i] = snapped(x[i] - y[i]);
    return differences;
  });
  const crossing = overtakingIndex(difference);
  const crossings: number[] = [];
  for (let i = 0; crossing !== null && i < settings.resampleCount; i += 1) {
    if (Math.sign(drawn[0][i]) !== Math.sign(difference[0])) continue;
    const at = overtakingIndex(drawn.map((values) => values[i]));
    if (at !== null) crossings.push(ks[at]);
  }
  // Where k is every problem's n, each is solved or not, and few discordant ones have a law that a bootstrap does not know.
  const sizes = new Set([...own.values(), ...other.values()].map(({ n }) => n));
  const signTests = ks.map((k) =>
    sizes.size === 1 && sizes.has(k)
      ? binomialPValue(solved.a.length, solved.a.length + solved.b.length, 0.5)
      : null,
  );
  const intervals = drawn.map((resampled, j): Uncertainty => {
    const { standardError, low, high } = percentiles(resampled, settings.level);
    const test = signTests[j];
    const isOpen = test !== null && test > 1 - settings.level;
    return { standardError, low: isOpen ? Math.min(low, 0) : low, high: isOpen ? Math.max(high, 0) : high };
  });
  const exactK =
    crossing === null
      ? null
      : leastOvertakingK(classes, common.length, ks[crossing - 1], ks[crossing], Math.sign(difference[0]));
  const course: Course = { names, ks, difference, intervals };
  const overtaking =
    crossing === null || exactK === null
      ? null
      : { ...describeOvertaking(course, crossing, crossings, settings), k: exactK };
  return {
    ...base,
    difference: Object.fromEntries(
      ks.map((k, j) => [
        String(k),
        { value: difference[j], ...intervals[j], level: settings.level, signTest: signTests[j] },
      ]),
    ),
    overtakesAtK: overtaking?.k ?? null,
    overtaking,
    finding: findingOf(course, overtaking, {
      ...left,
      ...counts,
      samplesOfA: samplesOf(own),
      samplesOfB: samplesOf(other),
    }),
  };
}

/** Sums of other problems in another order differ by rounding: that is no lead. */
function snapped(value: number): number {
  return Math.abs(value) < 1e-12 ? 0 : value;
}

/** The least k (as an index) at which the one behind at k = 1 is ahead. */
function overtakingIndex(difference: ArrayLike<number>): number | null {
  const start = Math.sign(difference[0]);
  if (start === 0) return null;
  for (let j = 1; j < difference.length; j += 1) if (Math.sign(difference[j]) === -start) return j;
  return null;
}

/** Between two k of the curve every k is tried: the curve may step over some. */
function leastOvertakingK(
  classes: readonly Classes[],
  problemCount: number,
  after: number,
  upTo: number,
  start: number,
): number {
  const between = Array.from({ length: upTo - after }, (_, i) => after + 1 + i);
  const means = classes.map((entry) =>
    pooled(
      classCurves(entry.classes, between),
      entry.classes.map((own) => own.problemCount),
      problemCount,
    ),
  );
  const found = between.find((_, i) => Math.sign(snapped(means[0][i] - means[1][i])) === -start);
  return found ?? upTo;
}

/** The difference of two models' pass@k along k. */
interface Course {
  readonly names: { readonly a: string; readonly b: string };
  readonly ks: readonly number[];
  /** [ks], a less b */
  readonly difference: readonly number[];
  /** [ks] */
  readonly intervals: readonly Uncertainty[];
}

function describeOvertaking(
  { names, ks, difference, intervals }: Course,
  crossing: number,
  crossings: readonly number[],
  { level, resampleCount }: DiagnoseSettings,
): Overtaking {
  const sorted = [...crossings].sort((x, y) => x - y);
  const tail = (1 - level) / 2;
  const isAhead = (j: number): boolean => (difference[0] > 0 ? intervals[j].high < 0 : intervals[j].low > 0);
  return {
    model: difference[0] > 0 ? names.b : names.a,
    k: ks[crossing],
    share: crossings.length / resampleCount,
    low: sorted.length > 0 ? Math.round(quantile(sorted, tail)) : ks[crossing],
    high: sorted.length > 0 ? Math.round(quantile(sorted, 1 - tail)) : ks[crossing],
    resolved: ks.some((_, j) => j >= crossing && isAhead(j)),
  };
}

const points = (value: number): string => `${(100 * Math.abs(value)).toFixed(1)} points`;

/** What a sentence about a pair needs besides the differences. */
interface PairFacts extends Pick<
  Pair,
  'problemCount' | 'onlyInA' | 'onlyInB' | 'solvedOnlyByA' | 'solvedOnlyByB'
> {
  /** "8", or "8 to 16", samples of a problem */
  readonly samplesOfA: string;
  readonly samplesOfB: string;
}

function findingOf(
  { names, ks, difference, intervals }: Course,
  overtaking: Overtaking | null,
  facts: PairFacts,
): string {
  const last = ks.length - 1;
  const isResolved = (j: number): boolean => intervals[j].low > 0 || intervals[j].high < 0;
  const range = (j: number): string =>
    `${(100 * intervals[j].low).toFixed(1)} to ${(100 * intervals[j].high).toFixed(1)}`;
  const within = (j: number): string => (isResolved(j) ? '' : ` (not resolved: ${range(j)})`);
  const leaderAt = (j: number): string => (difference[j] > 0 ? names.a : names.b);
  const where =
    facts.onlyInA + facts.onlyInB > 0
      ? `on the ${facts.problemCount} problems that both have (${facts.onlyInA} and ${facts.onlyInB} are left out) `
      : '';
  const samples =
    facts.samplesOfA === facts.samplesOfB ? '' : ` in ${facts.samplesOfA} and ${facts.samplesOfB} samples`;
  const solved = `solved only by ${names.a}: ${facts.solvedOnlyByA}, only by ${names.b}: ${facts.solvedOnlyByB}${samples}`;
  return `${where}${courseOf()}; ${solved}`;

  function courseOf(): string {
    if (difference[0] === 0) {
      const first = difference.findIndex((value) => value !== 0);
      if (first < 0) return `${names.a} and ${names.b} are equal at every k`;
      const end = difference[last];
      return (
        `${names.a} and ${names.b} are equal at k = 1; ${leaderAt(first)} is ahead from k = ${ks[first]} on` +
        (end === 0 ? '' : `, and ${leaderAt(last)} at k = ${ks[last]} by ${points(end)}${within(last)}`)
      );
    }
    const start = isResolved(0)
      ? `${leaderAt(0)} leads at k = 1 by ${points(difference[0])}`
      : `no difference is resolved at k = 1 (${names.a} less ${names.b}: ${(100 * difference[0]).toFixed(1)} points, ${range(0)})`;
    if (!overtaking) {
      if (last === 0) return `${start}; with one sample no larger k can be compared`;
      const end = isResolved(last)
        ? `${leaderAt(last)} is ${points(difference[last])} ahead`
        : `none is resolved (${(100 * difference[last]).toFixed(1)} points, ${range(last)})`;
      return isResolved(0) && isResolved(last)
        ? `${start} and is not overtaken up to k = ${ks[last]}, where the difference is ${points(difference[last])}`
        : `${start}; at k = ${ks[last]} ${end}`;
    }
    const end =
      difference[last] * difference[0] < 0
        ? `${points(difference[last])} ahead at k = ${ks[last]}${within(last)}`
        : `no longer ahead at k = ${ks[last]}`;
    return (
      `${start}; ${overtaking.model} overtakes at k = ${overtaking.k} (in ${Math.round(100 * overtaking.share)} % of resamples, there at k of ` +
      `${overtaking.low} to ${overtaking.high}) and is ${end}${overtaking.resolved ? '' : '; its lead stays within the interval at every k'}`
    );
  }
}

function samplesOf(problems: ReadonlyMap<string, Readonly<ProblemCount>>): string {
  let [least, most] = [Infinity, 0];
  for (const { n } of problems.values()) {
    least = Math.min(least, n);
    most = Math.max(most, n);
  }
  return least === most ? String(least) : `${least} to ${most}`;
}
