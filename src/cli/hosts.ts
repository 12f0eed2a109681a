/**
 * Opens the sampler that a command asks for, wrapped so that a lost host is replaced.
 */
import { findBrowser } from '../../bench/browser/find.ts';
import { openNodeSampler } from '../../bench/nodeGpu.ts';
import { openPageSampler, type AdapterChoice } from '../../bench/browser/pageSampler.ts';
import { servePage } from '../../bench/browser/serve.ts';
import { DeviceLostError } from '../gpu/adapter.ts';
import { CpuSampler } from '../kernels/cpuSampler.ts';
import type { EngineOptions } from '../kernels/gpuSampler.ts';
import { ResilientSampler } from '../kernels/resilientSampler.ts';
import type { Sampler } from '../kernels/sampler.ts';

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

export async function openHost(choice: HostChoice, tools: HostTools): Promise<Sampler> {
  if (choice.engine === 'cpu') return new CpuSampler();
  const onLoss = (error: unknown): void =>
    tools.say(
      `passk-bench: ${error instanceof Error ? error.message : String(error)}; going on with a fresh one`,
    );
  const isLoss = (error: unknown): boolean => error instanceof DeviceLostError;
  if (choice.runtime === 'node') {
    return ResilientSampler.start(() => openNodeSampler(choice.options), isLoss, onLoss);
  }
  const executablePath = findBrowser(tools.say);
  const server = await servePage(await tools.buildPage());
  return ResilientSampler.start(
    () =>
      openPageSampler({
        executablePath,
        pageUrl: server.url,
        adapter: choice.adapter,
        engine: choice.options,
      }),
    isLoss,
    onLoss,
  );
}
