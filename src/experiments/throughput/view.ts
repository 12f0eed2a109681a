/** Tokens per second of each engine at each level. */
import { formatCount, formatNumber } from '../../view/format.ts';
import { table, type Section } from '../../view/section.ts';
import type { ThroughputResult, ThroughputRow } from './result.ts';

/** A time under so many steps of its clock says nothing. */
const CLOCK_STEPS = 20;
/** Reports of before the clock was looked at have no step. */
const isTooCoarse = ({
  durationMs,
  resolutionMs,
}: Pick<ThroughputRow, 'durationMs'> & Partial<ThroughputRow>): boolean =>
  durationMs < CLOCK_STEPS * (resolutionMs ?? 0);

const rateOf = (row: ThroughputRow): string =>
  isTooCoarse(row) ? 'timer too coarse' : formatCount(row.tokensPerSecond);

export function throughputView({ description, rows }: ThroughputResult): Section {
  return {
    title: 'How fast does this machine sample?',
    parts: [
      table(
        `Throughput: ${description}`,
        [
          'engine',
          'on',
          'tally level',
          'tokens per second',
          'per CPU-second',
          'the first engine to this, per CPU-second',
        ],
        rows.map((row) => {
          const { engine, adapter, level, tokensPerCpuSecond } = row;
          const first = rows.find((other) => other.level === level) ?? row;
          return [
            engine,
            adapter,
            level,
            rateOf(row),
            tokensPerCpuSecond === null ? 'not known' : formatCount(tokensPerCpuSecond),
            first === row || tokensPerCpuSecond === null || first.tokensPerCpuSecond === null
              ? ''
              : `x ${formatNumber(first.tokensPerCpuSecond / tokensPerCpuSecond)}`,
          ];
        }),
      ),
    ],
  };
}

export function throughputSummary({ description, rows }: ThroughputResult): Section {
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  const ratesOf = (own: readonly ThroughputRow[]): string =>
    own.map((row) => `${row.level} ${rateOf(row)}`).join(', ');
  return {
    title: `Tokens per second by tally level${rows.length > 0 ? '' : ': cut short'}`,
    parts: [
      ...engines.map((engine) => {
        const own = rows.filter((row) => row.engine === engine);
        return `${engine} (${own[0].adapter}): ${ratesOf(own)}`;
      }),
      `(${description}; ${engines.length > 1 ? 'whole jobs, as a caller sees them' : 'presets standard and full time the engine that checks, too'})`,
    ],
  };
}
