/**
 * The engine thread, and the page's entry for programs: `window.passkBench` is the very engine that a person's runs
 * use, so a headless run opens this page and finds it there.
 */
import { wrap, type Remote } from 'comlink';
import { signal } from '@preact/signals';
import { describeAdapter, findAdapter, NoGpuError } from '../../engine/gpu/adapter.ts';
import type { EngineHost } from '../../engine/worker/engineHost.ts';
import type { EngineThread } from '../../threads/engine.worker.ts';
import type { SuiteHost } from '../../threads/suiteHost.ts';

declare global {
  interface Window {
    passkBench?: Remote<EngineHost>;
  }
}

/** The thread is fetched when it is first needed: a page that is only read needs none. */
let thread: Remote<EngineThread> | null = null;

function started(): Remote<EngineThread> {
  thread ??= wrap<EngineThread>(
    new Worker(new URL('../../threads/engine.worker.ts', import.meta.url), { type: 'module' }),
  );
  return thread;
}

// Comlink types a member as a promised value; what it gives is a proxy of the member.
export const suite = (): Remote<SuiteHost> => started().suite as unknown as Remote<SuiteHost>;

/** A getter, so that it is there from the start and costs nothing until it is asked for. */
Object.defineProperty(window, 'passkBench', {
  get: () => started().engine as unknown as Remote<EngineHost>,
});

export interface FoundAdapter {
  readonly kind: 'hardware' | 'software' | 'none';
  readonly name: string;
}

/** What WebGPU runs on here; null until it is known. */
export const adapter = signal<FoundAdapter | null>(null);

export async function lookForAdapter(): Promise<void> {
  try {
    const { name, software } = describeAdapter(await findAdapter(navigator.gpu));
    adapter.value = { kind: software ? 'software' : 'hardware', name };
  } catch (error) {
    if (!(error instanceof NoGpuError)) throw error;
    adapter.value = { kind: 'none', name: error.message };
  }
}
