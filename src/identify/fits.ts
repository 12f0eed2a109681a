/**
 * Rows with open parameters, fitted to weights that are known to some slack. A weight of a row is a/(s + ε) with an ε, or a alone;
 * a and s may move with one more parameter (β, γ, λ). So
 *
 *   ε at a given factor F    every weight t leaves it an interval, F a/(t ± δ) − s: what all leave together
 *   ε and F, both free       1/t = (s u + v)/a with u = 1/F, v = ε/F: linear least squares
 *   the other parameter      the least largest deviation, by golden section between the points of a grid
 *
 * A parameter is named by its roundest value that keeps every weight within its slack.
 */

/** A weight that a table has, and how far it may be off. */
export interface KnownWeight {
  readonly outcome: 'correct' | 'wrong';
  readonly c: number;
  readonly value: number;
  readonly slack: number;
}

/** a/(s + ε) + offset */
export interface Term {
  readonly a: number;
  readonly s: number;
  readonly offset?: number;
}

export interface Row<Place> {
  /** other than ε: its name and range; `terms` is then asked at values of it */
  readonly outer?: {
    readonly name: string;
    readonly range: readonly [number, number];
    readonly usual: number;
  };
  readonly hasEps: boolean;
  /** how many different c there are: with one, a parameter is but a factor */
  readonly countPlaces?: (wanted: readonly Wanted<Place>[]) => number;
  /** ε is told apart from a factor by other rows than these: one s is enough */
  readonly mayHaveOneScale?: true;
  readonly term: (place: Place, outer: number) => Term;
}

export interface FitFound {
  /** 0 where the row has none */
  readonly eps: number;
  /** NaN where the row has none */
  readonly outer: number;
  readonly factor: number;
  /** every ε up to here fits, where 0 does at this factor; 0 where it was not looked for */
  readonly epsMost: number;
  /** every ε within fits, where that is more than one in other digits */
  readonly epsRange?: readonly [low: number, high: number];
}

/** A value at one place of the row. */
export interface Wanted<Place> {
  readonly place: Place;
  readonly value: number;
  readonly slack: number;
}

const MAX_EPS = 1;
/** An interval whose ends are so far apart holds other round values. */
const WIDE = 1.2;
/** As trainers add it. */
export const USUAL_EPS = [1e-9, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3];
/** A fit needs so many weights that are not 0 beside what it leaves free. */
const SPARE = 1;

/** Wanted values and the terms there, at one value of the outer parameter. */
interface Pair {
  readonly value: number;
  readonly slack: number;
  readonly a: number;
  readonly s: number;
}

function pairsAt<Place>(row: Row<Place>, wanted: readonly Wanted<Place>[], outer: number): Pair[] {
  return wanted.map(({ place, value, slack }) => {
    const { a, s, offset = 0 } = row.term(place, outer);
    return { value: value - offset, slack, a, s };
  });
}

const predicted = ({ a, s }: Pair, eps: number): number => (a === 0 ? 0 : a / (s + eps));

/** The largest deviation in units of what each weight may be off. */
function misfit(pairs: readonly Pair[], factor: number, eps: number): number {
  let most = 0;
  for (const pair of pairs) {
    const off = Math.abs(pair.value - factor * predicted(pair, eps)) / pair.slack;
    most = Math.max(most, Number.isNaN(off) ? Infinity : off);
  }
  return most;
}

/** What all weights leave of ε at this factor; null where nothing is left. */
function epsInterval(
  pairs: readonly Pair[],
  factor: number,
): { low: number; high: number; bounds: number } | null {
  let [low, high, bounds] = [0, MAX_EPS, 0];
  for (const { value, slack, a, s } of pairs) {
    const wanted = factor * a;
    if (a === 0) {
      if (Math.abs(value) > slack) return null;
      continue;
    }
    if (Math.abs(value) > slack) {
      const ends = [wanted / (value - slack) - s, wanted / (value + slack) - s];
      low = Math.max(low, Math.min(...ends));
      high = Math.min(high, Math.max(...ends));
      bounds += 1;
    } else if (s >= 0) {
      low = Math.max(low, Math.abs(wanted) / (Math.abs(value) + slack) - s);
    }
    if (low > high) return null;
  }
  return { low, high, bounds };
}

