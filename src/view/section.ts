/**
 * What was found, as data: sentences, tables and charts that the terminal, the page and Markdown each write down in their
 * way. Could be printed on paper; knows no screen.
 */

/** A cell of a table: a text, or one with what stands beside it. */
export type Cell =
  | string
  | {
      readonly text: string;
      /** how a check ended; each screen has a mark for it */
      readonly verdict?: 'agree' | 'not rejected' | 'disagree' | 'inconclusive' | 'out of reach' | undefined;
      /** smaller, beside or below: a source, an exact value */
      readonly note?: string | undefined;
      /** only where there is room: what to do, a p-value */
      readonly hint?: string | undefined;
    };

export interface Table {
  readonly kind: 'table';
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** `given`: decided given the outcome alone */
  readonly state: 'decided' | 'given' | 'open' | 'rejected';
  /** what is measured there: "J1 = .5, k = 4" */
  readonly title: string;
  /** what it should be; null where nothing says so */
  readonly exact: number | null;
  /** what it was counted from: "32768 groups" */
  readonly count: string | null;
  /** pixels by which it is drawn beside its place, so that points of one x are told apart */
  readonly shift?: number;
  /** too wide to be drawn: it would hide the rest, and stands in the table */
  readonly isWide?: true;
}

export interface ChartSeries {
  readonly name: string;
  /** series of one colour share a name; a dashed line tells them apart */
  readonly dash?: 'dashed';
  readonly line: readonly { readonly x: number; readonly y: number }[];
  /** what the line is; exact where it does not say */
  readonly lineIs?: 'median of replicas' | 'joins points' | 'estimate' | 'fitted';
  readonly points: readonly ChartPoint[];
  /** around the line: of replicas, the middle 80 % */
  readonly band?: readonly { readonly x: number; readonly low: number; readonly high: number }[];
}

/** How values become places; `logit` is for probabilities whose both ends matter. */
export type Scale = 'linear' | 'log' | 'logit';

export interface Axis {
  readonly label: string;
  readonly type: Scale;
  readonly ticks?: readonly number[] | undefined;
  readonly tickFormat?: (value: number) => string;
  readonly domain?: readonly [number, number];
  /** a line at this value: at 0 where the sign is what matters, at 1 where ratios are */
  readonly rule?: number;
  /** which end of a long logarithmic axis is of interest; the top where it does not say */
  readonly keep?: 'bottom';
}

/**
 * Exact curves with measured points on them, with their intervals: filled where a check is decided, half filled where it is only
 * given the outcome, hollow where not, a cross where it is rejected.
 */
export interface LineChart {
  readonly kind: 'chart';
  /** what it shows, for those who do not see it */
  readonly name: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly ChartSeries[];
}

export interface Chooser {
  readonly label: string;
  readonly options: readonly string[];
  readonly first: string;
}

/** What was chosen, by the chooser's label. */
export type Choice = Readonly<Record<string, string>>;

/** Parts that depend on a choice; a screen without choosers shows none of them. */
export interface Chosen {
  readonly kind: 'chosen';
  readonly choosers: readonly Chooser[];
  readonly show: (choice: Choice) => readonly (Table | LineChart)[];
}

/** Behind a fold where a screen has folds. */
export interface Fold {
  readonly kind: 'fold';
  readonly title: string;
  readonly parts: readonly Part[];
}

/** A sentence, or what stands between sentences. */
export type Part = string | Table | LineChart | Chosen | Fold;

export interface Section {
  readonly title: string;
  readonly parts: readonly Part[];
}

export const table = (title: string, head: readonly string[], rows: Table['rows']): Table => ({
  kind: 'table',
  title,
  head,
  rows,
});

/** The usual order: words, charts, and the numbers behind a fold. */
export function charted(
  title: string,
  words: readonly string[],
  charts: Chosen | readonly LineChart[],
  numbers: readonly Table[],
): Section {
  return {
    title,
    parts: [
      ...words,
      ...('kind' in charts ? [charts] : charts),
      { kind: 'fold', title: 'Numbers', parts: numbers },
    ],
  };
}

/** An experiment that was cut short before it had anything to show. */
export const cutShort = (title: string): Section => ({
  title,
  parts: ['Cut short: nothing was finished.'],
});

/** "a deviation" → "A deviation." */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/**
 * A chart that is drawn from what was found and from what is chosen. What it draws from is picked from a result: small enough to
 * travel with the page.
 */
export interface Figure<Shown> {
  /** in the URL and in names of saved files */
  readonly id: string;
  readonly choosers: (shown: Shown) => readonly Chooser[];
  readonly draw: (shown: Shown, choice: Choice) => LineChart;
}

export const firstChoice = (choosers: readonly Chooser[]): Choice =>
  Object.fromEntries(choosers.map(({ label, first }) => [label, first]));

/** A figure as a part of a section. */
export function figurePart<Shown>(figure: Figure<Shown>, shown: Shown): Chosen {
  return {
    kind: 'chosen',
    choosers: figure.choosers(shown),
    show: (choice) => [figure.draw(shown, choice)],
  };
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A measured value as a point with its interval. */
export function pointOf(
  x: number,
  { value, low, high }: Interval,
  state: ChartPoint['state'],
  about: {
    readonly title: string;
    readonly exact?: number | null;
    readonly count?: string | null;
    readonly shift?: number;
    readonly isWide?: boolean;
  },
): ChartPoint {
  const { title, exact = null, count = null, shift = 0, isWide = false } = about;
  return {
    x,
    y: value,
    low,
    high,
    state,
    title,
    exact,
    count,
    ...(shift === 0 ? {} : { shift }),
    ...(isWide ? { isWide } : {}),
  };
}

/** A verdict as the state of a point. */
export const stateOf = (verdict: string): ChartPoint['state'] =>
  verdict === 'disagree' ? 'rejected' : verdict === 'agree' ? 'decided' : 'open';

const CURVE_POINTS = 100;
export const grid = (low: number, high: number): number[] =>
  Array.from({ length: CURVE_POINTS + 1 }, (_, i) => low + ((high - low) * i) / CURVE_POINTS);

export const logit = (p: number): number => Math.log(p) - Math.log1p(-p);
export const expit = (x: number): number => 1 / (1 + Math.exp(-x));

/** "1e-4", ".01", ".5", "1 − 1e-4" */
export function tickText(p: number): string {
  const small = (value: number): string =>
    value < 0.0095 ? `1e${Math.round(Math.log10(value))}` : String(Number(value.toPrecision(1)));
  return p <= 0.5 ? small(p) : p < 0.985 ? String(Number(p.toPrecision(2))) : `1−${small(1 - p)}`;
}

/** A tick of a logarithmic axis: "0.01", "1e-4", "2e+6" */
export function powerText(value: number): string {
  return value >= 0.0099 && value < 9999 ? String(value) : value.toExponential();
}
