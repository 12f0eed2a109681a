/** Experiment `published`: its descriptor. */
import type { Experiment } from '../../lab/experiment.ts';
import { runPublished } from './run.ts';
import type { PublishedResult } from './result.ts';
import { publishedSummary, publishedView } from './view.ts';

export const published: Experiment<'published', PublishedResult> = {
  name: 'published',
  question: 'Numbers printed in papers, and ours. No sampling.',
  drawIds: null,
  families: [],
  expectedSeconds: { quick: 0.05, standard: 0.05, full: 0.05 },
  estimators: 'catalogue',
  run: () => Promise.resolve(runPublished()),
  checks: () => [],
  view: publishedView,
  summary: publishedSummary,
};