/** How many different s there are: with one, ε is but a factor. */
function differentScales(pairs: readonly Pair[]): number {
  return new Set(pairs.flatMap(({ a, s }) => (a === 0 ? [] : [s.toPrecision(6)]))).size;
}

/** ε by weighted least squares at a given factor, for a row that does not fit (yet). */
function bestEps(pairs: readonly Pair[], factor: number): number {
  let [sum, weight] = [0, 0];
  for (const { value, slack, a, s } of pairs) {
    if (a === 0 || value * factor * a <= 0) continue;
    const own = (value * value) / (factor * a * slack);
    sum += own * own * ((factor * a) / value - s);
    weight += own * own;
  }
  return weight > 0 ? Math.min(MAX_EPS, Math.max(0, sum / weight)) : 0;
}

/** Factor and ε by weighted least squares; ε is 0 where it is not open. */
function bestFactor(pairs: readonly Pair[], isEpsOpen: boolean): { factor: number; eps: number } {
  if (isEpsOpen) {
    let [ss, sv, vv, sy, vy] = [0, 0, 0, 0, 0];
    for (const { value, slack, a, s } of pairs) {
      if (a === 0 || value === 0) continue;
      // 1/value is off by slack/value^2.
      const weight = (value * value) / slack;
      const [x1, x2, y] = [(s / a) * weight, weight / a, weight / value];
      ss += x1 * x1;
      sv += x1 * x2;
      vv += x2 * x2;
      sy += x1 * y;
      vy += x2 * y;
    }
    const determinant = ss * vv - sv * sv;
    if (determinant > 1e-12 * ss * vv) {
      const [u, v] = [(sy * vv - vy * sv) / determinant, (vy * ss - sy * sv) / determinant];
      if (u !== 0 && v / u > 0 && v / u <= MAX_EPS) return { factor: 1 / u, eps: v / u };
    }
  }
  let [product, square] = [0, 0];
  for (const pair of pairs) {
    const one = predicted(pair, 0);
    product += (pair.value * one) / pair.slack ** 2;
    square += (one / pair.slack) ** 2;
  }
  return { factor: square > 0 ? product / square : 0, eps: 0 };
}

/** So many places tell most rows apart, and steer a search. */
const FEW = 16;

/** Some places, evenly spaced among those that have weight and those that have none. */
function some<Place>(wanted: readonly Wanted<Place>[]): readonly Wanted<Place>[] {
  if (wanted.length <= FEW) return wanted;
  const every = (own: readonly Wanted<Place>[], count: number): Wanted<Place>[] =>
    own.length <= count
      ? [...own]
      : Array.from({ length: count }, (_, i) => own[Math.floor((i * (own.length - 1)) / (count - 1))]);
  const isTold = ({ value, slack }: Wanted<Place>): boolean => Math.abs(value) > slack;
  return [
    ...every(wanted.filter(isTold), FEW - 4),
    ...every(
      wanted.filter((entry) => !isTold(entry)),
      4,
    ),
  ];
}

/** @param factors to try as they are; or 'free' @param epsUnit ε is round in this many of its units: the spread of rewards */
export function fitRow<Place>(
  row: Row<Place>,
  wanted: readonly Wanted<Place>[],
  factors: readonly number[] | 'free',
  epsUnit = 1,
): FitFound | null {
  const told = wanted.filter(({ value, slack }) => Math.abs(value) > slack).length;
  const open = (row.outer ? 1 : 0) + (row.hasEps ? 1 : 0) + (factors === 'free' ? 1 : 0);
  if (told < open + SPARE) return null;
  // Weights of one size, up to their signs and counts, tell no parameter.
  if (row.outer && row.countPlaces && row.countPlaces(wanted) < 2) return null;
  if (factors === 'free') return fitFree(row, wanted, epsUnit);
  for (const factor of factors) {
    const found = fitAt(row, wanted, factor, epsUnit);
    if (found) return found;
  }
  return null;
}

