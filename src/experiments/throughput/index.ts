/** Experiment `throughput`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, runThroughput } from './run.ts';
import type { ThroughputResult } from './result.ts';
import { throughputSummary, throughputView } from './view.ts';

export const throughput: Experiment<'throughput', ThroughputResult> = {
  name: 'throughput',
  question: 'Tokens per second of each engine by level of tally and by shape, with intervals.',
  drawIds: DRAW_IDS,
  families: [],
  expectedSeconds: { quick: 1.0, standard: 40, full: 300 },
  estimators: 'catalogue',
  run: runThroughput,
  checks: () => [],
  view: throughputView,
  summary: throughputSummary,
};
