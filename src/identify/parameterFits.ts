/**
 * Rows of the catalogue whose parameters are fitted to a table. Within a small part of a parameter's range every weight of a row is
 * monotone in it, so a weight that is known to some rounding leaves an interval; what all weights leave together is what fits, and its
 * roundest value is the name. It is checked against every weight as it is written.
 */
import { families, type Estimator, type EstimatorFamily, type Parameter } from '../estimators/estimators.ts';
import { weightValue } from '../estimators/weightTables.ts';
import { FLOAT32_ROUNDING, type OwnEstimator, type OwnWeight } from './ownEstimator.ts';

export interface ParameterFit {
  /** as the tool takes it: "grpo:std=sample:eps=1e-4" */
  readonly estimator: string;
  /** 1, or n where the table is of advantages for a mean over the group */
  readonly factor: number;
}

/** A weight that the file has, and where. */
interface Known {
  readonly outcome: 'correct' | 'wrong';
  readonly c: number;
  readonly weight: OwnWeight;
}

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Halvings of a parameter's range: to the last digits of float64, near 0 as well. */
const HALVINGS = 80;
/** So many weights that a parameter moves must be known: one always fits. */
const LEAST_MOVED = 2;

export function parameterFits(own: OwnEstimator): ParameterFit[] {
  const known = (['correct', 'wrong'] as const).flatMap((outcome) =>
    own[outcome].flatMap((weight, c): Known[] => (weight ? [{ outcome, c, weight }] : [])),
  );
  const factors = own.n === 1 ? [1] : [1, own.n];
  return families.flatMap((family) =>
    family.parameters
      .filter(({ range }) => range !== undefined)
      .flatMap((parameter) =>
        choicesOf(family, parameter).flatMap((choice) =>
          factors.flatMap((factor) => fit(family, parameter, choice, own.n, known, factor) ?? []),
        ),
      ),
  );
}

/** Every combination of the words that a family leaves open; its other numbers are the usual ones. */
function choicesOf({ parameters }: EstimatorFamily, fitted: Parameter): Record<string, string>[] {
  return parameters
    .filter((parameter) => parameter !== fitted)
    .reduce<Record<string, string>[]>(
      (all, { name, usual, choices = [usual] }) =>
        all.flatMap((values) => choices.map((choice) => ({ ...values, [name]: choice }))),
      [{}],
    );
}

function fit(
  family: EstimatorFamily,
  { name, range }: Parameter,
  choice: Readonly<Record<string, string>>,
  n: number,
  known: readonly Known[],
  factor: number,
): ParameterFit | null {
  const at = (value: number): Omit<Estimator, 'id'> => family.make({ ...choice, [name]: String(value) });
  const valueAt = (value: number, { outcome, c }: Known): number =>
    factor * weightValue(at(value)[outcome]({ n, k: 1, c }));
  const segments = segmentsOf(range!);
  const pieces = segments.flatMap((segment) => common(known, segment, valueAt) ?? []);
  for (const { interval, moved } of joined(pieces)) {
    if (moved < LEAST_MOVED) continue;
    const fits = (value: number): boolean =>
      known.every((entry) => isWithin(valueAt(value, entry), entry.weight));
    const value = [roundest(interval), (interval.low + interval.high) / 2].find(fits);
    // At the end of a range nothing has been found but that it ends.
    if (value === undefined || value === range![1] || (value === range![0] && value !== 0)) continue;
    const given = { ...choice, [name]: written(value) };
    const unusual = family.parameters.filter((own) => given[own.name] !== own.usual);
    // The row as it is has been tried.
    if (unusual.length === 0) return null;
    return {
      estimator: [family.id, ...unusual.map((own) => `${own.name}=${given[own.name]}`)].join(':'),
      factor,
    };
  }
  return null;
}

/** Points of a decade, and the decades: between neighbours a weight is taken to be monotone. */
const POINTS = 25;
const LEAST_SIZE = 1e-9;

