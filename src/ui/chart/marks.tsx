/** What a chart is made of: its frame, curves with their bands and points, and those of another run. */
import { area, line as path } from 'd3-shape';
import type { JSX } from 'preact';
import type { ChartPoint, ChartSeries, LineChart } from '../../view/section.ts';
import { MARGIN, type Drawn } from './layout.ts';
import { cross, hollowSquare, type Look } from './looks.ts';
import type { PlacedAxis } from './scales.ts';
import { chartText, tickLabel } from './texts.ts';

export function Frame({
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

export function Curve({ series, look, x, y }: CurveProps): JSX.Element {
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
export function Overlaid({
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
