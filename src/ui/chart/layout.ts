/** Where everything of a chart stands: axes, names at the ends of lines, and what can be pointed at. */
import type { ChartPoint, ChartSeries, LineChart } from '../../view/section.ts';
import { pointWords } from './rows.ts';
import { placeAxis, valuesOf, type PlacedAxis } from './scales.ts';

export const MARGIN = { top: 24, bottom: 38, left: 46 } as const;
/** Pixels between neighbouring names at the ends of lines. */
const LABEL_ROOM = 14;
const LABEL_CHARACTER = 7.2;
const MOST_LABEL = 170;
/** Pixels before the right end from which on a line counts as ending there. */
const EARLY = 40;
/** A pointer nearer than this has a point. */
const REACH = 40;

/** What can be pointed at: where it is, and what it says. */
export interface Target {
  readonly name: string;
  readonly at: readonly [number, number];
  readonly words: readonly string[];
  readonly series: number;
}

export interface Drawn {
  readonly width: number;
  readonly right: number;
  readonly bottom: number;
  readonly x: PlacedAxis;
  readonly y: PlacedAxis;
  readonly labels: readonly { readonly name: string; readonly x: number; readonly y: number }[];
  readonly targets: readonly Target[];
}

/** A name as it fits beside its line. */
export const shortened = (name: string, room: number): string => {
  const most = Math.max(4, Math.floor(room / LABEL_CHARACTER));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
};

export function layOut(chart: LineChart, hidden: ReadonlySet<string>, width: number, height: number): Drawn {
  const series = chart.series.filter(({ name }) => !hidden.has(name));
  const visible = { ...chart, series };
  const longest = Math.max(0, ...series.map(({ name }) => name.length));
  const right = width - Math.max(14, Math.min(MOST_LABEL, width * 0.36, longest * LABEL_CHARACTER + 14));
  const bottom = height - MARGIN.bottom;
  const x = placeAxis(chart.x, 'x', [MARGIN.left, right], valuesOf(visible, 'x'));
  const y = placeAxis(chart.y, 'y', [bottom, MARGIN.top], valuesOf(visible, 'y'));
  const at = (point: { readonly x: number; readonly y: number }): [number, number] => [
    x.place(point.x),
    y.place(point.y),
  ];
  const isShown = (point: { readonly x: number; readonly y: number }): boolean =>
    x.isShown(point.x) && y.isShown(point.y);
  const atPoint = (point: ChartPoint): [number, number] => [
    x.place(point.x) + (point.shift ?? 0),
    y.place(point.y),
  ];
  const targets = series.flatMap((entry, index): Target[] => {
    const { name, points, line, lineIs, dash } = entry;
    const own = points
      .filter((point) => !point.isWide && isShown(point))
      .map((point) => ({ name, at: atPoint(point), words: pointWords(name, point), series: index }));
    if (own.length > 0) return own;
    const stride = Math.max(1, Math.ceil(line.length / 64));
    return line
      .filter((point, i) => i % stride === 0 && isShown(point))
      .map((point) => ({
        name,
        at: at(point),
        words: [
          `${name}${dash ? ' (dashed)' : ''}`,
          ...pointWords('', {
            ...{ x: point.x, y: point.y, low: point.y, high: point.y },
            ...{
              state: 'decided' as const,
              title: `${chart.x.label}: ${tipNumber(point.x)}`,
              exact: null,
              count: lineIs ?? 'exact',
            },
          }),
        ],
        series: index,
      }));
  });
  return { width, right, bottom, x, y, labels: placeLabels(series, isShown, at, right, bottom), targets };
}

const tipNumber = (value: number): string => String(Number(value.toPrecision(4)));

/** Names at the ends of their lines; those that would touch move apart. */
function placeLabels(
  series: readonly ChartSeries[],
  isShown: (point: { readonly x: number; readonly y: number }) => boolean,
  at: (point: { readonly x: number; readonly y: number }) => [number, number],
  right: number,
  bottom: number,
): { name: string; x: number; y: number }[] {
  const seen = new Set<string>();
  const ends = series.flatMap(({ name, line, points }) => {
    if (seen.has(name)) return [];
    const shownPoints = (line.length > 0 ? line : points).filter(isShown);
    if (shownPoints.length === 0) return [];
    const last = shownPoints.reduce((best, point) => (point.x >= best.x ? point : best));
    seen.add(name);
    const [x, y] = at(last);
    // A line that ends within the chart has its name there.
    return [{ name, x: x < right - EARLY ? x + 6 : right + 6, y }];
  });
  const apart = (own: typeof ends): typeof ends => {
    const sorted = [...own].sort((a, b) => a.y - b.y);
    for (let i = 1; i < sorted.length; i += 1)
      sorted[i].y = Math.max(sorted[i].y, sorted[i - 1].y + LABEL_ROOM);
    if ((sorted.at(-1)?.y ?? 0) <= bottom) return sorted;
    for (let i = sorted.length - 1; i >= 0; i -= 1) {
      const limit = i === sorted.length - 1 ? bottom : sorted[i + 1].y - LABEL_ROOM;
      sorted[i].y = Math.min(sorted[i].y, limit);
    }
    return sorted;
  };
  // Those that end early at one place are a stack of their own.
  const places = [...new Set(ends.map(({ x }) => Math.round(x)))];
  const placed = places.flatMap((place) => apart(ends.filter(({ x }) => Math.round(x) === place)));
  // Of names that would lie on one another the first is kept; the key has all of them.
  return placed.filter(({ x, y }, index) =>
    placed.slice(0, index).every((other) => {
      const [left, right] = other.x <= x ? [other, { x }] : [{ x, name: placed[index].name }, other];
      return Math.abs(other.y - y) >= LABEL_ROOM || left.x + left.name.length * LABEL_CHARACTER < right.x;
    }),
  );
}

/** The target nearest to a place, within reach. */
export function nearest(targets: readonly Target[], left: number, top: number): number | null {
  let best: number | null = null;
  let least = REACH;
  targets.forEach(({ at }, i) => {
    const distance = Math.hypot(at[0] - left, at[1] - top);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/** Along points with left and right, between series with up and down. */
export function step(
  targets: readonly Target[],
  active: number | null,
  key: string,
): number | null | undefined {
  if (key === 'Escape') return null;
  const direction = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[key];
  if (direction === undefined || targets.length === 0) return undefined;
  if (active === null) return 0;
  const current = targets[active];
  const order = (own: readonly number[]): number[] =>
    [...own].sort((a, b) => targets[a].at[0] - targets[b].at[0]);
  const indices = targets.map((_, i) => i);
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const own = order(indices.filter((i) => targets[i].series === current.series));
    return own[Math.min(own.length - 1, Math.max(0, own.indexOf(active) + direction))];
  }
  const names = [...new Set(targets.map(({ series }) => series))];
  const next = names.at((names.indexOf(current.series) + direction + names.length) % names.length);
  const own = indices.filter((i) => targets[i].series === next);
  return own.reduce((best, i) =>
    Math.abs(targets[i].at[0] - current.at[0]) < Math.abs(targets[best].at[0] - current.at[0]) ? i : best,
  );
}
