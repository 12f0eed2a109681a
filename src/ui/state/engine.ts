/**
 * The engine thread, and the page's entry for programs: `window.passkBench` is the very engine that a person's runs
 * use, so a headless run opens this page and finds it there.
 */
import { signal } from '@preact/signals';
import type { Remote } from 'comlink';
import type { Answer } from '../../engine/worker/answer.ts';
import { describeAdapter, findAdapter, NoGpuError } from '../../engine/gpu/adapter.ts';
import type { EngineHost } from '../../engine/worker/engineHost.ts';
import type { EngineThread } from '../../threads/engine.worker.ts';
import type { SuiteHost } from '../../threads/suiteHost.ts';
import { PageThread } from './threads.ts';

declare global {
  interface Window {
    passkBench?: Remote<EngineHost>;
  }
}

export const engineThread = new PageThread<EngineThread>(
  () => new Worker(new URL('../../threads/engine.worker.ts', import.meta.url), { type: 'module' }),
);

/** Comlink types a member as a promised value; what it gives is a proxy of the member. */
const suiteOf = (thread: Remote<EngineThread>): Remote<SuiteHost> =>
  thread.suite as unknown as Remote<SuiteHost>;

export const suite = <Value>(
  work: (host: Remote<SuiteHost>) => Promise<Answer<Value>>,
): Promise<Answer<Value>> => engineThread.call((thread) => work(suiteOf(thread)));

/** Without waiting for an answer. */
export const tellSuite = (work: (host: Remote<SuiteHost>) => unknown): unknown =>
  work(suiteOf(engineThread.remote));

/** A getter, so that it is there from the start and costs nothing until it is asked for. */
Object.defineProperty(window, 'passkBench', {
  get: () => engineThread.remote.engine as unknown as Remote<EngineHost>,
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
