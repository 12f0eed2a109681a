/** Groups that teach nothing, as a chart. */
import { binomialProbabilities } from '../../math/binomial.ts';
import { formatCount, formatProb } from '../../view/format.ts';
import {
  expit,
  logit,
  pointOf,
  stateOf,
  tickText,
  type ChartSeries,
  type Figure,
  type Interval,
} from '../../view/section.ts';
import type { SignalResult } from './result.ts';

export interface SignalShown {
  readonly groupSize: number;
  readonly lines: readonly {
    /** that share it */
    readonly estimators: readonly string[];
    /** the c of groups without signal */
    readonly silentCounts: readonly number[];
    readonly points: readonly {
      readonly successProb: number;
      readonly frequency: Interval & { readonly count: number };
      readonly verdict: string;
    }[];
  }[];
}

/** Lines that can be told apart: the patterns that differ most come first in the catalogue's order. */
const MOST_LINES = 6;
/** J1 from 1e-9 to 1 − 1e-9. */
const ENDS = [9e-10, 1 - 9e-10] as const;
const CURVE_POINTS = 160;

export function signalShown({ prompts, groupSize }: SignalResult): SignalShown {
  const patterns = (prompts.at(0)?.cells ?? []).slice(0, MOST_LINES);
  return {
    groupSize,
    lines: patterns.map(({ estimators, silentCounts }, i) => ({
      estimators,
      silentCounts,
      points: prompts.flatMap(({ successProb, cells }) =>
        cells.slice(i, i + 1).map(({ frequency: { value, low, high, count }, verdict }) => ({
          successProb,
          frequency: { value, low, high, count },
          verdict,
        })),
      ),
    })),
  };
}

/** "pkpo k = 1 (and 3 more)" */
export const sharedName = (names: readonly string[]): string =>
  names.length > 1 ? `${names[0]} (and ${names.length - 1} more)` : names[0];

export const silenceFigure: Figure<SignalShown> = {
  id: 'silence',
  choosers: () => [],
  draw: ({ groupSize, lines }) => {
    const [first, last] = ENDS.map(logit);
    return {
      kind: 'chart',
      name: `Share of groups without signal against J1, n = ${groupSize}`,
      x: {
        label: 'J1, chance that one try is right (logit)',
        type: 'logit',
        domain: ENDS,
        ticks: [1e-9, 1e-6, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-6, 1 - 1e-9],
        tickFormat: tickText,
      },
      y: { label: 'share of groups without signal', type: 'linear', domain: [0, 1.02] },
      series: lines.map(({ estimators, silentCounts, points }): ChartSeries => ({
        name: sharedName(estimators),
        line: Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
          const x = first + ((last - first) * i) / CURVE_POINTS;
          return { x: expit(x), y: silence(silentCounts, groupSize, expit(x), expit(-x)) };
        }),
        points: points.map(({ successProb, frequency, verdict }) =>
          pointOf(successProb, frequency, stateOf(verdict), {
            title: `${estimators.slice(0, 4).join(', ')}${estimators.length > 4 ? ', …' : ''}, J1 = ${formatProb(successProb)}`,
            exact: silence(silentCounts, groupSize, successProb, 1 - successProb),
            count: `${formatCount(frequency.count)} groups`,
          }),
        ),
      })),
    };
  },
};

function silence(silentCounts: readonly number[], groupSize: number, p: number, q: number): number {
  const probabilities = binomialProbabilities(groupSize, p, q);
  return silentCounts.reduce((sum, c) => sum + probabilities[c], 0);
}
