/** Experiment `relation`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { COORDINATES, COUNTS, PASS_AT_K, SECOND, SLOPES } from './judge.ts';
import { DRAW_IDS } from './plan.ts';
import { runRelation } from './run.ts';
import type { RelationResult } from './result.ts';
import { relationSummary, relationView } from './view.ts';

export const relation: Experiment<'relation', RelationResult> = {
  name: 'relation',
  question:
    'Is E[G_k] = alpha_k grad J1 (Theorem 3.1), for every prompt, k and unbiased estimator? With the deliberate mistakes.',
  drawIds: DRAW_IDS,
  families: [SLOPES, COORDINATES, PASS_AT_K, COUNTS, SECOND],
  estimators: 'catalogue',
  run: runRelation,
  checks: ({ problems }) => problems.flatMap(({ prompts }) => prompts.flatMap(({ slopes }) => slopes)),
  shortfall: ({ complete, slopeCount, slopesToDecide }) => {
    const decided = slopeCount.agree + slopeCount.disagree;
    return complete && decided < slopesToDecide
      ? `${decided} slopes were decided where this preset decides ${slopesToDecide}`
      : null;
  },
  view: relationView,
  summary: relationSummary,
};