function fitAt<Place>(
  row: Row<Place>,
  wanted: readonly Wanted<Place>[],
  factor: number,
  epsUnit: number,
): FitFound | null {
  const few = some(wanted);
  const at = (outer: number): FitFound | null => {
    if (few !== wanted) {
      const pairs = pairsAt(row, few, outer);
      if (row.hasEps ? !epsInterval(pairs, factor) : misfit(pairs, factor, 0) > 1) return null;
    }
    const pairs = pairsAt(row, wanted, outer);
    if (!row.hasEps) return misfit(pairs, factor, 0) <= 1 ? { eps: 0, outer, factor, epsMost: 0 } : null;
    if (misfit(pairs, factor, 0) <= 1)
      return { eps: 0, outer, factor, epsMost: epsInterval(pairs, factor)?.high ?? 0 };
    if (!row.mayHaveOneScale && differentScales(pairs) < 2) {
      // With one scale ε is but a factor: those that trainers have are tried.
      const usualEps = USUAL_EPS.find((value) => misfit(pairs, factor, value / epsUnit) <= 1);
      return usualEps === undefined ? null : { eps: usualEps / epsUnit, outer, factor, epsMost: 0 };
    }
    const interval = epsInterval(pairs, factor);
    // One weight alone always leaves an ε; at the end of the range nothing is found but that it ends.
    if (!interval || interval.bounds < 2 || interval.high >= MAX_EPS) return null;
    const inUnits = { low: interval.low * epsUnit, high: interval.high * epsUnit };
    const eps = [roundest(inUnits) / epsUnit, (interval.low + interval.high) / 2].find(
      (value) => misfit(pairs, factor, value) <= 1 + 1e-9,
    );
    if (eps === undefined) return null;
    const isWide = interval.high > WIDE * interval.low;
    return { eps, outer, factor, epsMost: 0, ...(isWide ? { epsRange: [interval.low, interval.high] } : {}) };
  };
  if (!row.outer) return at(NaN);
  return search(row.outer, at, (outer) => {
    const pairs = pairsAt(row, few, outer);
    return misfit(pairs, factor, row.hasEps ? bestEps(pairs, factor) : 0);
  });
}

function fitFree<Place>(row: Row<Place>, wanted: readonly Wanted<Place>[], epsUnit: number): FitFound | null {
  const few = some(wanted);
  const fits = (pairs: readonly Pair[], isEpsOpen: boolean): { factor: number; eps: number } | null => {
    const best = bestFactor(pairs, isEpsOpen);
    return best.factor !== 0 && misfit(pairs, best.factor, best.eps) <= 1 ? best : null;
  };
  const at = (outer: number): FitFound | null => {
    if (few !== wanted) {
      const pairs = pairsAt(row, few, outer);
      if (!fits(pairs, false) && !(row.hasEps && fits(pairs, true))) return null;
    }
    const pairs = pairsAt(row, wanted, outer);
    // Without ε where that is enough: fewer things are free then.
    for (const isEpsOpen of row.hasEps && differentScales(pairs) > 2 ? [false, true] : [false]) {
      const best = fits(pairs, isEpsOpen);
      if (best) return rounded(pairs, best, outer, epsUnit);
    }
    return null;
  };
  if (!row.outer) return at(NaN);
  return search(row.outer, at, (outer) => {
    const pairs = pairsAt(row, few, outer);
    const { factor, eps } = bestFactor(pairs, row.hasEps);
    return misfit(pairs, factor, eps);
  });
}

/** ε and the factor move together: the roundest ε for which some factor fits. */
function rounded(
  pairs: readonly Pair[],
  { factor, eps }: { readonly factor: number; readonly eps: number },
  outer: number,
  epsUnit: number,
): FitFound {
  if (eps > 0) {
    for (let digits = 1; digits <= 6; digits += 1) {
      const round = Number((eps * epsUnit).toPrecision(digits)) / epsUnit;
      const moved = pairs.map((pair) => ({ ...pair, s: pair.s + round }));
      const again = bestFactor(moved, false).factor;
      if (again !== 0 && misfit(moved, again, 0) <= 1)
        return { eps: round, outer, factor: again, epsMost: 0 };
    }
  }
  return { eps, outer, factor, epsMost: 0 };
}

