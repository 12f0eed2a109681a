/** Experiment `collapse`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DISCOVERY, DRAW_IDS, GAP, runCollapse } from './run.ts';
import type { CollapseResult } from './result.ts';
import { collapseSummary, collapseView } from './view.ts';

export const collapse: Experiment<'collapse', CollapseResult> = {
  name: 'collapse',
  question:
    'Theorem 3.2: how often is a rare mode found, what do updates without it do, and what becomes of the gap between pass@k and pass@1?',
  drawIds: DRAW_IDS,
  families: [DISCOVERY, GAP],
  expectedSeconds: { quick: 2.3, standard: 10.5, full: 60 },
  estimators: 'catalogue',
  run: runCollapse,
  checks: ({ cases, curves }) => [
    ...cases.map(({ discovery }) => discovery),
    ...curves.flatMap(({ points }) => points),
  ],
  view: collapseView,
  summary: collapseSummary,
};
