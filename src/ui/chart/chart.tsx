/** A line chart (view/section.ts) as one svg: exact curves, measured points, names at the ends of lines, one tip. */
import { area, line as path } from 'd3-shape';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ChartPoint, ChartSeries, LineChart } from '../../view/section.ts';
import { cross, hollowSquare, looksOf, type Look } from './looks.ts';
import { pointWords } from './rows.ts';
import { chartText, tickLabel } from './texts.ts';
import { placeAxis, valuesOf, type PlacedAxis } from './scales.ts';

const MARGIN = { top: 24, bottom: 38, left: 46 } as const;
/** Pixels between neighbouring names at the ends of lines. */
const LABEL_ROOM = 14;
const LABEL_CHARACTER = 7.2;
const MOST_LABEL = 170;
/** Pixels before the right end from which on a line counts as ending there. */
const EARLY = 40;
const LEAST_WIDTH = 240;
/** A pointer nearer than this has a point. */
const REACH = 40;

export interface ChartProps {
  readonly chart: LineChart;
  /** names that are switched off */
  readonly hidden: ReadonlySet<string>;
  readonly height: number;
  /** drawn over it, as hollow squares */
  readonly overlay: LineChart | null;
  /** an x that is marked; null for none */
  readonly marker: number | null;
  readonly onDrawn: (svg: SVGSVGElement | null) => void;
}

interface Target {
  readonly name: string;
  readonly at: readonly [number, number];
  readonly words: readonly string[];
  readonly series: number;
}

/** A chart is drawn once it is about to be seen: so far from the window it is not. */
const NEAR = '300px';

/** The width of what an element stands in; 0 until it is near the window, or is to be printed. */
function useWidth(): [{ readonly current: HTMLDivElement | null }, number] {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = (): void => setWidth(Math.floor(element.clientWidth));
    const sizes = new ResizeObserver(measure);
    const begin = (): void => {
      measure();
      sizes.observe(element);
    };
    const sight = new IntersectionObserver(
      ([entry]) => {
        if (!entry.isIntersecting) return;
        sight.disconnect();
        begin();
      },
      { rootMargin: NEAR },
    );
    sight.observe(element);
    window.addEventListener('beforeprint', begin);
    return () => {
      sight.disconnect();
      sizes.disconnect();
      window.removeEventListener('beforeprint', begin);
    };
  }, []);
  return [place, width];
}

export function Chart({ chart, hidden, height, overlay, marker, onDrawn }: ChartProps): JSX.Element {
  const [place, width] = useWidth();
  const [active, setActive] = useState<number | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => {
    onDrawn(svg.current);
  }, [onDrawn, width]);
  useEffect(() => {
    setActive(null);
  }, [chart]);
  const looks = useMemo(() => looksOf(chart.series), [chart]);
  const drawn = useMemo(
    () => (width === 0 ? null : layOut(chart, hidden, Math.max(LEAST_WIDTH, width), height)),
    [chart, hidden, width, height],
  );
  const target = active === null ? undefined : drawn?.targets.at(active);
  const move = (event: KeyboardEvent): void => {
    if (!drawn) return;
    const next = step(drawn.targets, active, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
  };
  const point = (event: MouseEvent): void => {
    if (!drawn || !svg.current) return;
    const box = svg.current.getBoundingClientRect();
    setActive(nearest(drawn.targets, event.clientX - box.left, event.clientY - box.top));
  };
  return (
    <div class="chart" ref={place} style={{ height: `${height}px` }}>
      {drawn && (
        <svg
          ref={svg}
          role="img"
          aria-label={chartText(chart.name)}
          tabIndex={0}
          width={drawn.width}
          height={height}
          viewBox={`0 0 ${drawn.width} ${height}`}
          onKeyDown={move}
          onMouseMove={point}
          onClick={point}
          onMouseLeave={() => setActive(null)}
          onBlur={() => setActive(null)}
        >
          <Frame chart={chart} drawn={drawn} height={height} />
          {marker !== null && drawn.x.isShown(marker) && (
            <line
              data-screen
              x1={drawn.x.place(marker)}
              x2={drawn.x.place(marker)}
              y1={MARGIN.top}
              y2={drawn.bottom}
              stroke="var(--line-2)"
              stroke-dasharray="2 3"
            />
          )}
          {chart.series.map((series, i) =>
            hidden.has(series.name) ? null : (
              <Curve key={`${series.name} ${i}`} series={series} look={looks.get(series.name)!} {...drawn} />
            ),
          )}
          {overlay?.series.map((series, i) =>
            hidden.has(series.name) ? null : (
              <Overlaid key={i} series={series} look={looks.get(series.name)} {...drawn} />
            ),
          )}
          {drawn.labels.map(({ name, x, y }) => (
            <text
              key={name}
              x={x}
              y={y}
              dy=".32em"
              font-size="12"
              fill={looks.get(name)!.colour}
              stroke="var(--bg)"
              stroke-width="3"
              paint-order="stroke"
            >
              {shortened(name, drawn.width - drawn.right - 8)}
            </text>
          ))}
          {target && (
            <circle
              data-screen
              cx={target.at[0]}
              cy={target.at[1]}
              r="7"
              fill="none"
              stroke="var(--ink)"
              stroke-width="1.5"
            />
          )}
        </svg>
      )}
      {target && drawn && (
        <div
          class="tip"
          style={{
            left: `${Math.min(Math.max(0, target.at[0] - 90), Math.max(0, drawn.width - 210))}px`,
            ...(target.at[1] > height / 2
              ? { bottom: `${height - target.at[1] + 12}px` }
              : { top: `${target.at[1] + 12}px` }),
          }}
        >
          {target.words.map((words, i) => (
            <span key={i}>{words}</span>
          ))}
        </div>
      )}
      <span class="hidden" aria-live="polite">
        {target?.words.join(', ')}
      </span>
    </div>
  );
}

