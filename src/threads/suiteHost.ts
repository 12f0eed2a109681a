/**
 * Runs the suite inside the engine thread, for a person at the page. The same code runs in Node for the command line.
 */
import packageJson from '../../package.json' with { type: 'json' };
import { DeviceLostError } from '../engine/gpu/adapter.ts';
import type { RunProgress } from '../lab/watcher.ts';
import type { Report } from '../lab/suite/report.ts';
import type { Config } from '../lab/settings.ts';
import { runSuite } from '../lab/suite/suite.ts';
import type { ExperimentName } from '../lab/suite/experiments.ts';
import { GpuEngine } from '../engine/gpu/gpuEngine.ts';
import { ResilientEngine } from '../engine/resilientEngine.ts';
import { browserName } from '../engine/worker/engineHost.ts';
import { answer, type Answer } from '../engine/worker/answer.ts';

export class SuiteHost {
  #controller: AbortController | null = null;

  /** @param onProgress called across threads: cheap, and never awaited */
  run(
    names: readonly ExperimentName[],
    config: Config,
    onProgress: (progress: RunProgress) => void,
  ): Promise<Answer<Report>> {
    return answer(async () => {
      const controller = new AbortController();
      this.#controller = controller;
      const engine = await ResilientEngine.start(
        () => GpuEngine.open(navigator.gpu, browserName()),
        (error) => error instanceof DeviceLostError,
      );
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
