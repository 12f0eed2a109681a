/** `run`: the suite, its report file and its summary. */
import { cpus } from 'node:os';
import { relative } from 'node:path';
import { terminalSummary } from './render/terminal.ts';
import type { RunWatcher } from '../lab/watcher.ts';
import type { Report } from '../lab/suite/report.ts';
import type { Config } from '../lab/settings.ts';
import { runSuite } from '../lab/suite/suite.ts';
import type { ExperimentName } from '../lab/suite/experiments.ts';
import { ResilientEngine } from '../engine/resilientEngine.ts';
import type { Engine } from '../engine/engine.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import { Progress } from './progress.ts';
import { requireWritable, writeAtomically } from './results.ts';

export interface RunRequest {
  readonly experiments: readonly ExperimentName[];
  readonly config: Config;
  /** folder of the report file */
  readonly out: string;
  readonly output: 'json' | 'summary';
  /** whether what is inconclusive counts against the run */
  readonly strictness: 'strict' | 'lenient';
  readonly version: string;
  /** estimators from a file */
  readonly own: readonly WeightTable[];
}

/** @param openEngine called once the report can be written */
export async function runCommand(
  request: RunRequest,
  openEngine: () => Promise<Engine>,
  say: (line: string) => void,
): Promise<Report> {
  requireWritable(request.out);
  const interrupt = interruptSignal(say);
  const engine = await openEngine();
  const progress = new Progress('passk-bench');
  const watcher: RunWatcher = {
    signal: interrupt.signal,
    onProgress: ({ experiment, stage, tokenCount, totalTokens }) => {
      progress.show(`${experiment ?? ''} ${stage}`.trim(), tokenCount, totalTokens);
    },
  };
  try {
    const facts = {
      versions: {
        'passk-bench': request.version,
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
        processor: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
      },
      recoveryCount: () => (engine instanceof ResilientEngine ? engine.recoveryCount : 0),
    };
    const report = await runSuite(request.experiments, request.config, engine, watcher, facts, request.own);
    progress.clear();
    const stamp = report.startedAt.replace(/[:.]/g, '-');
    const path = writeAtomically(
      request.out,
      `report-${stamp}-${process.pid}.json`,
      `${JSON.stringify(report, null, 1)}\n`,
    );
    if (request.output === 'json') process.stdout.write(`${JSON.stringify(report)}\n`);
    else process.stdout.write(`${terminalSummary(report, request.strictness)}\n`);
    say(`Report: ${relative(process.cwd(), path)}`);
    return report;
  } finally {
    progress.clear();
    await engine.close();
    interrupt.release();
  }
}

/** The first Ctrl-C ends the run in order, with a report of what is finished; a second ends the process. */
export function interruptSignal(say: (line: string) => void): {
  readonly signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    say('\npassk-bench: stopping after the submission in flight (again to stop at once)');
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
