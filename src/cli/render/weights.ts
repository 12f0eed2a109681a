/** `weights` for people: one table for each estimator, n and k. */
import { formatNumber } from '../../view/format.ts';
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { WeightRow } from '../../identify/weightRows.ts';
import { plainTable } from './plainTable.ts';
import { notDefinedLines } from './theory.ts';

export function weightsText(
  convention: string,
  rows: readonly WeightRow[],
  notDefined: readonly NotDefined[],
): string {
  const tables = new Map<string, WeightRow[]>();
  for (const row of rows) {
    const name = `${row.estimator}, n = ${row.n}${row.k === null ? '' : `, k = ${row.k}`}`;
    tables.set(name, [...(tables.get(name) ?? []), row]);
  }
  return [
    ...[...tables].flatMap(([name, own]) => [name, tableText(own), '']),
    ...notDefinedLines(notDefined),
    `${convention}. c: how many of the n are correct; -: no such sample in a group of that c.`,
  ].join('\n');
}

function tableText(rows: readonly WeightRow[]): string {
  const isExact = rows.some(({ exact }) => exact !== null);
  const cell = (value: number | null): string => (value === null ? '-' : formatNumber(value));
  const head = ['c', 'w1, correct', 'w0, wrong', ...(isExact ? ['w1 exactly', 'w0 exactly'] : [])];
  return plainTable(
    head,
    rows.map(({ c, correct, wrong, exact }) => [
      String(c),
      cell(correct),
      cell(wrong),
      ...(isExact ? [exact?.[0] ?? '-', exact?.[1] ?? '-'] : []),
    ]),
  ).replace(/^/gm, '  ');
}
