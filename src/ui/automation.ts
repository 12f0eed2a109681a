/**
 * The page's entry for programs: `window.passkBench` is the engine thread that a person's runs use, so a headless run
 * opens this very page and finds this very engine.
 */
import { wrap, type Remote } from 'comlink';
import type { EngineHost } from '../worker/engineHost.ts';

declare global {
  interface Window {
    passkBench?: Remote<EngineHost>;
  }
}

/** Starts the engine thread; the GPU is not touched before `open`. */
export function startEngine(): Remote<EngineHost> {
  const worker = new Worker(new URL('../worker/engine.worker.ts', import.meta.url), { type: 'module' });
  return wrap<EngineHost>(worker);
}
