/** The gap of pass@k and pass@1 against the temperature, as a chart. */
import { passAtK } from '../../math/passAtK.ts';
import { formatCount } from '../../view/format.ts';
import {
  pointOf,
  stateOf,
  type Axis,
  type ChartSeries,
  type Figure,
  type Interval,
} from '../../view/section.ts';
import type { TemperatureResult } from './result.ts';

export interface TemperatureShown {
  readonly ks: readonly number[];
  readonly policies: readonly {
    readonly id: string;
    readonly points: readonly {
      readonly temperature: number;
      readonly successProb: number;
      readonly passAtK: readonly {
        readonly k: number;
        readonly measured: Interval & { readonly count: number };
        readonly verdict: string;
      }[];
    }[];
  }[];
}

export function temperatureShown({ ks, policies }: TemperatureResult): TemperatureShown {
  return {
    ks,
    policies: policies.map(({ id, points }) => ({
      id,
      points: points.map(({ temperature, successProb, passAtK: checks }) => ({
        temperature,
        successProb,
        passAtK: checks.map(({ k, measured: { value, low, high, count }, verdict }) => ({
          k,
          measured: { value, low, high, count },
          verdict,
        })),
      })),
    })),
  };
}

const DRAW = 'Draw';
const GAPS = 'the gap of every policy';

export const gapFigure: Figure<TemperatureShown> = {
  id: 'temperature',
  choosers: ({ policies }) => [
    { label: DRAW, options: [GAPS, ...policies.map(({ id }) => `J_k of ${id}`)], first: GAPS },
  ],
  draw: ({ ks, policies }, { [DRAW]: draw }) => {
    const most = Math.max(...ks);
    const policy = policies.find(({ id }) => draw === `J_k of ${id}`);
    const x: Axis = {
      label: 'temperature (log)',
      type: 'log',
      ticks: (policies.at(0)?.points ?? []).map(({ temperature }) => temperature),
      tickFormat: String,
    };
    if (policy) {
      return {
        kind: 'chart',
        name: `J_k against temperature, ${policy.id}`,
        x,
        y: { label: 'J_k', type: 'linear', domain: [0, 1.02] },
        series: ks.map((k): ChartSeries => ({
          name: `k = ${k}`,
          line: policy.points.map(({ temperature, successProb }) => ({
            x: temperature,
            y: passAtK(successProb, k),
          })),
          points: policy.points.flatMap(({ temperature, successProb, passAtK: checks }) =>
            checks
              .filter((check) => check.k === k)
              .map(({ measured, verdict }) =>
                pointOf(temperature, measured, stateOf(verdict), {
                  title: `${policy.id}, k = ${k}, temperature ${temperature}`,
                  exact: passAtK(successProb, k),
                  count: `${formatCount(measured.count)} groups`,
                }),
              ),
          ),
        })),
      };
    }
    return {
      kind: 'chart',
      name: `Gap J_${most} − J_1 against temperature, by policy, exact`,
      x,
      y: { label: `J_${most} − J_1`, type: 'linear', domain: [0, 1.02] },
      series: policies.map(({ id, points }): ChartSeries => ({
        name: id,
        line: points.map(({ temperature, successProb }) => ({
          x: temperature,
          y: passAtK(successProb, most) - successProb,
        })),
        points: [],
      })),
    };
  },
};
