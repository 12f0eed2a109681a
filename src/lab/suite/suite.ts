/**
 * A run: the experiments of the suite on one engine, summed up in a report. The command line and the page both call
 * this, so they say the same.
 */
import type { Engine, SelfTestResult } from '../../engine/engine.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import { runAggregate } from '../../experiments/aggregate/run.ts';
import { runCollapse } from '../../experiments/collapse/run.ts';
import { runCrossover } from '../../experiments/crossover/run.ts';
import { REQUIRED_POWER } from '../../experiments/relation/controls.ts';
import { runFigure1 } from '../../experiments/figure1/run.ts';
import { runObjectives } from '../../experiments/objectives/run.ts';
import { runPublished } from '../../experiments/published/run.ts';
import { runRelation } from '../../experiments/relation/run.ts';
import {
  controlsOf,
  familiesOf,
  REPORT_FORMAT,
  type ExperimentResults,
  type Outcome,
  type Report,
} from '../results.ts';
import type { Config } from '../settings.ts';
import { runSignal } from '../../experiments/signal/run.ts';
import { runTemperature } from '../../experiments/temperature/run.ts';
import { runThroughput } from '../../experiments/throughput/run.ts';
import { runUpdates } from '../../experiments/updates/run.ts';
import { runVariance } from '../../experiments/variance/run.ts';
import type { RunWatcher } from '../watcher.ts';

/** What a run has at hand. */
interface Bench {
  readonly config: Config;
  readonly engine: Engine;
  readonly watcher: RunWatcher;
  /** estimators from a file */
  readonly own: readonly WeightTable[];
}

/** Every experiment, in the order of a run: each adds its part to the report. */
const experiments = {
  relation: async ({ config, engine, watcher }: Bench) => ({
    relation: await runRelation(config, engine, watcher),
  }),
  figure1: async ({ config, engine, watcher }: Bench) => ({
    figure1: await runFigure1(config, engine, watcher),
  }),
  signal: async ({ config, engine, watcher }: Bench) => ({
    signal: await runSignal(config, engine, watcher),
  }),
  variance: async ({ config, engine, watcher, own }: Bench) => ({
    variance: await runVariance(config, own, engine, watcher),
  }),
  aggregate: async ({ config, engine, watcher }: Bench) => ({
    aggregate: await runAggregate(config, engine, watcher),
  }),
  temperature: async ({ config, engine, watcher }: Bench) => ({
    temperature: await runTemperature(config, engine, watcher),
  }),
  updates: async ({ config, engine, watcher, own }: Bench) => ({
    updates: await runUpdates(config, own, engine, watcher),
  }),
  collapse: async ({ config, engine, watcher }: Bench) => ({
    collapse: await runCollapse(config, engine, watcher),
  }),
  objectives: async ({ config, engine, watcher, own }: Bench) => ({
    objectives: await runObjectives(config, own, engine, watcher),
  }),
  crossover: async ({ config, engine, watcher, own }: Bench) => ({
    crossover: await runCrossover(config, own, engine, watcher),
  }),
  published: () => Promise.resolve({ published: runPublished() }),
  throughput: async ({ config, engine, watcher }: Bench) => ({
    throughput: await runThroughput(config.preset, engine, watcher),
  }),
} satisfies Record<keyof ExperimentResults, (bench: Bench) => Promise<ExperimentResults>>;

export type ExperimentName = keyof typeof experiments;
export const EXPERIMENTS = Object.keys(experiments) as ExperimentName[];

/** The engine gives wrong known answers: nothing it samples would mean anything. */
export class SelfTestError extends Error {
  override name = 'SelfTestError';
}

/** Random words and the token rule on the adapter in use, before anything is counted. @throws SelfTestError */
export async function requireSelfTest(engine: Engine): Promise<SelfTestResult> {
  const result = await engine.selfTest();
  if (result.failures.length === 0) return result;
  throw new SelfTestError(
    `${engine.environment.adapter} fails ${result.failures.length} of ${result.caseCount} known answers, ` +
      `so nothing was sampled; the first: ${result.failures[0]}`,
  );
}

/** What only the host knows. */
export interface RunFacts {
  readonly versions: Readonly<Record<string, string>>;
  /** how often a fresh host took over so far */
  readonly recoveryCount: () => number;
}

/**
 * @param own estimators from a file, for `variance` and, where their n is the run's, the experiments that train
 * @throws SelfTestError before anything is sampled
 */
export async function runSuite(
  names: readonly ExperimentName[],
  config: Config,
  engine: Engine,
  watcher: RunWatcher,
  facts: RunFacts,
  own: readonly WeightTable[] = [],
): Promise<Report> {
  const startedAt = new Date();
  const start = performance.now();
  const selfTest = await requireSelfTest(engine);
  let results: ExperimentResults = {};
  for (const name of EXPERIMENTS) {
    if (!names.includes(name) || watcher.signal.aborted) continue;
    const bench: Bench = {
      config,
      engine,
      own,
      watcher: {
        signal: watcher.signal,
        onProgress: (progress) => {
          watcher.onProgress({ ...progress, experiment: name });
        },
      },
    };
    results = { ...results, ...(await experiments[name](bench)) };
  }
  return {
    format: REPORT_FORMAT,
    outcome: watcher.signal.aborted ? 'incomplete' : outcomeOf(results),
    startedAt: startedAt.toISOString(),
    durationMs: performance.now() - start,
    config,
    versions: facts.versions,
    environment: engine.environment,
    recoveryCount: facts.recoveryCount(),
    selfTest,
    timings: engine.timings(),
    ...results,
  };
}

/** A published number that differs is a finding about its print, with a note; it does not fail a run. */
function outcomeOf(results: ExperimentResults): Outcome {
  const { relation } = results;
  const rejected = familiesOf(results).some((family) => family.rejected > 0);
  const missed = controlsOf(results).some(({ power, flagged }) => power >= REQUIRED_POWER && !flagged);
  const decided = relation ? relation.slopeCount.agree + relation.slopeCount.disagree : 0;
  return rejected || missed || decided < (relation?.slopesToDecide ?? 0) ? 'disagrees' : 'agrees';
}
