/** From values to places in a chart, and the ticks of an axis. */
import { scaleLinear, scaleLog } from 'd3-scale';
import { formatNumber } from '../../view/format.ts';
import { logit, powerText, type Axis, type LineChart } from '../../view/section.ts';

/** On a logarithmic axis this many decades are shown, at most. */
const MOST_DECADES = 14;
/** Pixels between neighbouring tick labels, at least. */
const TICK_ROOM = { x: 46, y: 30 } as const;
const MOST_Y_TICKS = 6;
/** Share of an axis. */
const SLACK = 1e-9;

export interface PlacedAxis {
  readonly place: (value: number) => number;
  readonly isShown: (value: number) => boolean;
  readonly clamp: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly at: number; readonly text: string }[];
}

const finite = (values: readonly number[]): number[] => values.filter((value) => Number.isFinite(value));

/** What a logarithmic axis shows of values that span too many decades. */
function decades(values: readonly number[], keep: Axis['keep']): [number, number] {
  const positive = finite(values).filter((value) => value > 0);
  if (positive.length === 0) return [0.1, 1];
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const span = 10 ** MOST_DECADES;
  return keep === 'bottom' ? [low, Math.min(high, low * span)] : [Math.max(low, high / span), high];
}

function domainOf(axis: Axis, values: readonly number[]): [number, number] {
  if (axis.domain) return [axis.domain[0], axis.domain[1]];
  if (axis.type === 'log') {
    const [low, high] = decades(values, axis.keep);
    return low === high ? [low / 2, high * 2] : [low, high];
  }
  const known = finite([...values, ...(axis.rule === undefined ? [] : [axis.rule])]);
  if (known.length === 0) return [0, 1];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low === 0 ? 0 : low - room, high + room];
}

/** @param range pixels of the axis' ends @param values all that is drawn */
export function placeAxis(
  axis: Axis,
  direction: 'x' | 'y',
  range: readonly [number, number],
  values: readonly number[],
): PlacedAxis {
  const padded: [number, number] =
    direction === 'x' && !axis.domain && axis.type === 'linear' && finite(values).length > 0
      ? [Math.min(...finite(values)), Math.max(...finite(values))]
      : domainOf(axis, values);
  const [low, high] = padded[0] === padded[1] ? [padded[0] - 0.5, padded[1] + 0.5] : padded;
  const isLog = axis.type === 'log';
  const inner = isLog
    ? scaleLog().domain([low, high]).range(range)
    : axis.type === 'logit'
      ? scaleLinear()
          .domain([logit(low), logit(high)])
          .range(range)
      : scaleLinear().domain([low, high]).range(range);
  const place = (value: number): number => inner(axis.type === 'logit' ? logit(value) : value);
  // Ends that rounding has moved are still ends.
  const [least, most] = isLog
    ? [low * (1 - SLACK), high * (1 + SLACK)]
    : [low - SLACK * (high - low), high + SLACK * (high - low)];
  const isShown = (value: number): boolean => value >= least && value <= most;
  const room = direction === 'x' ? TICK_ROOM.x : TICK_ROOM.y;
  const count = Math.max(2, Math.min(MOST_Y_TICKS, Math.floor(Math.abs(range[1] - range[0]) / room)));
  const candidates = axis.ticks ?? (isLog ? powersOf(low, high) : inner.ticks(count));
  const format = axis.tickFormat ?? (isLog ? powerText : formatNumber);
  const ticks: { value: number; at: number; text: string }[] = [];
  for (const value of [...candidates].sort((a, b) => a - b)) {
    if (!isShown(value)) continue;
    const at = place(value);
    const before = ticks.at(-1);
    if (before === undefined || Math.abs(at - before.at) >= room)
      ticks.push({ value, at, text: format(value) });
  }
  return {
    place,
    isShown,
    clamp: (value) => Math.min(high, Math.max(low, value)),
    ticks,
  };
}

/** Powers of ten; where these are few, .1 .3 1 3. */
function powersOf(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
  if (last - first <= 2) return powers.flatMap((power) => [power, Number((3 * power).toPrecision(1))]);
  const step = Math.ceil((last - first) / MOST_Y_TICKS);
  return powers.filter((_, i) => i % step === 0);
}

export const valuesOf = ({ series, y }: LineChart, pick: 'x' | 'y'): number[] =>
  series.flatMap(({ line, points, band }) => [
    ...line.map((point) => point[pick]),
    ...points.map((point) => point[pick]),
    ...(pick === 'y' && y.type === 'linear' ? points.flatMap(({ low, high }) => [low, high]) : []),
    ...(pick === 'y' ? (band ?? []).flatMap(({ low, high }) => [low, high]) : []),
  ]);
