/** What the command line is handed by whoever starts it: it knows no browser, server or build itself. */
import type { Engine } from '../engine/engine.ts';
import type { EngineChoice } from '../engine/engineChoice.ts';
import type { Lifetime } from './lifetime.ts';
import type { EngineOptions } from '../engine/gpu/engineOptions.ts';

export interface HostChoice {
  readonly engine: EngineChoice;
  /** whether to end where no WGSL can be exercised */
  readonly requiresGpu: boolean;
  /** whether a browser may be installed where there is none */
  readonly mayInstall: boolean;
  /** of the CPU engine; null for as many as the machine has */
  readonly threads: number | null;
  readonly runtime: 'chromium' | 'node';
  /** `auto` takes a hardware adapter if there is one */
  readonly adapter: 'auto' | 'hardware' | 'software';
  readonly options: Partial<EngineOptions>;
}

export interface PageServer {
  readonly url: string;
  close(): void;
}

export interface MainTools {
  /** builds the page if need be and says where it is; null where there is none, nor a browser to show it: then Node has the GPU */
  readonly buildPage: (() => Promise<string>) | null;
  /** @param say one line to the person, on standard error */
  readonly openHost: (choice: HostChoice, say: (line: string) => void) => Promise<Engine>;
  /** serves a folder on 127.0.0.1; port 0 for any free one */
  readonly servePage: (folder: string, port: number) => Promise<PageServer>;
}

export interface Tools extends MainTools {
  readonly say: (line: string) => void;
  /** owns what must not outlive the command, and hears signals */
  readonly lifetime: Lifetime;
  /** how the process ends if nothing is thrown */
  readonly exit: (code: number) => void;
}
