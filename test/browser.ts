/** The built page and samplers on it, for tests that need a real adapter. Without one they fail; they do not skip. */
import { inject } from 'vitest';
import { findBrowser } from '../bench/browser/find.ts';
import { openPageSampler, type BrowserOptions } from '../bench/browser/pageSampler.ts';
import { DeviceLostError } from '../src/gpu/adapter.ts';
import { ResilientSampler } from '../src/kernels/resilientSampler.ts';
import type { Sampler } from '../src/kernels/sampler.ts';

export function browserOptions(options: Partial<BrowserOptions> = {}): BrowserOptions {
  return {
    executablePath: findBrowser((line) => void process.stderr.write(`${line}\n`)),
    pageUrl: inject('pageUrl'),
    adapter: 'software',
    engine: {},
    ...options,
  };
}

export function openSampler(options: Partial<BrowserOptions> = {}): Promise<Sampler> {
  return openPageSampler(browserOptions(options));
}

export function openResilient(options: Partial<BrowserOptions> = {}): Promise<ResilientSampler> {
  return ResilientSampler.start(
    () => openSampler(options),
    (error) => error instanceof DeviceLostError,
  );
}
