/**
 * Runs the suite inside the engine thread, for a person at the page. The same code runs in Node for the command line.
 */
import packageJson from '../../package.json' with { type: 'json' };
import { CheckedEngine } from '../engine/checkedEngine.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineChoice } from '../engine/engineChoice.ts';
import { TwinEngine } from '../engine/twin/twinEngine.ts';
import { DeviceLostError, NoGpuError } from '../engine/gpu/adapter.ts';
import type { RunProgress } from '../lab/watcher.ts';
import type { Report } from '../lab/suite/report.ts';
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

export class SuiteHost {
  #controller: AbortController | null = null;

  /** @param onProgress called across threads: cheap, and never awaited */
  run(
    names: readonly ExperimentName[],
    config: Config,
    choice: EngineChoice,
    onProgress: (progress: RunProgress) => void,
  ): Promise<Answer<Report>> {
    return answer(async () => {
      const controller = new AbortController();
      this.#controller = controller;
      const engine = await openEngine(choice);
      try {
        return await runSuite(
          names,
          config,
          engine,
          { signal: controller.signal, onProgress },
          { versions: { 'passk-bench': packageJson.version } },
        );
      } finally {
        await engine.close();
      }
    });
  }

  /** Ends the run after the submission in flight; `run` then answers with what was finished. */
  cancel(): void {
    this.#controller?.abort();
  }
}
