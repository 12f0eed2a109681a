/** Experiment `figure1`: its descriptor. */
import { eitherVerdict } from '../../lab/classChecks.ts';
import type { Experiment } from '../../lab/experiment.ts';
import { DRAW_IDS, FIGURE, FIGURE_CLASSES, runFigure1 } from './run.ts';
import type { Figure1Result } from './result.ts';
import { figure1Summary, figure1View } from './view.ts';

export const figure1: Experiment<'figure1', Figure1Result> = {
  name: 'figure1',
  question: 'Figure 1 of the paper, J_k and alpha_k / 2 against J1, with measured points on it.',
  drawIds: DRAW_IDS,
  families: [FIGURE, FIGURE_CLASSES],
  expectedSeconds: { quick: 0.29, standard: 0.48, full: 4 },
  estimators: 'catalogue',
  run: runFigure1,
  checks: ({ points }) =>
    points.flatMap(({ slopes, classes }) =>
      slopes.map((slope, i) => ({ verdict: eitherVerdict(slope, classes.at(i)) })),
    ),
  view: figure1View,
  summary: figure1Summary,
};
