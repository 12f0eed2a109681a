/** J_k and J_1 against the sampling temperature. */
import { charted, pointOf, sentence, table, type ChartSeries, type Section } from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatNumber, formatProb } from '../../view/format.ts';
import type { TemperatureResult } from './result.ts';
import { passAtK } from '../../math/passAtK.ts';

export function temperatureView({ policies, ks, findings, description }: TemperatureResult): Section {
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
  const numbers = table(
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
      ...findings.map(sentence),
    ],
    [
      {
        kind: 'chart',
        name: `J_${most} (solid) and J_1 (dashed) against temperature, by policy`,
        x: {
          label: 'temperature (log scale)',
          type: 'log',
          ticks: policies[0].points.map(({ temperature }) => temperature),
          tickFormat: String,
        },
        y: { label: '↑ J_k', type: 'linear', domain: [0, 1.02] },
        series,
      },
    ],
    [numbers],
  );
}

export function temperatureSummary({ policies, findings, description }: TemperatureResult): Section {
  const checks = policies.flatMap(({ points }) => points.flatMap((point) => point.passAtK));
  return {
    title: `Does low temperature close the gap of pass@k and pass@1 (${description})?`,
    parts: [...findings.map((finding) => `${finding}.`), `J_k: ${verdictWords(checks)}.`],
  };
}
