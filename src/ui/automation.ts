/**
 * The engine thread, and the page's entry for programs: `window.passkBench` is the very engine that a person's runs
 * use, so a headless run opens this page and finds it there.
 */
import { wrap, type Remote } from 'comlink';
import type { EngineThread } from '../threads/engine.worker.ts';
import type { EngineHost } from '../engine/worker/engineHost.ts';
import type { SuiteHost } from '../threads/suiteHost.ts';

declare global {
  interface Window {
    passkBench?: Remote<EngineHost>;
  }
}

/** Starts the engine thread and gives its suite; the GPU is not touched before it is asked to. */
export function startEngine(): Remote<SuiteHost> {
  const worker = new Worker(new URL('../threads/engine.worker.ts', import.meta.url), { type: 'module' });
  const thread = wrap<EngineThread>(worker);
  // Comlink types a member as a promised value; what it gives is a proxy of the member.
  window.passkBench = thread.engine as unknown as Remote<EngineHost>;
  return thread.suite as unknown as Remote<SuiteHost>;
}
