/**
 * The engine of the page, driven from Node: starts a browser, opens the built page, and pulls events from its engine
 * thread. Every call is raced against everything that can die, so nothing waits for ever.
 */
import type { SamplerId } from '../../src/math/random/stream.ts';
import type { Page } from 'puppeteer';
import { cpuSecondsOfFamily } from './cpuTime.ts';
import { endBrowser, firstLine, launchBrowser, type LaunchedBrowser } from './launch.ts';
import { existsSync, readdirSync } from 'node:fs';
import { DeviceLostError, NoGpuError } from '../../src/engine/gpu/adapter.ts';
import type { EngineOptions } from '../../src/engine/gpu/engineOptions.ts';
import type {
  Engine,
  EngineEnvironment,
  EngineTimings,
  KernelProfile,
  SelfTestResult,
} from '../../src/engine/engine.ts';
import type { KernelFault } from '../../src/engine/sampler.ts';
import type { Answer } from '../../src/engine/worker/answer.ts';
import { RemoteEngine, open, type EngineLink } from '../../src/engine/worker/remoteEngine.ts';
import type { WireEvent, WireJob, WireTrainingJob } from '../../src/engine/worker/wire.ts';

/** Which adapter to use: `auto` takes a hardware one if there is one. */
export type AdapterChoice = 'auto' | 'hardware' | 'software';

export interface BrowserOptions {
  readonly executablePath: string;
  readonly pageUrl: string;
  readonly adapter: AdapterChoice;
  readonly engine: Partial<EngineOptions>;
  /** told of each browser's process: tests of failures end it */
  readonly onStart?: (pid: number) => void;
}

/** A submission takes about 50 ms and every one is an event; a page that is silent this long is gone. */
const SILENCE_MS = 10_000;
/** Opening may start drivers, on a loaded machine. */
const OPENING_MS = 20_000;
/** So may compiling take long. */
const COMPILING_MS = 60_000;
const HARDWARE_SEARCH_MS = 5_000;

export const PLAIN_FLAGS = ['--enable-unsafe-webgpu'];
const SOFTWARE_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const HARDWARE_FLAGS = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--disable-vulkan-surface',
  '--ignore-gpu-blocklist',
];

/** Starts a browser with the wanted kind of adapter. @throws NoGpuError */
export async function openPageEngine(options: BrowserOptions): Promise<Engine> {
  if (options.adapter === 'software') return startBrowser(options, SOFTWARE_FLAGS, OPENING_MS);
  // Flags that force a hardware driver hang where there is none: first ask plainly.
  const plain = await startBrowser(options, PLAIN_FLAGS, OPENING_MS);
  if (plain.environment.software === false) return plain;
  const hardware = hasGraphicsDevice()
    ? await startBrowser(options, HARDWARE_FLAGS, HARDWARE_SEARCH_MS).catch(() => null)
    : null;
  if (hardware?.environment.software === false) {
    await plain.close();
    return hardware;
  }
  await hardware?.close();
  if (options.adapter === 'hardware') {
    await plain.close();
    throw new NoGpuError('--adapter hardware: expected a hardware adapter, found software only');
  }
  return plain;
}

/** Whether there may be a hardware adapter: elsewhere than on Linux that is not to be seen from outside a browser. */
export function hasGraphicsDevice(): boolean {
  const names = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  return (
    names('/dev/dri').some((name) => name.startsWith('render')) ||
    names('/dev').some((name) => name.startsWith('nvidia')) ||
    process.platform !== 'linux'
  );
}

async function startBrowser(
  options: BrowserOptions,
  flags: readonly string[],
  openingMs: number,
): Promise<RemoteEngine> {
  const launched = await launchBrowser(options.executablePath, flags);
  const { browser, owned } = launched;
  if (owned.pid !== undefined) options.onStart?.(owned.pid);
  try {
    const link = await PageLink.open(launched, options, openingMs);
    const runtime = (await browser.version()).replace('/', ' ');
    return new RemoteEngine(link, { ...link.environment, runtime, flags });
  } catch (error) {
    const isGone = !browser.connected;
    await endBrowser(launched);
    if (isGone && !(error instanceof DeviceLostError)) {
      throw new DeviceLostError(`the browser ended while it opened: ${firstLine(error)}`);
    }
    throw error;
  }
}