interface Drawn {
  readonly width: number;
  readonly right: number;
  readonly bottom: number;
  readonly x: PlacedAxis;
  readonly y: PlacedAxis;
  readonly labels: readonly { readonly name: string; readonly x: number; readonly y: number }[];
  readonly targets: readonly Target[];
}

const shortened = (name: string, room: number): string => {
  const most = Math.max(4, Math.floor(room / LABEL_CHARACTER));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
};

function layOut(chart: LineChart, hidden: ReadonlySet<string>, width: number, height: number): Drawn {
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
  return places.flatMap((place) => apart(ends.filter(({ x }) => Math.round(x) === place)));
}

function Frame({
  chart,
  drawn: { x, y, right, bottom },
  height,
}: {
  readonly chart: LineChart;
  readonly drawn: Drawn;
  readonly height: number;
}): JSX.Element {
  return (
    <g font-size="12" fill="var(--ink-3)">
      {y.ticks.map(({ value, at, text }) => (
        <g key={value}>
          <line x1={MARGIN.left} x2={right} y1={at} y2={at} stroke="var(--line)" />
          <text x={MARGIN.left - 6} y={at} dy=".32em" text-anchor="end">
            {tickLabel(text)}
          </text>
        </g>
      ))}
      {chart.y.rule !== undefined && y.isShown(chart.y.rule) && (
        <line
          x1={MARGIN.left}
          x2={right}
          y1={y.place(chart.y.rule)}
          y2={y.place(chart.y.rule)}
          stroke="var(--line-2)"
        />
      )}
      <line x1={MARGIN.left} x2={right} y1={bottom} y2={bottom} stroke="var(--line-2)" />
      {x.ticks.map(({ value, at, text }) => (
        <g key={value}>
          <line x1={at} x2={at} y1={bottom} y2={bottom + 4} stroke="var(--line-2)" />
          <text x={at} y={bottom + 16} text-anchor="middle">
            {tickLabel(text)}
          </text>
        </g>
      ))}
      <text x={right} y={height - 5} text-anchor="end">
        {chartText(chart.x.label)}
      </text>
      <text x={0} y={11}>
        {chartText(chart.y.label)}
      </text>
    </g>
  );
}

interface CurveProps extends Drawn {
  readonly series: ChartSeries;
  readonly look: Look;
}

