/** J_k and J_1 against the sampling temperature. */
import { charted, figurePart, sentence, table, type Section } from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatNumber, formatProb } from '../../view/format.ts';
import type { TemperatureResult } from './result.ts';
import { gapFigure, temperatureShown } from './figures.ts';

export function temperatureView(result: TemperatureResult): Section {
  const { policies, ks, findings, description } = result;
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
    [`${sentence(description)} Lines are exact, points measured.`, ...findings.map(sentence)],
    figurePart(gapFigure, temperatureShown(result)),
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
