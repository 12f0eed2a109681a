/** A chart as CSV: fetched when it is first asked for. */
import Papa from 'papaparse';
import type { LineChart } from '../../view/section.ts';
import { STATES } from './rows.ts';

/** Every row, and every point of every line: what a plotting program needs to draw it again. */
export function csvOf(chart: LineChart): string {
  const rows = chart.series.flatMap(({ name, dash, line, lineIs, points, band }) => {
    const label = dash ? `${name} (dashed)` : name;
    return [
      ...line.map(({ x, y }, i) => ({
        ...{ series: label, kind: 'line', x, y },
        low: band?.at(i)?.low ?? '',
        high: band?.at(i)?.high ?? '',
        ...{ exact: '', count: '', state: lineIs ?? 'exact', what: '' },
      })),
      ...points.map(({ x, y, low, high, exact, count, state, title }) => ({
        ...{ series: label, kind: 'measured', x, y, low, high },
        ...{ exact: exact ?? '', count: count ?? '', state: STATES[state], what: title },
      })),
    ];
  });
  return `${Papa.unparse(rows, { newline: '\n', escapeFormulae: /^[=+\-@\t\r]/ })}\n`;
}
