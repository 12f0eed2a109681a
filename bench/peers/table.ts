/** The one table: peers, rates, ratios, and where there is no rate the reason. */
import { formatCount } from '../../src/view/format.ts';
import type { Table } from '../../src/view/section.ts';
import type { BootstrapMedian } from '../../src/math/stats/bootstrap.ts';
import type { Row, Rows } from './rows.ts';

const HEAD = ['peer', 'version', 'backend', 'tokens/s (95 %)', 'per CPU-s', 'times slower (95 %)', 'note'];
const NONE = '-';

export function tableOf({ rows, reference }: Rows): Table {
  return {
    kind: 'table',
    title: '',
    head: HEAD,
    rows: rows.map((row) => [
      row.peer,
      row.version ?? NONE,
      row.backend,
      row.tokensPerSecond === null ? NONE : interval(row.tokensPerSecond, formatCount),
      row.tokensPerCpuSecond === null ? NONE : formatCount(row.tokensPerCpuSecond.median),
      row === reference ? '1' : row.ratio === null ? NONE : interval(row.ratio, formatRatio),
      noteOf(row, row === reference),
    ]),
  };
}

function noteOf({ outcome, reason }: Row, isReference: boolean): string {
  if (outcome === 'wrong') return `wrong: ${reason}`;
  if (outcome === 'failed') return `failed: ${reason}`;
  return isReference ? 'what the others are compared with' : '';
}

function interval({ median, low, high }: BootstrapMedian, format: (value: number) => string): string {
  return `${format(median)} (${format(low)} – ${format(high)})`;
}

/** "32", "4.1", "0.87": two digits, and no power of ten. */
export function formatRatio(value: number): string {
  return value >= 9.95 ? String(Math.round(value)) : value.toPrecision(2);
}
