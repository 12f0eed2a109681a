/** The run that the page shows before it has made one: an excerpt of a report, made by `npm run reference`. */
import text from '../reference.json?raw';
import type { Digest } from '../../lab/suite/digest.ts';
import type { ExperimentName } from '../../lab/suite/experiments.ts';
import type { Preset } from '../../lab/settings.ts';

export type Reference = Digest & {
  /** of the plan that it was made by: a test recomputes it */
  readonly planHash: string;
  /** on two cores without a GPU */
  readonly expectedSeconds: Readonly<Record<ExperimentName, Readonly<Record<Preset, number>>>>;
  readonly questions: Readonly<Record<ExperimentName, string>>;
};

export const reference = JSON.parse(text) as Reference;

export const EXPERIMENT_NAMES = Object.keys(reference.expectedSeconds) as ExperimentName[];
