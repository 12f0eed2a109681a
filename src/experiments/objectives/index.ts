/** Experiment `objectives`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, runObjectives } from './run.ts';
import type { ObjectivesResult } from './result.ts';
import { objectivesSummary, objectivesView } from './view.ts';

export const objectives: Experiment<'objectives', ObjectivesResult> = {
  name: 'objectives',
  question: 'What does training for each objective do to pass@1, pass@k, entropy and modes?',
  drawIds: DRAW_IDS,
  families: [],
  estimators: 'and own',
  run: runObjectives,
  checks: () => [],
  view: objectivesView,
  summary: objectivesSummary,
};
