/**
 * Opens the engine that a command asks for, wrapped so that a lost host is replaced.
 */
import { findBrowser } from './browser/find.ts';
import { openCpuEngine } from './nodeThreads.ts';
import { openNodeEngine } from './nodeGpu.ts';
import { openPageEngine } from './browser/pageEngine.ts';
import { servePage } from './browser/serve.ts';
import { DeviceLostError } from '../src/engine/gpu/adapter.ts';
import { TwinEngine } from '../src/engine/twin/twinEngine.ts';
import type { HostChoice } from '../src/cli/tools.ts';
import { ResilientEngine } from '../src/engine/resilientEngine.ts';
import type { Engine } from '../src/engine/engine.ts';

/** What was built of this project, or will be where it is needed. */
export interface Built {
  /** builds the page if need be and says where it is */
  readonly buildPage: () => Promise<string>;
  /** cpuThread.ts */
  readonly threadFile: string;
}

/** @param say one line to the person, on standard error */
export async function openHost(
  choice: HostChoice,
  { buildPage, threadFile }: Built,
  say: (line: string) => void,
): Promise<Engine> {
  if (choice.engine === 'twin') return new TwinEngine();
  if (choice.engine === 'cpu') {
    return openCpuEngine(threadFile, choice.threads === null ? {} : { threadCount: choice.threads });
  }
  const onLoss = (error: unknown): void =>
    say(`passk-bench: ${error instanceof Error ? error.message : String(error)}; going on with a fresh one`);
  const isLoss = (error: unknown): boolean => error instanceof DeviceLostError;
  if (choice.runtime === 'node') {
    return ResilientEngine.start(() => openNodeEngine(choice.options), isLoss, onLoss);
  }
  const executablePath = findBrowser(say);
  const server = await servePage(await buildPage());
  return ResilientEngine.start(
    () =>
      openPageEngine({
        executablePath,
        pageUrl: server.url,
        adapter: choice.adapter,
        engine: choice.options,
      }),
    isLoss,
    onLoss,
  );
}
