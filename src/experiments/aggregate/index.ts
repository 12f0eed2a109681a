/** Experiment `aggregate`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { AGGREGATE, DRAW_IDS, runAggregate } from './run.ts';
import type { AggregateResult } from './result.ts';
import { aggregateSummary, aggregateView } from './view.ts';

export const aggregate: Experiment<'aggregate', AggregateResult> = {
  name: 'aggregate',
  question: 'Where prompts share parameters, do the gradients of pass@k and pass@1 still agree?',
  drawIds: DRAW_IDS,
  families: [AGGREGATE],
  estimators: 'catalogue',
  run: runAggregate,
  checks: ({ cases }) => cases.flatMap(({ cells }) => cells),
  view: aggregateView,
  summary: aggregateSummary,
};
