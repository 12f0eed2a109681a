/** Experiment `variance`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS } from './plan.ts';
import { BY_CLASS, DIRECT, MEANS, runVariance, STRUCTURAL } from './run.ts';
import type { VarianceResult } from './result.ts';
import { varianceSummary, varianceView } from './view.ts';

export const variance: Experiment<'variance', VarianceResult> = {
  name: 'variance',
  question:
    'Bias, variance, SNR of every estimator against k and n, on six arms (two correct) at J1 = .1, .5, .9, each beside its exact law.',
  drawIds: DRAW_IDS,
  families: [MEANS, STRUCTURAL, DIRECT, BY_CLASS],
  expectedSeconds: { quick: 0.5, standard: 2.2, full: 50 },
  estimators: 'and own',
  run: runVariance,
  checks: ({ prompts }) =>
    prompts.flatMap(({ cells }) =>
      // A direct variance that plain sampling cannot see is measured by c instead.
      cells.flatMap(({ slope, structural, direct, byClass }) => [slope, structural, byClass ?? direct]),
    ),
  view: varianceView,
  summary: varianceSummary,
};
