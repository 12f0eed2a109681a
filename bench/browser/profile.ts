/**
 * Folders of browsers: a profile and its temporary files in one, named by the process that owns it, gone when that
 * process ends in whatever way it can still act; what a killed one left is swept by the next.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, shown } from '../../src/input/inputError.ts';

const PREFIX = 'passk-bench-browser-';

/** A browser's process group and its folder. */
export interface OwnedBrowser {
  readonly folder: string;
  pid: number | undefined;
}

const owned = new Set<OwnedBrowser>();
let isWatching = false;

/** @throws InputError where no temporary folder can be made */
export function ownBrowser(): OwnedBrowser {
  if (!isWatching) {
    isWatching = true;
    sweep();
    process.on('exit', () => {
      for (const browser of owned) abandon(browser);
    });
  }
  const browser: OwnedBrowser = { folder: makeFolder(), pid: undefined };
  owned.add(browser);
  return browser;
}

/** At once: its process group is killed, its folder removed. One that is just starting is known by its folder alone. */
export function abandon(browser: OwnedBrowser): void {
  for (const pid of browser.pid === undefined ? usersOf(browser.folder) : [browser.pid]) killGroup(pid);
  release(browser);
}

/** Processes that were started with a folder as theirs, where that can be seen. */
function usersOf(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    // Not Linux: the browser ends by itself as soon as its pipe is closed.
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`--user-data-dir=${folder}\0`);
      } catch {
        // It ended while we looked.
        return false;
      }
    })
    .map(Number);
}

/** Of a browser that has ended. */
export function release(browser: OwnedBrowser): void {
  owned.delete(browser);
  remove(browser.folder);
}

/**
 * Chromium makes a socket in its temporary folder, `org.chromium.Chromium.XXXXXX/SingletonSocket`, and does not start where
 * its path is longer than the system allows: 104 bytes on macOS, 108 on Linux.
 */
const LONGEST_SOCKET_FOLDER = 103 - '/.org.chromium.Chromium.XXXXXX/SingletonSocket'.length;

/** The browser's environment: its temporary files go to our folder too, where that can be. */
export function environmentOf({ folder }: OwnedBrowser): NodeJS.ProcessEnv {
  return Buffer.byteLength(folder) <= LONGEST_SOCKET_FOLDER
    ? { ...process.env, TMPDIR: folder }
    : process.env;
}

export function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // ESRCH: the group is gone already.
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  } catch (error) {
    throw new InputError(
      `temporary folder ${shown(tmpdir())}`,
      'a folder that can be written',
      (error as NodeJS.ErrnoException).code ?? 'an error',
      'set TMPDIR to one',
    );
  }
}

/** Removes folders of processes that are no more: of our own prefix and the pid recorded in it, nothing else. */
function sweep(): void {
  let names: string[];
  try {
    names = readdirSync(tmpdir());
  } catch {
    // makeFolder says what is wrong with it.
    return;
  }
  for (const name of names) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function remove(folder: string): void {
  try {
    // A browser that is just dying may still write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  } catch {
    // Another user's, or still being written to: the next start tries again.
  }
}
