/** The built page and samplers on it, for tests that need a real adapter. Without one they fail; they do not skip. */
import { inject } from 'vitest';
import { findBrowser } from '../bench/browser/find.ts';
import { openPageEngine, type BrowserOptions } from '../bench/browser/pageEngine.ts';
import { DeviceLostError } from '../src/engine/gpu/adapter.ts';
import { ResilientEngine } from '../src/engine/resilientEngine.ts';
import type { Engine } from '../src/engine/engine.ts';

export function browserOptions(options: Partial<BrowserOptions> = {}): BrowserOptions {
  return {
    executablePath: findBrowser((line) => void process.stderr.write(`${line}\n`), true),
    pageUrl: inject('pageUrl'),
    adapter: 'software',
    engine: {},
    ...options,
  };
}

export function openEngine(options: Partial<BrowserOptions> = {}): Promise<Engine> {
  return openPageEngine(browserOptions(options));
}

export function openResilient(options: Partial<BrowserOptions> = {}): Promise<ResilientEngine> {
  return ResilientEngine.start(
    () => openEngine(options),
    (error) => error instanceof DeviceLostError,
  );
}
