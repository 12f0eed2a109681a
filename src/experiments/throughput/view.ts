/** Tokens per second of each engine at each level. */
import { formatCount, formatNumber } from '../../view/format.ts';
import { table, type Section } from '../../view/section.ts';
import type { ThroughputResult, ThroughputRow } from './result.ts';

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
          const { engine, adapter, level, tokensPerSecond, tokensPerCpuSecond } = row;
          const first = rows.find((other) => other.level === level) ?? row;
          return [
            engine,
            adapter,
            level,
            formatCount(tokensPerSecond),
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
    own.map(({ level, tokensPerSecond }) => `${level} ${formatCount(tokensPerSecond)}`).join(', ');
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
