/** Prompts that share parameters, as a chart: the angle between the gradients of mean J_k and mean J_1. */
import { formatCount } from '../../view/format.ts';
import { pointOf, stateOf, type ChartSeries, type Figure, type Interval } from '../../view/section.ts';
import type { AggregateResult } from './result.ts';

export interface AggregateShown {
  readonly cases: readonly {
    readonly id: string;
    readonly cells: readonly {
      readonly k: number;
      readonly cosine: number | null;
      readonly measured: (Interval & { readonly count: number }) | null;
      readonly verdict: string;
    }[];
  }[];
}

export function aggregateShown({ cases }: AggregateResult): AggregateShown {
  return {
    cases: cases.map(({ id, cells }) => ({
      id,
      cells: cells.map(({ k, cosine, measuredCosine, verdict }) => ({
        k,
        cosine,
        measured: measuredCosine && {
          value: measuredCosine.value,
          low: measuredCosine.low,
          high: measuredCosine.high,
          count: measuredCosine.count,
        },
        verdict,
      })),
    })),
  };
}

export const cosineFigure: Figure<AggregateShown> = {
  id: 'cosine',
  choosers: () => [],
  draw: ({ cases }) => ({
    kind: 'chart',
    name: 'Cosine of the gradients of mean J_k and mean J_1 against k, by set of prompts',
    x: {
      label: 'k, tries (log)',
      type: 'log',
      ticks: (cases.at(0)?.cells ?? []).map(({ k }) => k),
      tickFormat: String,
    },
    y: { label: 'cosine', type: 'linear', domain: [-1.05, 1.05], rule: 0 },
    series: cases.map(({ id, cells }): ChartSeries => ({
      name: id,
      line: cells.flatMap(({ k, cosine }) => (cosine === null ? [] : [{ x: k, y: cosine }])),
      points: cells.flatMap(({ k, cosine, measured, verdict }) =>
        measured
          ? [
              pointOf(k, measured, stateOf(verdict), {
                title: `${id}, k = ${k}`,
                exact: cosine,
                count: `${formatCount(measured.count)} groups`,
              }),
            ]
          : [],
      ),
    })),
  }),
};
