/** Experiment `relation`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import {
  CLASS_CELLS,
  CLASS_SECOND,
  CLASSES,
  COORDINATES,
  COUNTS,
  PASS_AT_K,
  SECOND,
  SLOPES,
  WIDE_CLASSES,
  WIDE_SLOPES,
} from './judge.ts';
import { verdictsOfCells } from './cells.ts';
import { DRAW_IDS } from './plan.ts';
import { runRelation } from './run.ts';
import type { RelationResult } from './result.ts';
import { relationSummary, relationView } from './view.ts';

export const relation: Experiment<'relation', RelationResult> = {
  name: 'relation',
  question:
    'Is E[G_k] = alpha_k grad J1 (Theorem 3.1), for every prompt, k and unbiased estimator? With the deliberate mistakes.',
  drawIds: DRAW_IDS,
  families: [
    ...[SLOPES, WIDE_SLOPES, COORDINATES, PASS_AT_K, COUNTS, SECOND],
    ...[CLASSES, WIDE_CLASSES, CLASS_CELLS, CLASS_SECOND],
  ],
  expectedSeconds: { quick: 3.0, standard: 7.6, full: 300 },
  estimators: 'catalogue',
  run: runRelation,
  checks: ({ problems }) => verdictsOfCells(problems),
  shortfall: ({ complete, cells, decidedGivenOutcome, toDecide }) => {
    const plain = cells.plain + cells.disagree;
    if (!complete || (plain >= toDecide.plain && decidedGivenOutcome >= toDecide.givenOutcome)) return null;
    return (
      `${plain} slopes were decided by plain sampling and ${decidedGivenOutcome} given the outcome, ` +
      `where this preset decides ${toDecide.plain} and ${toDecide.givenOutcome}`
    );
  },
  view: relationView,
  summary: relationSummary,
};
