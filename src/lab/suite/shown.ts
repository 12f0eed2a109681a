/** What the charts of the claims draw from, picked from results: small enough to travel with a page, and to be kept. */
import { aggregateShown, type AggregateShown } from '../../experiments/aggregate/figures.ts';
import { collapseShown, type CollapseShown } from '../../experiments/collapse/figures.ts';
import { crossoverShown, type CrossoverShown } from '../../experiments/crossover/figures.ts';
import { objectivesShown, type ObjectivesShown } from '../../experiments/objectives/figures.ts';
import type { RelationShown } from '../../experiments/relation/figures.ts';
import { relationShown } from '../../experiments/relation/shown.ts';
import { signalShown, type SignalShown } from '../../experiments/signal/figures.ts';
import { temperatureShown, type TemperatureShown } from '../../experiments/temperature/figures.ts';
import { varianceShown, type VarianceShown } from '../../experiments/variance/workbench.ts';
import type { Config } from '../settings.ts';
import type { ExperimentResults } from './experiments.ts';

export interface Shown {
  readonly relation?: RelationShown;
  readonly signal?: SignalShown;
  readonly variance?: VarianceShown;
  readonly aggregate?: AggregateShown;
  readonly temperature?: TemperatureShown;
  readonly collapse?: CollapseShown;
  readonly objectives?: ObjectivesShown;
  readonly crossover?: CrossoverShown;
}

export function shownOf(results: ExperimentResults, { ks }: Config): Shown {
  const { relation, signal, variance, aggregate, temperature, collapse, objectives, crossover } = results;
  return {
    ...(relation && { relation: relationShown(relation, ks) }),
    ...(signal && { signal: signalShown(signal) }),
    ...(variance && { variance: varianceShown(variance) }),
    ...(aggregate && { aggregate: aggregateShown(aggregate) }),
    ...(temperature && { temperature: temperatureShown(temperature) }),
    ...(collapse && { collapse: collapseShown(collapse) }),
    ...(objectives && { objectives: objectivesShown(objectives) }),
    ...(crossover && { crossover: crossoverShown(crossover) }),
  };
}
