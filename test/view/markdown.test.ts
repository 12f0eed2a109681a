/** Nothing that a file or a report says becomes markup. */
import { expect, test } from 'vitest';
import { markdownText, sectionMarkdown, tableMarkdown } from '../../src/view/markdown.ts';
import { table } from '../../src/view/section.ts';

test.each([
  ['a | b', 'a \\| b'],
  ['a \\| b', 'a \\\\\\| b'],
  ['<img src=x>', '\\<img src=x\\>'],
  ['[text](http://x)', '\\[text\\](http://x)'],
  ['@someone #1', '&#64;someone &#35;1'],
  ['two\r\nlines\u2028three', 'two lines three'],
  ['`code` *bold* _it_ ~no~', '\\`code\\` \\*bold\\* \\_it\\_ \\~no\\~'],
])('%j is written %j', (text, written) => {
  expect(markdownText(text)).toBe(written);
});

test('a table has as many columns in every row as in its head, whatever its cells say', () => {
  const text = tableMarkdown(table('t', ['a', 'b'], [['x|y', { text: 'z\n|', note: 'n|' }]]));
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  expect(rows.map((line) => line.replaceAll('\\|', '').split('|').length)).toEqual([4, 4, 4]);
});

test('a section is its sentences and tables; charts are for the page', () => {
  const text = sectionMarkdown({
    title: 'T',
    parts: [
      'One sentence.',
      { kind: 'fold', title: 'Numbers', parts: [table('', ['a'], [['1']])] },
      { kind: 'chosen', choosers: [], show: () => [] },
    ],
  });
  expect(text).toBe('## T\n\nOne sentence.\n\n| a |\n| --- |\n| 1 |');
});
