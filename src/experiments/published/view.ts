/** Numbers printed elsewhere, formulas and phrases of others, and ours. */
import { formatNumber } from '../../view/format.ts';
import { table, type Cell, type Section } from '../../view/section.ts';
import type { PublishedKind, PublishedResult, PublishedRow } from './result.ts';

const agreement = ({ agrees }: PublishedRow): Cell =>
  agrees === null ? '–' : { text: agrees ? 'yes' : 'NO', verdict: agrees ? 'agree' : 'disagree' };

const TITLES: Readonly<Record<PublishedKind, readonly [title: string, theirs: string]>> = {
  printed: ['Printed numbers, and ours', 'printed'],
  formula: ['Formulas of others, computed anew', 'by their formula'],
  phrase: ['Phrases of others, and a number on each', 'number given'],
};

export function publishedView({ rows }: PublishedResult): Section {
  return {
    title: 'Numbers printed elsewhere',
    parts: (['printed', 'formula', 'phrase'] as const).map((kind) =>
      table(
        TITLES[kind][0],
        ['quantity', TITLES[kind][1], 'ours', 'agrees'],
        rows
          .filter((row) => row.kind === kind)
          .map((row) => [
            { text: row.quantity, note: `${row.source}${row.note ? `; ${row.note}` : ''}` },
            row.published === null ? '–' : formatNumber(row.published),
            formatNumber(row.ours),
            agreement(row),
          ]),
      ),
    ),
  };
}

/** Those that differ, how many formulas were computed anew, and the phrases. */
export function publishedSummary({ rows, printed }: PublishedResult): Section {
  const of = (kind: PublishedKind): PublishedRow[] => rows.filter((row) => row.kind === kind);
  const differing = rows.filter(({ agrees }) => agrees === false);
  const formulas = of('formula');
  const phrases = new Map<string, PublishedRow[]>();
  for (const row of of('phrase')) phrases.set(row.source, [...(phrases.get(row.source) ?? []), row]);
  return {
    title: `Printed numbers: ${printed.agree} of ${printed.total} agree.`,
    parts: [
      ...differing.map(
        ({ source, quantity, published, ours, note }) =>
          `${source}: ${quantity}: printed ${formatNumber(published)}, ours ${formatNumber(ours)}${note ? `; ${note}` : ''}.`,
      ),
      `${formulas.filter(({ agrees }) => agrees).length} of ${formulas.length} formulas of others give what we compute anew.`,
      ...[...phrases].map(
        ([source, own]) =>
          `${source}. Ours: ${own[0].quantity.replace(/[:,][^:,]*$/, '')}: ` +
          own
            .map(
              ({ quantity, ours }) =>
                `${formatNumber(Number(ours.toPrecision(3)))} at ${/[^ ]+ = [^ ]+$/.exec(quantity)?.[0] ?? ''}`,
            )
            .join(', ') +
          `${own[0].note ? ` (${own[0].note})` : ''}.`,
      ),
    ],
  };
}
