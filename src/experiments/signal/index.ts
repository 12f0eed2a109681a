/** Experiment `signal`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, runSignal, SILENCE } from './run.ts';
import type { SignalResult } from './result.ts';
import { signalSummary, signalView } from './view.ts';

export const signal: Experiment<'signal', SignalResult> = {
  name: 'signal',
  question:
    'How often does a group teach nothing (Situations I and II)? Against (1 - J1)^n and the exact chance of each estimator, J1 from 1e-6 to 1 - 1e-6.',
  drawIds: DRAW_IDS,
  families: [SILENCE],
  estimators: 'catalogue',
  run: runSignal,
  checks: ({ prompts }) => prompts.flatMap(({ cells }) => cells),
  view: signalView,
  summary: signalSummary,
};
