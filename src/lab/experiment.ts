/**
 * What an experiment is: one descriptor that the registry lists, and everything else loops over. Deleting an
 * experiment's folder and its line in the registry deletes it.
 */
import type { Engine } from '../engine/engine.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import type { Verdict } from '../math/stats/verdict.ts';
import type { Section } from '../view/section.ts';
import type { DrawIds } from './drawIds.ts';
import type { Family } from './judge.ts';
import type { ControlResult, FamilySummary, SnapshotRecord, TallyRecord } from './results.ts';
import type { Config, Preset } from './settings.ts';
import type { RunWatcher } from './watcher.ts';

/** What a run has at hand. */
export interface Lab {
  readonly config: Config;
  readonly engine: Engine;
  readonly watcher: RunWatcher;
  /** estimators from a file */
  readonly own: readonly WeightTable[];
}

/** What every result may say, in one place for all who sum up. What an experiment does not do is absent. */
export interface ExperimentResult {
  readonly experiment: string;
  /** false after Cancel, Ctrl-C or a lost host; absent where nothing is drawn */
  readonly complete?: boolean;
  readonly families?: readonly FamilySummary[];
  readonly controls?: readonly ControlResult[];
  readonly tallies?: readonly TallyRecord[];
  readonly snapshots?: readonly SnapshotRecord[];
  readonly groupCount?: number;
  readonly tokenCount?: number;
  readonly samplingMs?: number;
}

export interface Experiment<
  Name extends string = string,
  Result extends ExperimentResult = ExperimentResult,
> {
  /** flag, URL parameter, key of the report */
  readonly name: Name;
  /** what it asks, in words */
  readonly question: string;
  /** null where nothing is drawn */
  readonly drawIds: DrawIds | null;
  readonly families: readonly Family[];
  /** what it takes with a preset's own settings, on two cores without a GPU: progress goes by it, and nothing else does */
  readonly expectedSeconds: Readonly<Record<Preset, number>>;
  /** whether estimators from a file take part */
  readonly estimators: 'catalogue' | 'and own';
  run(lab: Lab): Promise<Result>;
  /** every check that can agree; comparisons that can only reject are counted in their families */
  checks(result: Result): readonly { readonly verdict: Verdict }[];
  /** all of what was found, with charts and every number */
  view(result: Result, config: Config): Section;
  /** the same in a screenful of text */
  summary(result: Result, config: Config): Section;
  /** in words, what a complete run with these settings had to show and did not; absent where any outcome counts */
  shortfall?(result: Result, config: Config): string | null;
}