function Curve({ series, look, x, y }: CurveProps): JSX.Element {
  const { name, dash, line, points, band } = series;
  const isShown = (point: { readonly x: number; readonly y: number }): boolean =>
    x.isShown(point.x) && y.isShown(point.y);
  // A line that leaves the chart and comes back is broken there.
  const curve = path<{ x: number; y: number }>()
    .defined(isShown)
    .x((point) => x.place(point.x))
    .y((point) => y.place(point.y));
  const around = area<{ x: number; low: number; high: number }>()
    .x((point) => x.place(point.x))
    .y0((point) => y.place(y.clamp(point.low)))
    .y1((point) => y.place(y.clamp(point.high)));
  return (
    <g data-series={name}>
      {band && <path d={around([...band]) ?? ''} fill={look.colour} fill-opacity=".14" />}
      {line.length === 1 && isShown(line[0]) && (
        <path d={look.outline(x.place(line[0].x), y.place(line[0].y))} fill={look.colour} />
      )}
      <path
        d={curve([...line]) ?? ''}
        fill="none"
        stroke={look.colour}
        stroke-width="2"
        {...(dash ? { 'stroke-dasharray': '5 4' } : {})}
      />
      <Points
        points={points.filter((point) => !point.isWide && isSeen(point, x, y))}
        look={look}
        x={x}
        y={y}
      />
    </g>
  );
}

/** A rejection beyond the axis is drawn at its end: none is lost. */
const isSeen = (point: ChartPoint, x: PlacedAxis, y: PlacedAxis): boolean =>
  x.isShown(point.x) && (y.isShown(point.y) || (point.state === 'rejected' && Number.isFinite(point.y)));

/** All points of a state in one path: thousands of them are drawn in a frame. */
function Points({
  points,
  look,
  x,
  y,
}: {
  readonly points: readonly ChartPoint[];
  readonly look: Look;
  readonly x: PlacedAxis;
  readonly y: PlacedAxis;
}): JSX.Element | null {
  if (points.length === 0) return null;
  const intervals = points
    .filter(({ low, high }) => low < high)
    .map(({ x: at, low, high, shift = 0 }) => {
      const ends = [y.place(y.clamp(low)), y.place(y.clamp(high))].map((end) => end.toFixed(1));
      return `M${(x.place(at) + shift).toFixed(1)},${ends[0]}V${ends[1]}`;
    });
  const outlines = (state: ChartPoint['state'], outline: Look['outline']): string =>
    points
      .filter((point) => point.state === state)
      .map((point) => outline(x.place(point.x) + (point.shift ?? 0), y.place(y.clamp(point.y))))
      .join('');
  return (
    <g data-points={points.length}>
      <path d={intervals.join('')} stroke={look.colour} stroke-width="1.5" stroke-opacity=".6" />
      <path d={outlines('open', look.outline)} fill="var(--bg)" stroke={look.colour} stroke-width="1.4" />
      <path
        d={outlines('given', look.outline)}
        fill={look.colour}
        fill-opacity=".35"
        stroke={look.colour}
        stroke-width="1.2"
      />
      <path d={outlines('decided', look.outline)} fill={look.colour} stroke="var(--bg)" stroke-width=".7" />
      <path d={outlines('rejected', cross)} fill="none" stroke={look.colour} stroke-width="1.8" />
    </g>
  );
}

/** Points of another run: hollow squares. */
function Overlaid({
  series,
  look,
  x,
  y,
}: Omit<CurveProps, 'look'> & { readonly look: Look | undefined }): JSX.Element {
  const colour = look?.colour ?? 'var(--s0)';
  const isShown = (point: { readonly x: number; readonly y: number }): boolean =>
    x.isShown(point.x) && y.isShown(point.y);
  const points = series.points.filter(isShown);
  // What is exact is the same in both; medians over replicas are not.
  const curve = path<{ x: number; y: number }>()
    .defined(isShown)
    .x((point) => x.place(point.x))
    .y((point) => y.place(point.y));
  return (
    <g data-overlay={series.name} fill="none" stroke={colour} stroke-width="1.3">
      <path
        d={points
          .map((point) => hollowSquare(x.place(point.x) + (point.shift ?? 0), y.place(point.y)))
          .join('')}
      />
      {series.lineIs && <path d={curve([...series.line]) ?? ''} stroke-width="2" stroke-dasharray="1 3" />}
    </g>
  );
}

function nearest(targets: readonly Target[], left: number, top: number): number | null {
  let best: number | null = null;
  let least = REACH;
  targets.forEach(({ at }, i) => {
    const distance = Math.hypot(at[0] - left, at[1] - top);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/** Along points with left and right, between series with up and down. */
function step(targets: readonly Target[], active: number | null, key: string): number | null | undefined {
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
