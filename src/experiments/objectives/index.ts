/** Experiment `objectives`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, runObjectives } from './run.ts';
import type { ObjectivesResult } from './result.ts';
import { objectivesSummary, objectivesView } from './view.ts';

export const objectives: Experiment<'objectives', ObjectivesResult> = {
  name: 'objectives',
  question:
    'The same workload trained with every objective: pass@1, pass@k, entropy, modes kept, samples to a target.',
  drawIds: DRAW_IDS,
  families: [],
  expectedSeconds: { quick: 0.5, standard: 2.4, full: 30 },
  estimators: 'and own',
  run: runObjectives,
  checks: () => [],
  view: objectivesView,
  summary: objectivesSummary,
};
