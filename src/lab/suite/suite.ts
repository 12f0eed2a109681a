/**
 * A run: the experiments of the suite on one engine, summed up in a report. The command line and the page both call
 * this, so they say the same.
 */
import type { SamplerId } from '../../math/random/stream.ts';
import type { Engine, SelfTestResult } from '../../engine/engine.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import { HostLostError } from '../../engine/resilientEngine.ts';
import type { Lab } from '../experiment.ts';
import type { Config } from '../settings.ts';
import type { RunWatcher } from '../watcher.ts';
import { claimsOf } from './claims.ts';
import { OverallEstimate } from './runProgress.ts';
import { EXPERIMENTS, type ExperimentName, type ExperimentResults } from './experiments.ts';
import { engineReport, outcomeOf, REPORT_FORMAT, type Report } from './report.ts';

/** The engine gives wrong known answers: nothing it samples would mean anything. */
export class SelfTestError extends Error {
  override name = 'SelfTestError';
}

/** Random words and the token rule on the adapter in use, before anything is counted. @throws SelfTestError */
export async function requireSelfTest(engine: Engine, sampler?: SamplerId): Promise<SelfTestResult> {
  const result = await engine.selfTest(undefined, sampler);
  if (result.failures.length === 0) return result;
  throw new SelfTestError(
    `${engine.environment.adapter} fails ${result.failures.length} of ${result.caseCount} known answers, ` +
      `so nothing was sampled; the first: ${result.failures[0]}`,
  );
}

/** Told, too, of what was found so far. */
export interface SuiteWatcher extends RunWatcher {
  /** an experiment has ended; absent where nobody asks */
  readonly onEnd?: (experiment: ExperimentName, seconds: number, results: ExperimentResults) => void;
}

/** What only the host knows. */
export interface HostFacts {
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * @param own estimators from a file, for `variance` and, where their n is the run's, the experiments that train
 * @throws SelfTestError before anything is sampled
 */
export async function runSuite(
  names: readonly ExperimentName[],
  config: Config,
  engine: Engine,
  watcher: SuiteWatcher,
  facts: HostFacts,
  own: readonly WeightTable[] = [],
): Promise<Report> {
  const startedAt = new Date();
  const start = performance.now();
  const selfTest = await requireSelfTest(engine);
  let results: ExperimentResults = {};
  const durations: Record<string, number> = {};
  const estimate = new OverallEstimate(
    EXPERIMENTS.filter(({ name }) => names.includes(name)).map(({ name, expectedSeconds }) => ({
      name,
      seconds: expectedSeconds[config.preset],
    })),
    () => performance.now(),
  );
  let lost: string | undefined;
  for (const experiment of EXPERIMENTS) {
    const { name } = experiment;
    if (!names.includes(name) || watcher.signal.aborted) continue;
    const lab: Lab = {
      config,
      engine,
      own,
      watcher: {
        signal: watcher.signal,
        onProgress: (progress) =>
          watcher.onProgress({ ...progress, experiment: name, overall: estimate.at(progress) }),
      },
    };
    estimate.begin(name);
    try {
      results = { ...results, [name]: await experiment.run(lab) };
      durations[name] = estimate.end();
      watcher.onEnd?.(name, durations[name], results);
    } catch (error) {
      // What the others found is worth a report.
      if (!(error instanceof HostLostError)) throw error;
      lost = error.message;
      break;
    }
  }
  const verification = (await engine.verification?.()) ?? null;
  return {
    format: REPORT_FORMAT,
    outcome:
      watcher.signal.aborted || lost !== undefined ? 'incomplete' : outcomeOf(results, config, verification),
    startedAt: startedAt.toISOString(),
    durationMs: performance.now() - start,
    experimentSeconds: durations,
    config,
    versions: facts.versions,
    engine: engineReport(engine.environment, verification),
    environment: engine.environment,
    recoveryCount: engine.recoveryCount ?? 0,
    selfTest,
    timings: engine.timings(),
    claims: claimsOf(results),
    ...(lost === undefined ? {} : { lost }),
    ...results,
  };
}