/** @throws DeviceLostError where it takes longer */
function limited<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new DeviceLostError(`the browser was silent for ${limitMs / 1000} s while it opened`)),
      limitMs,
    );
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The engine thread of an open page. Calls reject with DeviceLostError when anything between here and there dies. */
class PageLink implements EngineLink {
  readonly #launched: LaunchedBrowser;
  readonly #page: Page;
  /** calls in flight, each with what rejects it: all of them when anything on the way dies */
  readonly #waiting = new Set<(error: DeviceLostError) => void>();
  #death: DeviceLostError | null = null;
  environment!: EngineEnvironment;
  #isCompiling = false;

  private constructor(launched: LaunchedBrowser, page: Page) {
    this.#launched = launched;
    this.#page = page;
    launched.browser.on('disconnected', () => this.#die('the browser ended'));
    page.on('error', (error) => this.#die(`the page crashed: ${error.message}`));
    page.on('close', () => this.#die('the page was closed'));
  }

  static async open(
    launched: LaunchedBrowser,
    options: BrowserOptions,
    openingMs: number,
  ): Promise<PageLink> {
    const page = await limited(openingMs, launched.browser.newPage());
    const link = new PageLink(launched, page);
    await link.#within(openingMs, page.goto(options.pageUrl, { waitUntil: 'load' }));
    link.environment = open(
      await link.#within(
        openingMs,
        page.evaluate((engine) => window.passkBench!.open(engine), options.engine),
      ),
    );
    return link;
  }

  selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<Answer<SelfTestResult>> {
    return this.#within(
      COMPILING_MS,
      this.#page.evaluate((f, s) => window.passkBench!.selfTest(f, s), fault, sampler),
    );
  }

  start(job: WireJob): Promise<Answer<null>> {
    return this.#within(
      COMPILING_MS,
      this.#page.evaluate((j) => window.passkBench!.start(j), job),
    );
  }

  profile(job: WireJob): Promise<Answer<KernelProfile | null>> {
    return this.#within(
      COMPILING_MS,
      this.#page.evaluate((j) => window.passkBench!.profile(j), job),
    );
  }

  startTraining(job: WireTrainingJob): Promise<Answer<null>> {
    return this.#within(
      COMPILING_MS,
      this.#page.evaluate((j) => window.passkBench!.startTraining(j), job),
    );
  }

  async next(): Promise<Answer<WireEvent>> {
    const limitMs = this.#isCompiling ? COMPILING_MS : SILENCE_MS;
    const answer = await this.#within(
      limitMs,
      this.#page.evaluate(() => window.passkBench!.next()),
    );
    this.#isCompiling = 'value' in answer && answer.value.kind === 'compiling';
    return answer;
  }

  stop(): Promise<Answer<null>> {
    return this.#within(
      SILENCE_MS,
      this.#page.evaluate(() => window.passkBench!.stop()),
    );
  }

  timings(): Promise<Answer<EngineTimings>> {
    return this.#within(
      SILENCE_MS,
      this.#page.evaluate(() => window.passkBench!.timings()),
    );
  }

  cpuSeconds(): number | null {
    const { pid } = this.#launched.owned;
    return pid === undefined ? null : cpuSecondsOfFamily(pid);
  }

  close(): Promise<void> {
    return endBrowser(this.#launched);
  }

  #die(message: string): void {
    this.#death ??= new DeviceLostError(message);
    for (const reject of this.#waiting) reject(this.#death);
    this.#waiting.clear();
  }

  /** A race would be shorter, but each race against a promise that never settles stays in memory with it. */
  #within<Value>(limitMs: number, call: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(lose);
        act();
      };
      const lose = (error: DeviceLostError): void => settle(() => reject(error));
      const timer = setTimeout(
        () => lose(new DeviceLostError(`the page was silent for ${limitMs / 1000} s`)),
        limitMs,
      );
      this.#waiting.add(lose);
      if (this.#death) lose(this.#death);
      call.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => lose(new DeviceLostError(firstLine(error))),
      );
    });
  }
}
