/** Texts from outside in tables for terminals and spreadsheets. */
import { expect, test } from 'vitest';
import { plainTable } from '../../src/cli/render/plainTable.ts';
import { csvField } from '../../src/cli/weightsCommand.ts';

test.each([
  ['rloo', 'rloo'],
  ['-0.25', '-0.25'],
  ['+1e-3', '+1e-3'],
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['-x', "'-x"],
  ['+cmd|x', "'+cmd|x"],
  ['a,b', '"a,b"'],
  ['=a","b', `"'=a"",""b"`],
  ['two\nlines', '"two\nlines"'],
])('%j is written %j in a CSV', (text, field) => {
  expect(csvField(text)).toBe(field);
});

test('a name longer than a column is shortened on a screen', () => {
  const table = plainTable(['name', 'value'], [['x'.repeat(1000), '1']]);
  const lines = table.split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100);
  expect(table).toContain('…');
});
