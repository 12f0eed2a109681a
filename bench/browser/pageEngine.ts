/**
 * The engine of the page, driven from Node: starts a browser, opens the built page, and pulls events from its engine
 * thread. Every call is raced against everything that can die, so nothing waits for ever.
 */
import type { Browser, Page } from 'puppeteer';
import { launch } from 'puppeteer';
import { existsSync, readdirSync } from 'node:fs';
import { DeviceLostError, NoGpuError } from '../../src/engine/gpu/adapter.ts';
import type { EngineOptions } from '../../src/engine/gpu/gpuEngine.ts';
import type { Engine, EngineEnvironment, EngineTimings, SelfTestResult } from '../../src/engine/engine.ts';
import type { Fault } from '../../src/engine/sampler.ts';
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
/** Opening may start drivers, and compiling may be slow on a loaded machine. */
const OPENING_MS = 60_000;
const HARDWARE_SEARCH_MS = 5_000;

const QUIET_FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];
const PLAIN_FLAGS = ['--enable-unsafe-webgpu'];
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

function hasGraphicsDevice(): boolean {
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
  const isRoot = process.getuid?.() === 0;
  const sandbox = isRoot || process.env.PASSK_NO_SANDBOX === '1' ? ['--no-sandbox'] : [];
  const browser = await launch({
    executablePath: options.executablePath,
    headless: true,
    args: [...QUIET_FLAGS, ...sandbox, ...flags],
    // Our own handlers decide what a signal means; puppeteer's would end the browser under a run.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    protocolTimeout: 0,
  }).catch((error: unknown) => {
    throw new NoGpuError(`${options.executablePath} did not start: ${firstLine(error)}`);
  });
  const pid = browser.process()?.pid;
  if (pid !== undefined) options.onStart?.(pid);
  const link = await PageLink.open(browser, options, openingMs).catch(async (error: unknown) => {
    await endBrowser(browser);
    throw error;
  });
  return new RemoteEngine(link, { ...link.environment, runtime: await describe(browser), flags });
}

async function describe(browser: Browser): Promise<string> {
  return (await browser.version()).replace('/', ' ');
}

/** Whatever state it is in: its whole process group, at once. */
async function endBrowser(browser: Browser): Promise<void> {
  const child = browser.process();
  const graceful = browser.close().catch(() => undefined);
  await Promise.race([graceful, new Promise((resolve) => setTimeout(resolve, 2_000))]);
  if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

/** The engine thread of an open page. Calls reject with DeviceLostError when anything between here and there dies. */
class PageLink implements EngineLink {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #death: Promise<never>;
  environment!: EngineEnvironment;
  #isCompiling = false;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
    this.#death = new Promise<never>((_, reject) => {
      browser.on('disconnected', () => reject(new DeviceLostError('the browser ended')));
      page.on('error', (error) => reject(new DeviceLostError(`the page crashed: ${error.message}`)));
      page.on('close', () => reject(new DeviceLostError('the page was closed')));
    });
    this.#death.catch(() => undefined);
  }

  static async open(browser: Browser, options: BrowserOptions, openingMs: number): Promise<PageLink> {
    const page = (await browser.pages())[0] ?? (await browser.newPage());
    const link = new PageLink(browser, page);
    await link.#within(openingMs, page.goto(options.pageUrl, { waitUntil: 'load' }));
    link.environment = open(
      await link.#within(
        openingMs,
        page.evaluate((engine) => window.passkBench!.open(engine), options.engine),
      ),
    );
    return link;
  }

  selfTest(fault?: Fault): Promise<Answer<SelfTestResult>> {
    return this.#within(
      OPENING_MS,
      this.#page.evaluate((f) => window.passkBench!.selfTest(f), fault),
    );
  }

  start(job: WireJob): Promise<Answer<null>> {
    return this.#within(
      OPENING_MS,
      this.#page.evaluate((j) => window.passkBench!.start(j), job),
    );
  }

  startTraining(job: WireTrainingJob): Promise<Answer<null>> {
    return this.#within(
      OPENING_MS,
      this.#page.evaluate((j) => window.passkBench!.startTraining(j), job),
    );
  }

  async next(): Promise<Answer<WireEvent>> {
    const limitMs = this.#isCompiling ? OPENING_MS : SILENCE_MS;
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

  close(): Promise<void> {
    return endBrowser(this.#browser);
  }

  async #within<Value>(limitMs: number, call: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new DeviceLostError(`the page was silent for ${limitMs / 1000} s`)),
        limitMs,
      );
    });
    try {
      return await Promise.race([call, this.#death, silence]);
    } catch (error) {
      if (error instanceof DeviceLostError) throw error;
      throw new DeviceLostError(firstLine(error));
    } finally {
      clearTimeout(timer);
      call.catch(() => undefined);
    }
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
