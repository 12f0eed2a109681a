/**
 * Starts a browser in a folder of its own and ends it whatever state it is in. What is opened in it, and how long that may take,
 * is the caller's.
 */
import type { Browser } from 'puppeteer';
import { DeviceLostError, NoGpuError } from '../../src/engine/gpu/adapter.ts';
import { environmentOf, killGroup, ownBrowser, release, type OwnedBrowser } from './profile.ts';
import { puppeteer } from './puppeteer.ts';

export interface LaunchedBrowser {
  readonly browser: Browser;
  readonly owned: OwnedBrowser;
}

const QUIET_FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** @throws NoGpuError where it does not start, DeviceLostError where it was killed meanwhile */
export async function launchBrowser(
  executablePath: string,
  flags: readonly string[],
): Promise<LaunchedBrowser> {
  const isRoot = process.getuid?.() === 0;
  const sandbox = isRoot || process.env.PASSK_NO_SANDBOX === '1' ? ['--no-sandbox'] : [];
  const owned = ownBrowser();
  const browser = await puppeteer()
    .launch({
      executablePath,
      headless: true,
      // A debugging port would let any user of this machine drive the browser. And with a pipe it ends when we do.
      pipe: true,
      userDataDir: owned.folder,
      // A page whose process is killed as it opens is waited for without end; ours is opened with a limit.
      waitForInitialPage: false,
      env: environmentOf(owned),
      args: [...QUIET_FLAGS, ...sandbox, ...flags],
      // Our own handlers decide what a signal means; puppeteer's would end the browser under a run.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      protocolTimeout: 0,
    })
    .catch((error: unknown) => {
      release(owned);
      const message = `${executablePath} did not start: ${firstLine(error)}`;
      // Killed while it started: no fault of the browser's, another may live.
      if (/Code: null|Target closed/.test(String(error))) throw new DeviceLostError(message);
      throw new NoGpuError(message);
    });
  owned.pid = browser.process()?.pid;
  return { browser, owned };
}

/** Time that a browser has to close in order. */
const CLOSING_MS = 2_000;

/** Whatever state it is in: its whole process group, and its folder. */
export async function endBrowser({ browser, owned }: LaunchedBrowser): Promise<void> {
  const child = browser.process();
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, CLOSING_MS);
  });
  await Promise.race([browser.close().catch(() => undefined), patience]);
  clearTimeout(timer);
  if (child?.pid && child.exitCode === null && child.signalCode === null) killGroup(child.pid);
  release(owned);
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
