/**
 * Opens the sampler that a command asks for, wrapped so that a lost host is replaced.
 */
import { findBrowser } from './browser/find.ts';
import { openNodeEngine } from './nodeGpu.ts';
import { openPageEngine, type AdapterChoice } from './browser/pageEngine.ts';
import { servePage } from './browser/serve.ts';
import { DeviceLostError } from '../src/engine/gpu/adapter.ts';
import { CpuEngine } from '../src/engine/twin/twinEngine.ts';
import type { EngineOptions } from '../src/engine/gpu/gpuEngine.ts';
import { ResilientEngine } from '../src/engine/resilientEngine.ts';
import type { Engine } from '../src/engine/engine.ts';

export interface HostChoice {
  readonly engine: 'gpu' | 'cpu';
  readonly runtime: 'chromium' | 'node';
  readonly adapter: AdapterChoice;
  readonly options: Partial<EngineOptions>;
}

export interface HostTools {
  /** builds the page if need be and says where it is */
  readonly buildPage: () => Promise<string>;
  /** one line to the person, on standard error */
  readonly say: (line: string) => void;
}

export async function openHost(choice: HostChoice, tools: HostTools): Promise<Engine> {
  if (choice.engine === 'cpu') return new CpuEngine();
  const onLoss = (error: unknown): void =>
    tools.say(
      `passk-bench: ${error instanceof Error ? error.message : String(error)}; going on with a fresh one`,
    );
  const isLoss = (error: unknown): boolean => error instanceof DeviceLostError;
  if (choice.runtime === 'node') {
    return ResilientEngine.start(() => openNodeEngine(choice.options), isLoss, onLoss);
  }
  const executablePath = findBrowser(tools.say);
  const server = await servePage(await tools.buildPage());
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