const GRID_PER_DECADE = 12;
const LEAST_SIZE = 1e-3;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const NARROWINGS = 75;
const MOST_VALLEYS = 2;

/** The parameter at which the deviation is least, then the roundest one near it that fits. */
function search(
  { range, usual }: NonNullable<Row<unknown>['outer']>,
  at: (outer: number) => FitFound | null,
  deviation: (outer: number) => number,
): FitFound | null {
  const usually = at(usual);
  if (usually) return usually;
  for (const { least } of valleys(range, deviation)) {
    // At an end nothing has been found but that the range ends.
    if (
      Math.abs(least) < LEAST_SIZE ||
      least >= range[1] * (1 - 1e-9) ||
      (range[0] < 0 && least <= range[0] * (1 - 1e-9))
    )
      continue;
    for (let digits = 1; digits <= 12; digits += 1) {
      const found = at(Number(least.toPrecision(digits)));
      if (found) return found;
    }
    const found = at(least);
    if (found) return found;
  }
  return null;
}

/** Where the deviation has its least values, the least first. */
export function valleys(
  [low, high]: readonly [number, number],
  deviation: (outer: number) => number,
): { readonly least: number; readonly deviation: number }[] {
  const decades = Math.log10(Math.max(high, -low) / LEAST_SIZE);
  const sizes = Array.from(
    { length: Math.ceil(decades * GRID_PER_DECADE) + 1 },
    (_, i) => LEAST_SIZE * 10 ** (i / GRID_PER_DECADE),
  );
  const grid = [...sizes.map((size) => -size), ...(low === 0 ? [0] : []), ...sizes, low, high]
    .filter((point) => point >= low && point <= high && (low < 0 ? point !== 0 : true))
    .sort((a, b) => a - b);
  const values = grid.map(deviation);
  const starts = grid
    .map((_, i) => i)
    .filter((i) => values[i] <= (values[i - 1] ?? Infinity) && values[i] <= (values[i + 1] ?? Infinity))
    .sort((i, j) => values[i] - values[j])
    .slice(0, MOST_VALLEYS);
  return starts
    .map((i) => {
      let [from, to] = [grid[Math.max(0, i - 1)], grid[Math.min(grid.length - 1, i + 1)]];
      // 0 itself may be where a row is not defined.
      if (from < 0 && to > 0 && low < 0) [from, to] = grid[i] < 0 ? [from, -1e-9] : [1e-9, to];
      for (let step = 0; step < NARROWINGS; step += 1) {
        const [x1, x2] = [to - GOLDEN * (to - from), from + GOLDEN * (to - from)];
        if (deviation(x1) <= deviation(x2)) to = x2;
        else from = x1;
      }
      const least = (from + to) / 2;
      return { least, deviation: deviation(least) };
    })
    .sort((x, y) => x.deviation - y.deviation);
}

/** The row nearest to a table: factor and parameters by least squares, with what is left over as a share of the largest weight. */
export function nearestFit<Place>(
  row: Row<Place>,
  wanted: readonly Wanted<Place>[],
): (FitFound & { readonly residual: number }) | null {
  const size = wanted.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  if (size === 0) return null;
  const even = wanted.map((entry) => ({ ...entry, slack: size }));
  const few = some(even);
  const at = (outer: number, places = few): FitFound & { readonly residual: number } => {
    const pairs = pairsAt(row, places, outer);
    const choices = (row.hasEps ? [false, true] : [false]).map((isEpsOpen) => {
      const best = bestFactor(pairs, isEpsOpen);
      const eps = Number(best.eps.toPrecision(3));
      return { factor: best.factor, eps, outer, epsMost: 0, residual: misfit(pairs, best.factor, eps) };
    });
    // An ε must earn its place.
    return choices.reduce((best, own) => (own.residual < 0.5 * best.residual ? own : best));
  };
  if (!row.outer) return at(NaN, even);
  const [best] = valleys(row.outer.range, (outer) => at(outer).residual);
  return at(Number(best.least.toPrecision(3)), even);
}

interface Interval {
  readonly low: number;
  readonly high: number;
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
