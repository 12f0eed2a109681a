/** A chart's numbers as rows: the table behind it, and its CSV. */
import { formatNumber } from '../../view/format.ts';
import { table, type ChartPoint, type LineChart, type Table } from '../../view/section.ts';

export const STATES: Readonly<Record<ChartPoint['state'], string>> = {
  decided: 'decided',
  given: 'decided given the outcome',
  open: 'undecided',
  rejected: 'disagrees',
};

export interface ChartRow {
  readonly series: string;
  readonly x: number;
  readonly exact: number | null;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly count: string | null;
  readonly state: string;
  readonly what: string;
}

/** Measured points, and lines where a name has no points: there the line is all there is. */
export function rowsOf({ series }: LineChart): ChartRow[] {
  return series.flatMap(({ name, dash, line, lineIs, points, band }): ChartRow[] => {
    const label = dash && points.length === 0 ? `${name} (dashed)` : name;
    if (points.length === 0) {
      return line.map(({ x, y }, i) => ({
        ...{ series: label, x, what: '', count: null },
        ...(lineIs
          ? {
              exact: null,
              value: y,
              low: band?.at(i)?.low ?? null,
              high: band?.at(i)?.high ?? null,
              state: lineIs,
            }
          : { exact: y, value: null, low: null, high: null, state: 'exact' }),
      }));
    }
    return points.map(({ x, y, low, high, exact, count, state, title }) => ({
      ...{ series: label, x, exact, value: y, low, high, count },
      state: STATES[state],
      what: title,
    }));
  });
}

export function chartTable(chart: LineChart): Table {
  const rows = rowsOf(chart);
  const hasMeasured = rows.some(({ value }) => value !== null);
  const number = (value: number | null): string => (value === null ? '–' : formatNumber(value));
  return table(
    chart.name,
    [
      'series',
      chart.x.label,
      ...(hasMeasured ? ['value', 'from – to', 'exact', 'counted', 'state'] : ['exact']),
    ],
    rows.map(({ series, x, exact, value, low, high, count, state, what }) => [
      series,
      what === '' ? formatNumber(x) : { text: formatNumber(x), note: what },
      ...(hasMeasured
        ? [
            number(value),
            low === null || high === null || low === high ? '–' : `${number(low)} to ${number(high)}`,
            number(exact),
            count ?? '–',
            state,
          ]
        : [number(exact)]),
    ]),
  );
}

/** A point in words, as a tip shows it and as it is spoken. */
export function pointWords(name: string, { y, low, high, exact, count, state, title }: ChartPoint): string[] {
  return [
    title === '' ? name : title,
    `${formatNumber(y)}${low < high ? ` (${formatNumber(low)} to ${formatNumber(high)})` : ''}`,
    ...(exact === null ? [] : [`exact ${formatNumber(exact)}`]),
    ...(count === null ? [] : [count]),
    ...(state === 'decided' ? [] : [STATES[state]]),
  ];
}