/** A range in parts: finer where numbers are small, for there parameters are told apart by their digits. */
function segmentsOf([low, high]: readonly [number, number]): (readonly [number, number])[] {
  const decades = Math.log10(Math.max(high, -low) / LEAST_SIZE);
  const sizes = Array.from(
    { length: Math.ceil(decades * POINTS) + 1 },
    (_, i) => LEAST_SIZE * 10 ** (i / POINTS),
  );
  const ends = [...sizes.map((size) => -size), low, ...(low === 0 ? [0] : []), ...sizes, high]
    .filter((end) => end >= low && end <= high)
    .sort((a, b) => a - b);
  return ends.slice(1).flatMap((end, i) => {
    const segment = [ends[i], end] as const;
    // 0 itself may be where a row is not defined: it is an end only where the range begins there.
    return segment[0] === segment[1] || (segment[0] < 0 && segment[1] > 0) ? [] : [segment];
  });
}

interface Piece {
  readonly interval: Interval;
  /** weights that the parameter moves */
  readonly moved: number;
}

/** Pieces of neighbouring segments are one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const before = all.at(-1);
    if (before && piece.interval.low <= before.interval.high * (1 + Math.sign(before.interval.high) * 1e-12))
      all[all.length - 1] = {
        interval: { low: before.interval.low, high: piece.interval.high },
        moved: Math.max(before.moved, piece.moved),
      };
    else all.push(piece);
  }
  return all;
}

const written = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);

const slackOf = ({ value, rounding }: OwnWeight): number => rounding + 2 * FLOAT32_ROUNDING * Math.abs(value);
const isWithin = (computed: number, weight: OwnWeight): boolean =>
  Math.abs(computed - weight.value) <= slackOf(weight) + Number.EPSILON;

/** What all weights leave of a part of the range, and how many of them say something of it. */
function common(
  known: readonly Known[],
  [low, high]: readonly [number, number],
  valueAt: (value: number, entry: Known) => number,
): Piece | null {
  let [least, most, moved] = [low, high, 0];
  for (const entry of known) {
    const [first, last] = [valueAt(low, entry), valueAt(high, entry)];
    const slack = slackOf(entry.weight) + Number.EPSILON;
    const [from, to] = [entry.weight.value - slack, entry.weight.value + slack];
    const [bottom, top] = [Math.min(first, last), Math.max(first, last)];
    // A weight may turn within the part: a little beyond its ends it does not contradict.
    const margin = top - bottom + slack;
    if (top + margin < from || bottom - margin > to) return null;
    moved += 1;
    if (top < from || bottom > to || top - bottom <= 2 * slack) continue;
    const isRising = last > first;
    const reaches = (wanted: number): number => {
      let [below, above] = [low, high];
      for (let i = 0; i < HALVINGS; i += 1) {
        const middle = (below + above) / 2;
        if (valueAt(middle, entry) < wanted === isRising) below = middle;
        else above = middle;
      }
      return (below + above) / 2;
    };
    const ends = [reaches(from), reaches(to)].sort((a, b) => a - b);
    least = Math.max(least, ends[0]);
    most = Math.min(most, ends[1]);
    if (least > most) return null;
  }
  return { interval: { low: least, high: most }, moved };
}

/** The number of an interval with the fewest digits; of several a power of ten, else the one nearest to the middle. */
export function roundest({ low, high }: Interval): number {
  if (low <= 0 && high >= 0) return 0;
  const middle = (low + high) / 2;
  for (let digits = 1; digits <= 15; digits += 1) {
    const unit = Math.floor(Math.log10(Math.abs(middle))) - digits + 1;
    const candidates = [-1, 0, 1].flatMap((offset) => {
      // As text, so that 3 units of 1e-5 are 3e-5.
      const scale = unit + offset;
      const steps = Math.round(middle / 10 ** scale);
      return [-1, 0, 1].map((step) => Number(`${steps + step}e${scale}`));
    });
    const inside = candidates
      .filter((value) => value >= low && value <= high && value !== 0)
      .filter((value) => Number(value.toPrecision(digits)) === value)
      .sort(
        (a, b) => Number(!isPower(a)) - Number(!isPower(b)) || Math.abs(a - middle) - Math.abs(b - middle),
      );
    if (inside.length > 0) return inside[0];
  }
  return middle;
}

const isPower = (value: number): boolean => /^-?1e[+-]?\d+$/.test(value.toExponential());
