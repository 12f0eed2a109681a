/**
 * Finds a Chrome or Chromium to drive, or installs Debian's when that can be done.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { puppeteer } from './puppeteer.ts';
import { NoGpuError } from '../../src/engine/gpu/adapter.ts';

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * @param mayInstall whether Debian's may be installed where there is none
 * @throws NoGpuError with what to type, where there is none and none can be installed
 */
export function findBrowser(say: (line: string) => void, mayInstall: boolean): string {
  const asked = process.env.PUPPETEER_EXECUTABLE_PATH;
  if (asked) {
    if (existsSync(asked)) return asked;
    throw new NoGpuError(
      `PUPPETEER_EXECUTABLE_PATH: expected a browser, got '${asked}', which does not exist`,
    );
  }
  const found = INSTALLED.find((path) => existsSync(path)) ?? cachedByPuppeteer();
  if (found) return found;
  if (mayInstall && canInstall()) {
    say(
      "passk-bench: no Chrome or Chromium found; installing Debian's (apt-get install chromium; PASSK_NO_INSTALL=1 forbids it)",
    );
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (args: string[]): boolean =>
      spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env: environment }).status === 0;
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
    const installed = INSTALLED.find((path) => existsSync(path));
    if (installed) return installed;
  }
  throw new NoGpuError(
    'browser: expected Chrome or Chromium, found none; install one (Debian, Ubuntu: sudo apt-get install chromium), ' +
      'or set PUPPETEER_EXECUTABLE_PATH to one, or use --engine cpu',
  );
}

function cachedByPuppeteer(): string | undefined {
  try {
    const path = puppeteer().executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    // Puppeteer throws where it never downloaded a browser: that is an answer, not a fault.
    return undefined;
  }
}

function canInstall(): boolean {
  if (process.env.PASSK_NO_INSTALL === '1' || process.getuid?.() !== 0) return false;
  if (!existsSync('/etc/os-release')) return false;
  return (
    /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8')) && existsSync('/usr/bin/apt-get')
  );
}
