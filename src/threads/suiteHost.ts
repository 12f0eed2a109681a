/**
 * Runs the suite inside the engine thread, for a person at the page. The same code runs in Node for the command line.
 */
import packageJson from '../../package.json' with { type: 'json' };
import { CheckedEngine } from '../engine/checkedEngine.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineChoice } from '../engine/engineChoice.ts';
import { TwinEngine } from '../engine/twin/twinEngine.ts';
import { DeviceLostError, NoGpuError } from '../engine/gpu/adapter.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import { InputError } from '../input/inputError.ts';
import { parseJson } from '../input/schema.ts';
import type { RunProgress } from '../lab/watcher.ts';
import { CLAIM_PAGES } from '../lab/suite/claimPages.ts';
import { claimsOf, type Claim } from '../lab/suite/claims.ts';
import { compareReports, comparisonText, readReport } from '../lab/suite/compare.ts';
import { digestOf, type Digest } from '../lab/suite/digest.ts';
import type { Report } from '../lab/suite/report.ts';
import { shownOf, type Shown } from '../lab/suite/shown.ts';
import { firstChoice } from '../view/section.ts';
import type { Config } from '../lab/settings.ts';
import { runSuite } from '../lab/suite/suite.ts';
import type { ExperimentName } from '../lab/suite/experiments.ts';
import { GpuEngine } from '../engine/gpu/gpuEngine.ts';
import { HostLostError, ResilientEngine } from '../engine/resilientEngine.ts';
import { browserName } from '../engine/worker/engineHost.ts';
import { openCpuEngine } from './pageThreads.ts';
import { answer, type Answer } from '../engine/worker/answer.ts';

/** @throws NoGpuError where only a GPU was asked for and there is none */
async function openEngine(choice: EngineChoice): Promise<Engine> {
  if (choice === 'twin') return new TwinEngine();
  if (choice === 'cpu') return openCpuEngine();
  const gpu = ResilientEngine.start(
    () => GpuEngine.open(navigator.gpu, browserName()),
    (error) => error instanceof DeviceLostError,
  );
  if (choice === 'gpu') return gpu;
  const found = await gpu.catch((error: unknown) => {
    if (error instanceof NoGpuError || error instanceof HostLostError) return error.message;
    throw error;
  });
  return typeof found !== 'string' && found.environment.software === false
    ? new CheckedEngine(found, Promise.resolve(openCpuEngine()))
    : new CheckedEngine(openCpuEngine(), Promise.resolve(found));
}

/** What an experiment found, as soon as it has ended. */
export interface RunPart {
  readonly experiment: ExperimentName;
  readonly claims: readonly Claim[];
  readonly shown: Shown;
}

export interface FinishedRun {
  readonly digest: Digest;
  /** the whole report, as JSON */
  readonly report: Blob;
}

export interface RunRequest {
  readonly names: readonly ExperimentName[];
  readonly config: Config;
  readonly engine: EngineChoice;
  /** estimators from a file */
  readonly own: readonly WeightTable[];
}

/** Reports of a page's runs are a few megabytes. */
const MOST_REPORT_BYTES = 64e6;

export class SuiteHost {
  #controller: AbortController | null = null;

  /** @param onProgress @param onPart called across threads: cheap, and never awaited */
  run(
    { names, config, engine: choice, own }: RunRequest,
    onProgress: (progress: RunProgress) => void,
    onPart: (part: RunPart) => void,
  ): Promise<Answer<FinishedRun>> {
    return answer(async () => {
      const controller = new AbortController();
      this.#controller = controller;
      const engine = await openEngine(choice);
      try {
        const report = await runSuite(
          names,
          config,
          engine,
          {
            signal: controller.signal,
            onProgress,
            onEnd: (experiment, _seconds, results) =>
              onPart({
                experiment,
                claims: claimsOf(results),
                shown: shownOf({ [experiment]: results[experiment] }, config),
              }),
          },
          { versions: { 'passk-bench': packageJson.version } },
          own,
        );
        return { digest: digestOf(report), report: jsonBlob(report) };
      } finally {
        // What was found does not depend on how the engine goes.
        await engine.close().catch(() => undefined);
      }
    });
  }

  /** Ends the run after the submission in flight; `run` then answers with what was finished. */
  cancel(): void {
    this.#controller?.abort();
  }

  /** A report from a file, as a run of this page is. Nothing in it is believed to be what it should be. */
  open(file: Blob, name: string): Promise<Answer<FinishedRun>> {
    return answer(async () => {
      const report = (await readBlob(file, name)) as Report;
      readReport(report, name);
      try {
        const digest = digestOf({ ...report, claims: claimsOf(report) });
        // Charts that could not be drawn would fail on the page: here they fail with a line.
        for (const page of CLAIM_PAGES)
          for (const figure of page.figures)
            figure.draw(digest.shown, firstChoice(figure.choosers(digest.shown)));
        return { digest, report: file };
      } catch (error) {
        if (error instanceof InputError) throw error;
        throw new InputError(
          name,
          'a report as this version writes it',
          `one whose parts cannot be read (${error instanceof Error ? error.message : String(error)})`,
          'run it again with this version',
        );
      }
    });
  }

  /** Equal tallies or not, in the words of `compare`. */
  compare(a: Blob, b: Blob, nameA: string, nameB: string): Promise<Answer<string>> {
    return answer(async () => {
      const [left, right] = [
        readReport(await readBlob(a, nameA), nameA),
        readReport(await readBlob(b, nameB), nameB),
      ];
      return comparisonText(compareReports(left, right, nameA, nameB));
    });
  }
}

const jsonBlob = (report: Report): Blob => new Blob([JSON.stringify(report)], { type: 'application/json' });

async function readBlob(blob: Blob, name: string): Promise<unknown> {
  if (blob.size > MOST_REPORT_BYTES)
    throw new InputError(
      name,
      `a report of at most ${MOST_REPORT_BYTES / 1e6} MB`,
      `${Math.round(blob.size / 1e6)} MB`,
    );
  return parseJson(await blob.text(), name);
}
