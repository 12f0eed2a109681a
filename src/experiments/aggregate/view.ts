/** Prompts that share parameters: the angle between the gradients of J_k and J_1. */
import { charted, cutShort, figurePart, sentence, table, type Section } from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { aggregateShown, cosineFigure } from './figures.ts';
import { opposing } from './run.ts';
import { formatConcise, formatNumber } from '../../view/format.ts';
import type { AggregateResult } from './result.ts';

export function aggregateView(result: AggregateResult): Section {
  const { cases, description } = result;
  const title = 'Where the theorem ends: prompts that share parameters';
  if (cases.length === 0) return cutShort(title);
  const ks = cases[0].cells.map(({ k }) => k);
  const numbers = table(
    'Cosine of the gradients of mean J_k and mean J_1: measured (standard error in the last digits) and exact',
    ['prompts', ...ks.flatMap((k) => [`k = ${k}`, 'exact'])],
    cases.map(({ id, description: words, cells }) => [
      `${id}: ${words}`,
      ...cells.flatMap(({ cosine, measuredCosine }) => [
        measuredCosine ? formatConcise(measuredCosine.value, measuredCosine.standardError) : '–',
        formatNumber(cosine),
      ]),
    ]),
  );
  return charted(
    title,
    [
      `Per prompt the gradients of J_k and J_1 are parallel. Averaged over ${description} the angle opens.`,
      ...opposing(cases).map(sentence),
    ],
    figurePart(cosineFigure, aggregateShown(result)),
    [numbers],
  );
}

/** k = 1 is the comparison itself; a few others make the table narrow enough. */
const SHOWN_KS = 4;

export function aggregateSummary({ cases, description }: AggregateResult): Section {
  const ks = (cases.at(0)?.cells ?? []).map(({ k }) => k).filter((k) => k > 1);
  const step = Math.max(1, Math.ceil(ks.length / SHOWN_KS));
  const shown = ks.filter((_, i) => (ks.length - 1 - i) % step === 0);
  return {
    title: `Where the theorem ends, ${description}:`,
    parts: [
      'cosine of grad mean J_k and grad mean J_1, measured and exact',
      table(
        '',
        ['prompts', ...shown.flatMap((k) => [`k = ${k}`, 'exact'])],
        cases.map(({ id, cells }) => [
          id,
          ...cells
            .filter(({ k }) => shown.includes(k))
            .flatMap(({ cosine, measuredCosine }) => [
              measuredCosine ? formatConcise(measuredCosine.value, measuredCosine.standardError) : '-',
              cosine?.toFixed(3) ?? '-',
            ]),
        ]),
      ),
      ...opposing(cases).map((words) => `${words}.`),
      `Projections on grad mean J_1: ${verdictWords(cases.flatMap(({ cells }) => cells))}.`,
    ],
  };
}
