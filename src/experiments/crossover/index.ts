/** Experiment `crossover`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, runCrossover } from './run.ts';
import type { CrossoverResult } from './result.ts';
import { crossoverSummary, crossoverView } from './view.ts';

export const crossover: Experiment<'crossover', CrossoverResult> = {
  name: 'crossover',
  question:
    'Prompts that share parameters: from which k on does the policy before training win, and what does a majority vote say?',
  drawIds: DRAW_IDS,
  families: [],
  expectedSeconds: { quick: 2.6, standard: 6.3, full: 90 },
  estimators: 'and own',
  run: runCrossover,
  checks: () => [],
  view: crossoverView,
  summary: crossoverSummary,
};
