/**
 * Draws a line chart (view/section.ts) with Observable Plot.
 */
import * as Plot from '@observablehq/plot';
import type { Axis, ChartSeries, LineChart } from '../view/section.ts';
import { COLOURS } from './colours.ts';

/** On a logarithmic axis this many decades are shown, at most. */
const MOST_DECADES = 14;

export function lineChart(
  { name, x: givenX, y, series: given }: Omit<LineChart, 'kind'>,
  width: number,
): SVGElement | HTMLElement {
  const { x, series } = placed(givenX, given);
  const [low, high] = y.domain ?? (y.type === 'log' ? shownDecades(series, y.keep) : [-Infinity, Infinity]);
  const isShown = ({ y: value }: { readonly y: number }): boolean =>
    Number.isFinite(value) && value >= low && value <= high;
  const clamp = (value: number): number => Math.min(high, Math.max(low, value));
  const names = [...new Set(series.map((entry) => entry.name))];
  const lines = series.flatMap(({ name: own, dash, line }, index) =>
    line.filter(isShown).map((point) => ({ ...point, name: own, index, dash })),
  );
  const points = series.flatMap(({ name: own, points: all }) =>
    all
      .filter(isShown)
      .map((point) => ({ ...point, low: clamp(point.low), high: clamp(point.high), name: own })),
  );
  const axis = ({ label, type, ticks, tickFormat, domain }: Axis): Plot.ScaleOptions => ({
    label,
    type,
    ...(ticks ? { ticks: [...ticks] } : {}),
    ...(tickFormat ? { tickFormat } : {}),
    ...(domain ? { domain: [...domain] } : {}),
  });
  const figure = Plot.plot({
    width,
    height: Math.round(Math.min(400, Math.max(260, width * 0.45))),
    marginLeft: 52,
    marginRight: 26,
    marginBottom: 44,
    style: { background: 'none', color: 'inherit', fontSize: '13px', overflow: 'visible' },
    x: {
      ...axis({
        ...x,
        ticks: roomyTicks(
          x,
          width,
          lines.map((point) => point.x),
        ),
      }),
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: { ...axis(y), grid: true },
    color: {
      type: 'ordinal',
      domain: names,
      range: names.map((_, i) => COLOURS[i % COLOURS.length]),
      legend: true,
    },
    ariaLabel: name,
    marks: [
      ...(y.zero ? [Plot.ruleY([0], { strokeWidth: 1.2 })] : []),
      Plot.line(
        lines.filter(({ dash }) => !dash),
        { x: 'x', y: 'y', stroke: 'name', z: 'index', strokeWidth: 1.8 },
      ),
      Plot.line(
        lines.filter(({ dash }) => dash),
        { x: 'x', y: 'y', stroke: 'name', z: 'index', strokeWidth: 1.8, strokeDasharray: '5 4' },
      ),
      Plot.ruleX(points, { x: 'x', y1: 'low', y2: 'high', stroke: 'name', strokeOpacity: 0.6 }),
      Plot.dot(
        points.filter(({ decided }) => !decided),
        { x: 'x', y: 'y', r: 2.4, stroke: 'name' },
      ),
      Plot.dot(
        points.filter(({ decided }) => decided),
        { x: 'x', y: 'y', r: 3, fill: 'name', stroke: 'var(--ground)', strokeWidth: 0.7 },
      ),
      Plot.tip(points, Plot.pointer({ x: 'x', y: 'y', title: 'title', fill: 'var(--ground)' })),
    ],
  });
  return asImage(figure);
}

/**
 * A logarithmic axis with ticks of our own becomes a linear one of logarithms: Plot leaves out labels on logarithmic axes
 * unless their leading digit is small.
 */
function placed(
  x: Axis,
  series: readonly ChartSeries[],
): { readonly x: Axis; readonly series: readonly ChartSeries[] } {
  if (x.type !== 'log' || !x.ticks) return { x, series };
  const format = x.tickFormat ?? String;
  const texts = new Map(x.ticks.map((tick) => [Math.log10(tick), format(tick)]));
  return {
    x: {
      label: x.label,
      type: 'linear',
      ticks: [...texts.keys()],
      tickFormat: (value) => texts.get(value) ?? '',
      ...(x.domain ? { domain: [Math.log10(x.domain[0]), Math.log10(x.domain[1])] as const } : {}),
    },
    series: series.map((entry) => ({
      ...entry,
      line: entry.line.map((point) => ({ ...point, x: Math.log10(point.x) })),
      points: entry.points.map((point) => ({ ...point, x: Math.log10(point.x) })),
    })),
  };
}

function shownDecades(series: readonly ChartSeries[], keep: 'bottom' | undefined): [number, number] {
  const values = series
    .flatMap(({ line, points }) => [...line, ...points].map(({ y }) => y))
    .filter((value) => Number.isFinite(value) && value > 0);
  if (values.length === 0) return [0, Infinity];
  return keep === 'bottom'
    ? [0, Math.min(...values) * 10 ** MOST_DECADES]
    : [Math.max(...values) * 10 ** -MOST_DECADES, Infinity];
}

/** Leaves out ticks whose labels would run into the one before. */
function roomyTicks(
  { ticks, type, domain }: Axis,
  width: number,
  xs: readonly number[],
): number[] | undefined {
  if (!ticks) return undefined;
  const place = type === 'log' ? Math.log : (value: number): number => value;
  const [first, last] = domain ?? [Math.min(...xs), Math.max(...xs)];
  const scale = (width - 78) / (place(last) - place(first));
  const kept: number[] = [];
  for (const tick of [...ticks].sort((p, q) => p - q)) {
    const before = kept.at(-1);
    if (before === undefined || (place(tick) - place(before)) * scale >= TICK_ROOM) kept.push(tick);
  }
  return kept;
}

/** Pixels that a tick's label takes. */
const TICK_ROOM = 34;

/** For assistive technology the chart is one image with a name; the tables hold its numbers. */
function asImage(figure: SVGElement | HTMLElement): SVGElement | HTMLElement {
  for (const svg of figure.querySelectorAll('svg[aria-label]')) svg.setAttribute('role', 'img');
  for (const part of figure.querySelectorAll('svg [aria-label], svg [aria-description]')) {
    part.removeAttribute('aria-label');
    part.removeAttribute('aria-description');
  }
  return figure;
}
