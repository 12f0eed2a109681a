/** Experiment `collapse`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { DISCOVERY, DRAW_IDS, GAP, runCollapse } from './run.ts';
import type { CollapseResult } from './result.ts';
import { collapseSummary, collapseView } from './view.ts';

export const collapse: Experiment<'collapse', CollapseResult> = {
  name: 'collapse',
  question: 'Does exploration collapse as Theorem 3.2 says, and how do its three parts hold up?',
  drawIds: DRAW_IDS,
  families: [DISCOVERY, GAP],
  estimators: 'catalogue',
  run: runCollapse,
  checks: ({ cases, curves }) => [
    ...cases.map(({ discovery }) => discovery),
    ...curves.flatMap(({ points }) => points),
  ],
  view: collapseView,
  summary: collapseSummary,
};
