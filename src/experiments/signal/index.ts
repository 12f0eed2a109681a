/** Experiment `signal`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, runSignal, SILENCE } from './run.ts';
import type { SignalResult } from './result.ts';
import { signalSummary, signalView } from './view.ts';

export const signal: Experiment<'signal', SignalResult> = {
  name: 'signal',
  question: 'How often does a group teach nothing, and how much does one that teaches (Situations I and II)?',
  drawIds: DRAW_IDS,
  families: [SILENCE],
  estimators: 'catalogue',
  run: runSignal,
  checks: ({ prompts }) => prompts.flatMap(({ cells }) => cells),
  view: signalView,
  summary: signalSummary,
};
