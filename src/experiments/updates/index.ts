/** Experiment `updates`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, GRADIENTS, REPLICAS, runUpdates } from './run.ts';
import type { UpdatesResult } from './result.ts';
import { updatesSummary, updatesView } from './view.ts';

export const updates: Experiment<'updates', UpdatesResult> = {
  name: 'updates',
  question:
    'Does the training kernel move policies as theory says, for every estimator, and how fast, against one core of TypeScript?',
  drawIds: DRAW_IDS,
  families: [GRADIENTS, REPLICAS],
  expectedSeconds: { quick: 2.9, standard: 28, full: 80 },
  estimators: 'and own',
  run: runUpdates,
  checks: ({ cells }) => cells,
  view: updatesView,
  summary: updatesSummary,
};
