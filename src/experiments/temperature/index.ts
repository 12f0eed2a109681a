/** Experiment `temperature`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, runTemperature, TEMPERATURE } from './run.ts';
import type { TemperatureResult } from './result.ts';
import { temperatureSummary, temperatureView } from './view.ts';

export const temperature: Experiment<'temperature', TemperatureResult> = {
  name: 'temperature',
  question: 'Does a lower sampling temperature close the gap between pass@k and pass@1 (Section 4)?',
  drawIds: DRAW_IDS,
  families: [TEMPERATURE],
  expectedSeconds: { quick: 0.2, standard: 0.5, full: 6 },
  estimators: 'catalogue',
  run: runTemperature,
  checks: ({ policies }) => policies.flatMap(({ points }) => points.flatMap(({ passAtK }) => passAtK)),
  view: temperatureView,
  summary: temperatureSummary,
};
