/** J_k and J_1 against the sampling temperature. */
import { formatConcise, formatNumber, formatProb } from '../../view/format.ts';
import type { TemperatureResult } from '../../experiments/temperature/result.ts';
import { passAtK } from '../../math/passAtK.ts';
import type { ChartSeries } from '../lineChart.ts';
import { framedTable } from '../tables.ts';
import { charted, pointOf, type Section } from './section.ts';

export function temperatureSection({ policies, ks, findings, description }: TemperatureResult): Section {
  const most = Math.max(...ks);
  const ends = [...new Set([1, most])].filter((k) => ks.includes(k));
  const series = policies.flatMap(({ id, points }) =>
    ends.map((k): ChartSeries => ({
      name: id,
      ...(k === 1 && ends.length > 1 ? { dash: 'dashed' } : {}),
      line: points.map(({ temperature, successProb }) => ({ x: temperature, y: passAtK(successProb, k) })),
      points: points.flatMap(({ temperature, passAtK: checks }) =>
        checks
          .filter((check) => check.k === k)
          .map(({ measured, passAtK: exact, verdict }) =>
            pointOf(
              temperature,
              measured,
              verdict !== 'inconclusive',
              `${id}: J_${k} at temperature ${temperature}\nmeasured ${formatConcise(measured.value, measured.standardError)}, exact ${formatNumber(exact)}`,
            ),
          ),
      ),
    })),
  );
  const table = framedTable(
    'J_k at each temperature: measured (standard error in the last digits) and exact',
    ['policy', 'temperature', 'J1', ...ks.flatMap((k) => [`k = ${k}`, 'exact'])],
    policies.flatMap(({ id, points }) =>
      points.map(({ temperature, successProb, passAtK: checks }) => [
        id,
        String(temperature),
        formatProb(successProb),
        ...checks.flatMap(({ measured, passAtK: exact }) => [
          formatConcise(measured.value, measured.standardError),
          formatNumber(exact),
        ]),
      ]),
    ),
  );
  return charted(
    'Does a low temperature close the gap of pass@k and pass@1?',
    [
      `J_${most} (solid) and J_1 (dashed), ${description}: measured points, their exact values joined.`,
      ...findings.map((finding) => `${finding.charAt(0).toUpperCase()}${finding.slice(1)}.`),
    ],
    () => ({
      name: `J_${most} (solid) and J_1 (dashed) against temperature, by policy`,
      x: {
        label: 'temperature (log scale)',
        type: 'log',
        ticks: policies[0].points.map(({ temperature }) => temperature),
        tickFormat: String,
      },
      y: { label: '↑ J_k', type: 'linear', domain: [0, 1.02] },
      series,
    }),
    table,
  );
}
