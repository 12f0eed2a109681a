/** Numbers printed elsewhere, and ours. */
import { formatNumber } from '../../view/format.ts';
import type { PublishedResult } from '../../experiments/published/result.ts';
import { element } from '../dom.ts';
import { framedTable } from '../tables.ts';
import type { Section } from './section.ts';

export function publishedSection({ rows }: PublishedResult): Section {
  const table = framedTable(
    'Numbers printed elsewhere',
    ['quantity', 'printed', 'ours', 'agrees'],
    rows.map(({ source, quantity, published, ours, agrees, note }) => [
      element('span', {}, quantity, element('small', {}, ` ${source}${note ? `; ${note}` : ''}`)),
      formatNumber(published),
      formatNumber(ours),
      element('span', { class: agrees ? 'agree' : 'disagree' }, agrees ? 'yes' : 'NO'),
    ]),
  );
  return { node: element('div', { class: 'experiment' }, table), redraw: () => undefined };
}
