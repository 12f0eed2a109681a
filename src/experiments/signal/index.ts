/** Experiment `signal`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { END_CELLS, END_SLOPES, END_VARIANCES } from './ends.ts';
import { DRAW_IDS, runSignal, SILENCE } from './run.ts';
import type { SignalResult } from './result.ts';
import { signalSummary, signalView } from './view.ts';

export const signal: Experiment<'signal', SignalResult> = {
  name: 'signal',
  question:
    'How often does a group teach nothing (Situations I and II)? Against (1 - J1)^n and the exact chance of each estimator, J1 from 1e-9 to 1 - 1e-9; at the ends slopes and SNR by classes.',
  drawIds: DRAW_IDS,
  families: [SILENCE, END_SLOPES, END_VARIANCES, END_CELLS],
  expectedSeconds: { quick: 0.36, standard: 0.75, full: 15 },
  estimators: 'catalogue',
  run: runSignal,
  checks: ({ prompts, given }) => [
    ...prompts.flatMap(({ cells }) => cells),
    ...given.flatMap(({ cells }) =>
      cells.flatMap(({ slope, variance }) => [...(slope ? [slope] : []), variance]),
    ),
  ],
  view: signalView,
  summary: signalSummary,
};
