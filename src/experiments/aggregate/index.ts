/** Experiment `aggregate`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { AGGREGATE, DRAW_IDS, runAggregate } from './run.ts';
import type { AggregateResult } from './result.ts';
import { aggregateSummary, aggregateView } from './view.ts';

export const aggregate: Experiment<'aggregate', AggregateResult> = {
  name: 'aggregate',
  question:
    'Prompts that share parameters: where does the angle between the gradients of J_k and J_1 open? With an example in which they oppose.',
  drawIds: DRAW_IDS,
  families: [AGGREGATE],
  expectedSeconds: { quick: 0.45, standard: 0.55, full: 20 },
  estimators: 'catalogue',
  run: runAggregate,
  checks: ({ cases }) => cases.flatMap(({ cells }) => cells),
  view: aggregateView,
  summary: aggregateSummary,
};
