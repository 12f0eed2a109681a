/** Scaling curves: tokens per second against one number of the base shape, for each engine a curve by level. */
import { LEVELS } from '../../engine/tally.ts';
import { formatCount } from '../../view/format.ts';
import type { ChartPoint, ChartSeries, LineChart } from '../../view/section.ts';
import type { ThroughputRow } from './result.ts';
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
