/** Numbers printed elsewhere, and ours. */
import { formatNumber } from '../../view/format.ts';
import { table, type Section } from '../../view/section.ts';
import type { PublishedResult } from './result.ts';

export function publishedView({ rows }: PublishedResult): Section {
  return {
    title: 'Numbers printed elsewhere',
    parts: [
      table(
        'Printed numbers, and ours',
        ['quantity', 'printed', 'ours', 'agrees'],
        rows.map(({ source, quantity, published, ours, agrees, note }) => [
          { text: quantity, note: `${source}${note ? `; ${note}` : ''}` },
          formatNumber(published),
          formatNumber(ours),
          { text: agrees ? 'yes' : 'NO', verdict: agrees ? 'agree' : 'disagree' },
        ]),
      ),
    ],
  };
}

/** Only those that differ. */
export function publishedSummary({ rows }: PublishedResult): Section {
  const differing = rows.filter(({ agrees }) => !agrees);
  return {
    title: `Published numbers: ${rows.length - differing.length} of ${rows.length} agree.`,
    parts: differing.map(
      ({ source, quantity, published, ours, note }) =>
        `${source}: ${quantity}: printed ${formatNumber(published)}, ours ${formatNumber(ours)}${note ? `; ${note}` : ''}.`,
    ),
  };
}
