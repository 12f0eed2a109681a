/**
 * A run: the experiments of the suite on one sampler, summed up in a report. The command line and the page both call
 * this, so they say the same.
 */
import type { Sampler, SelfTestResult } from '../kernels/sampler.ts';
import { runRelation } from './relation.ts';
import { REQUIRED_POWER } from './controls.ts';
import { REPORT_FORMAT, type Outcome, type RelationResult, type Report } from './result.ts';
import type { Config } from './settings.ts';
import { runThroughput } from './throughput.ts';
import type { RunWatcher } from './watcher.ts';

export const EXPERIMENTS = ['relation', 'throughput'] as const;
export type ExperimentName = (typeof EXPERIMENTS)[number];

/** The sampler gives wrong known answers: nothing it samples would mean anything. */
export class SelfTestError extends Error {
  override name = 'SelfTestError';
}

/** Random words and the token rule on the adapter in use, before anything is counted. @throws SelfTestError */
export async function requireSelfTest(sampler: Sampler): Promise<SelfTestResult> {
  const result = await sampler.selfTest();
  if (result.failures.length === 0) return result;
  throw new SelfTestError(
    `${sampler.environment.adapter} fails ${result.failures.length} of ${result.caseCount} known answers, ` +
      `so nothing was sampled; the first: ${result.failures[0]}`,
  );
}

/** What only the host knows. */
export interface RunFacts {
  readonly versions: Readonly<Record<string, string>>;
  /** how often a fresh host took over so far */
  readonly recoveryCount: () => number;
}

/** @throws SelfTestError before anything is sampled */
export async function runSuite(
  names: readonly ExperimentName[],
  config: Config,
  sampler: Sampler,
  watcher: RunWatcher,
  facts: RunFacts,
): Promise<Report> {
  const startedAt = new Date();
  const start = performance.now();
  const selfTest = await requireSelfTest(sampler);
  const relation = names.includes('relation') ? await runRelation(config, sampler, watcher) : undefined;
  const throughput =
    names.includes('throughput') && !watcher.signal.aborted
      ? await runThroughput(config.preset, sampler, watcher)
      : undefined;
  return {
    format: REPORT_FORMAT,
    outcome: watcher.signal.aborted ? 'incomplete' : outcomeOf(relation),
    startedAt: startedAt.toISOString(),
    durationMs: performance.now() - start,
    config,
    versions: facts.versions,
    environment: sampler.environment,
    recoveryCount: facts.recoveryCount(),
    selfTest,
    timings: sampler.timings(),
    ...(relation ? { relation } : {}),
    ...(throughput ? { throughput } : {}),
  };
}

function outcomeOf(relation: RelationResult | undefined): Outcome {
  if (!relation) return 'agrees';
  const rejected = relation.families.some((family) => family.rejected > 0);
  const missed = relation.controls.some(({ power, flagged }) => power >= REQUIRED_POWER && !flagged);
  const decided = relation.slopeCount.agree + relation.slopeCount.disagree;
  return rejected || missed || decided < relation.slopesToDecide ? 'disagrees' : 'agrees';
}
