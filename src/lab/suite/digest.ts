/**
 * A report's gist: what a screen shows before anything is unfolded. Made where the report is, for a whole report is megabytes; a
 * page keeps it, and ships one of a reference run.
 */
import { publishedView } from '../../experiments/published/view.ts';
import { MEASURED_FAMILY } from '../../experiments/variance/families.ts';
import { throughputView } from '../../experiments/throughput/view.ts';
import type { Table } from '../../view/section.ts';
import { isPresetAsItIs, type Config } from '../settings.ts';
import { costRows, leastCosine } from './claimRules.ts';
import type { Claim } from './claims.ts';
import { reached, type ExperimentResults } from './experiments.ts';
import { controlsOf, countVerdicts, familiesOf, verdictsOf, type Outcome, type Report } from './report.ts';
import { shownOf, type Shown } from './shown.ts';
import { checkedLine, checkTables } from './views.ts';

/** Where a run's numbers come from. */
export interface RunFacts {
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly config: Config;
  /** whether nothing but the seed differs from the preset */
  readonly isPreset: boolean;
  readonly version: string;
  readonly engine: string;
  readonly adapter: string;
  /** null where no GPU did the work */
  readonly software: boolean | null;
  readonly runtime: string;
  /** what another engine checked; null where none was asked to */
  readonly checkedBy: string | null;
  readonly experiments: readonly string[];
  readonly groupCount: number;
  readonly tokenCount: number;
  readonly checks: {
    readonly agree: number;
    readonly disagree: number;
    readonly inconclusive: number;
    readonly outOfReach: number;
  };
  readonly mistakes: { readonly seen: number; readonly total: number };
  readonly lost: string | null;
}

/** Numbers of the one-sentence answer; null where the run has none. */
export interface AnswerNumbers {
  readonly cost: {
    /** in words: figures of one policy are not figures of all */
    readonly policy: string;
    readonly successProb: number;
    readonly groupSize: number;
    readonly k: number;
    readonly atOne: number;
    readonly atK: number;
  } | null;
  readonly cosine: { readonly k: number; readonly value: number } | null;
}

export interface Digest {
  readonly facts: RunFacts;
  readonly claims: readonly Claim[];
  readonly answer: AnswerNumbers;
  readonly shown: Shown;
  readonly tables: {
    readonly checks: readonly Table[];
    readonly published: readonly Table[];
    readonly speeds: readonly Table[];
  };
}

export function digestOf(report: Report): Digest {
  return {
    facts: factsOf(report),
    claims: report.claims,
    answer: answerOf(report),
    shown: shownOf(report, report.config),
    tables: {
      checks: checkTables(report),
      published: report.published ? tablesOf(publishedView(report.published).parts) : [],
      speeds: report.throughput ? tablesOf(throughputView(report.throughput).parts) : [],
    },
  };
}

const tablesOf = (parts: readonly unknown[]): Table[] =>
  parts.filter((part): part is Table => typeof part === 'object' && part !== null && 'rows' in part);

function factsOf(report: Report): RunFacts {
  const { environment, config } = report;
  const found = reached(report);
  const verdicts = verdictsOf(report);
  const controls = controlsOf(report);
  const rejected = familiesOf(report).reduce((sum, family) => sum + family.rejected, 0);
  return {
    outcome: report.outcome,
    startedAt: report.startedAt,
    durationMs: report.durationMs,
    config,
    isPreset: isPresetAsItIs(config),
    version: report.versions['passk-bench'] ?? 'unknown',
    engine: environment.engine,
    adapter: environment.adapter,
    software: environment.software,
    runtime: environment.runtime,
    checkedBy: checkedLine(report.engine),
    experiments: found.map(({ experiment }) => experiment.name),
    groupCount: found.reduce((sum, { result }) => sum + (result.groupCount ?? 0), 0),
    tokenCount: found.reduce((sum, { result }) => sum + (result.tokenCount ?? 0), 0),
    checks: {
      agree: countVerdicts(verdicts, 'agree'),
      disagree: Math.max(rejected, countVerdicts(verdicts, 'disagree')),
      inconclusive: countVerdicts(verdicts, 'inconclusive'),
      outOfReach: countVerdicts(verdicts, 'out of reach'),
    },
    mistakes: { seen: controls.filter(({ flagged }) => flagged).length, total: controls.length },
    lost: report.lost ?? null,
  };
}

function answerOf(results: ExperimentResults): AnswerNumbers {
  const costs = costRows(results);
  const row = costs?.rows.reduce((most, other) => (other.successProb > most.successProb ? other : most));
  const least = leastCosine(results.aggregate?.cases.flatMap((entry) => entry.cells) ?? []);
  return {
    cost:
      costs && row
        ? {
            policy: MEASURED_FAMILY.id,
            successProb: row.successProb,
            groupSize: costs.groupSize,
            k: costs.k,
            atOne: row.first.samples,
            atK: row.later.samples,
          }
        : null,
    cosine: least ? { k: least.k, value: least.cosine } : null,
  };
}
