/**
 * Opens the engine that a command asks for: wrapped so that a lost host is replaced, and checked by another where both kinds
 * are there.
 */
import type { HostChoice } from '../src/cli/tools.ts';
import { CheckedEngine } from '../src/engine/checkedEngine.ts';
import type { Engine } from '../src/engine/engine.ts';
import { DeviceLostError, NoGpuError } from '../src/engine/gpu/adapter.ts';
import { HostLostError, ResilientEngine } from '../src/engine/resilientEngine.ts';
import { TwinEngine } from '../src/engine/twin/twinEngine.ts';
import { findBrowser } from './browser/find.ts';
import { hasGraphicsDevice, openPageEngine } from './browser/pageEngine.ts';
import { servePage } from './browser/serve.ts';
import { openNodeEngine } from './nodeGpu.ts';
import { openCpuEngine } from './nodeThreads.ts';

/** What was built of this project, or will be where it is needed. */
export interface Built {
  /** builds the page if need be and says where it is; null where there is none: no browser, then, and WebGPU is Dawn's */
  readonly buildPage: (() => Promise<string>) | null;
  /** cpuThread.ts */
  readonly threadFile: string;
  /** a `libvulkan.so.1` for Dawn, where the system has none */
  readonly vulkanLoader?: string;
}

/** @param say one line to the person, on standard error */
export async function openHost(
  choice: HostChoice,
  built: Built,
  say: (line: string) => void,
): Promise<Engine> {
  if (choice.engine === 'twin') return new TwinEngine();
  if (choice.engine === 'gpu') return openGpu(choice, built, say);
  const openCpu = (): Engine =>
    openCpuEngine(built.threadFile, choice.threads === null ? {} : { threadCount: choice.threads });
  if (choice.engine === 'cpu') return openCpu();
  const gpu = openGpu(choice, built, say).catch((error: unknown) => {
    // Without WebGPU a run goes on, and says so at its end.
    if ((error instanceof NoGpuError || error instanceof HostLostError) && !choice.requiresGpu) {
      return error.message;
    }
    throw error;
  });
  // Where there is no graphics device the adapter is software: the browser may open while the CPU works.
  if (hasGraphicsDevice() || choice.requiresGpu || choice.adapter === 'hardware') {
    const found = await gpu;
    if (typeof found !== 'string' && found.environment.software === false) {
      return new CheckedEngine(found, Promise.resolve(openCpu()));
    }
  }
  return new CheckedEngine(openCpu(), gpu);
}

async function openGpu(
  choice: HostChoice,
  { buildPage, vulkanLoader }: Built,
  say: (line: string) => void,
): Promise<Engine> {
  const onLoss = (error: unknown): void =>
    say(`passk-bench: ${error instanceof Error ? error.message : String(error)}; going on with a fresh one`);
  const isLoss = (error: unknown): boolean => error instanceof DeviceLostError;
  if (choice.runtime === 'node' || buildPage === null) {
    const open = (): Promise<Engine> =>
      openNodeEngine(choice.options, { adapter: choice.adapter, vulkanLoader });
    return ResilientEngine.start(open, isLoss, onLoss);
  }
  const executablePath = findBrowser(say, choice.mayInstall);
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
