/** Scaling curves: tokens per second against one number of the base shape, for each engine a curve by level. */
import { LEVELS } from '../../engine/tally.ts';
import { formatCount } from '../../view/format.ts';
import type { ChartPoint, ChartSeries, LineChart } from '../../view/section.ts';
import type { AdapterCeilings, ThroughputRow } from './result.ts';
import type { RooflineRow } from './roofline.ts';
import { AXES, BASE, BASE_NAME, shapeText, type AxisName } from './shapes.ts';

/** A chart for each number that was varied, and each engine; none where a preset times the base alone. */
export function scalingCharts(rows: readonly ThroughputRow[]): LineChart[] {
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  return (Object.keys(AXES) as AxisName[]).flatMap((axis) =>
    engines.flatMap((engine) => {
      const own = rows.filter((row) => row.engine === engine && liesOn(row, axis));
      const places = [...new Set(own.map(({ shape }) => shape[axis]))].sort((a, b) => a - b);
      return places.length < 2 ? [] : [chartOf(own, axis, engine, places)];
    }),
  );
}

/** Whether a row's shape differs from the base in this number alone. */
function liesOn({ name, shape, tokensPerSecond }: ThroughputRow, axis: AxisName): boolean {
  if (tokensPerSecond === null) return false;
  const others = (Object.keys(BASE) as (keyof typeof BASE)[]).filter((key) => key !== axis);
  return name === BASE_NAME || others.every((key) => shape[key] === BASE[key]);
}

function chartOf(
  rows: readonly ThroughputRow[],
  axis: AxisName,
  engine: string,
  places: readonly number[],
): LineChart {
  return {
    kind: 'chart',
    name: `Tokens per second against ${AXES[axis].symbol}, ${engine}, else ${shapeText(BASE)}`,
    x: { label: `${AXES[axis].symbol} (log)`, type: 'log', ticks: places, tickFormat: String },
    y: { label: 'tokens per second (log)', type: 'log', tickFormat: formatCount },
    series: LEVELS.map((level): ChartSeries => {
      const points = rows
        .filter((row) => row.level === level)
        .sort((a, b) => a.shape[axis] - b.shape[axis])
        .flatMap(({ shape, tokensPerSecond, repetitions }): ChartPoint[] =>
          tokensPerSecond === null
            ? []
            : [
                {
                  x: shape[axis],
                  y: tokensPerSecond.median,
                  low: tokensPerSecond.low,
                  high: tokensPerSecond.high,
                  state: 'decided',
                  title: `${level}, ${AXES[axis].symbol} = ${shape[axis]}`,
                  exact: null,
                  count: `${repetitions} repetitions`,
                },
              ],
        );
      return { name: level, line: points.map(({ x, y }) => ({ x, y })), lineIs: 'joins points', points };
    }).filter(({ points }) => points.length > 0),
  };
}

const ROOF_POINTS = 40;
/** A kernel that compares thresholds in values loads next to nothing: it stands at the right end. */
const MOST_OPERATIONS_PER_LOAD = 1000;

/**
 * Operations in a second against operations for each load, both of the kernel's text: under the roof of what the adapter does of
 * either alone (Williams, Waterman and Patterson 2009).
 */
export function rooflineChart(rows: readonly RooflineRow[], ceilings: readonly AdapterCeilings[]): LineChart {
  const intensity = ({ perToken: { operations, loads, privateAccesses } }: RooflineRow): number =>
    Math.min(operations / (loads + privateAccesses), MOST_OPERATIONS_PER_LOAD);
  const low = Math.min(...rows.map(intensity), 1);
  return {
    kind: 'chart',
    name: 'Roofline: operations per second against operations for each load',
    x: { label: 'operations per load (log)', type: 'log' },
    y: { label: 'integer operations per second (log)', type: 'log', tickFormat: formatCount },
    series: [
      ...ceilings.map(({ adapter, operations, loads }): ChartSeries => ({
        name: adapter,
        lineIs: 'estimate',
        line: Array.from({ length: ROOF_POINTS + 1 }, (_, i) => {
          const x = low * (MOST_OPERATIONS_PER_LOAD / low) ** (i / ROOF_POINTS);
          return { x, y: Math.min(operations, x * loads) };
        }),
        points: [],
      })),
      ...LEVELS.map((level): ChartSeries => ({
        name: level,
        lineIs: 'estimate',
        line: [],
        points: rows
          .filter((row) => row.level === level)
          .map((row): ChartPoint => {
            const y = row.perToken.operations * row.tokensPerSecond;
            const title = `${row.name}, ${level}: ${row.kernel}`;
            return {
              ...{ x: intensity(row), y, low: y, high: y },
              state: 'decided',
              title,
              exact: null,
              count: null,
            };
          }),
      })).filter(({ points }) => points.length > 0),
    ],
  };
}
