/** Tokens per second at each level. */
import { formatCount } from '../../view/format.ts';
import { table, type Section } from '../../view/section.ts';
import type { ThroughputResult } from './result.ts';

export function throughputView({ description, rows }: ThroughputResult): Section {
  return {
    title: 'How fast does this machine sample?',
    parts: [
      table(
        `Throughput: ${description}`,
        ['tally level', 'tokens per second'],
        rows.map(({ level, tokensPerSecond }) => [level, formatCount(tokensPerSecond)]),
      ),
    ],
  };
}

export function throughputSummary({ description, rows }: ThroughputResult): Section {
  const rates = rows.map(({ level, tokensPerSecond }) => `${level} ${formatCount(tokensPerSecond)}`);
  return {
    title: `Tokens per second by tally level: ${rates.length > 0 ? rates.join(', ') : 'cut short'}`,
    parts: [`(${description})`],
  };
}
