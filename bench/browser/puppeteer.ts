/**
 * Puppeteer, loaded only where a browser is needed, and with this package's configuration alone.
 *
 * Puppeteer looks for its configuration (`.puppeteerrc.cjs`, `.config/`, the like) from the working directory up when it is
 * loaded, and would run what it finds there. So it is loaded while the working directory is this package's folder, whose
 * package.json ends the search. `require`, not `import`: an awaited import would leak the changed directory.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Puppeteer = Pick<typeof import('puppeteer'), 'launch' | 'executablePath'>;

let loaded: Puppeteer | undefined;

export function puppeteer(): Puppeteer {
  loaded ??= within(packageFolder(), load);
  return loaded;
}

/** The package brings `puppeteer-core` alone, which is the same without a browser of its own: no installation downloads one. */
function load(): Puppeteer {
  const require = createRequire(import.meta.url);
  try {
    return require('puppeteer') as Puppeteer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return require('puppeteer-core') as Puppeteer;
  }
}

/** The folder of our own package.json, from wherever the built module lies. */
function packageFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: unknown };
      if (name === 'passk-bench') return folder;
    }
    if (folder === dirname(folder)) throw new Error('passk-bench: its own package.json is missing');
  }
}

function within<Value>(folder: string, work: () => Value): Value {
  const before = workingFolder();
  process.chdir(folder);
  try {
    return work();
  } finally {
    if (before !== null && existsSync(before)) process.chdir(before);
  }
}

/** null where it was deleted. */
function workingFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    // ENOENT: there is no folder to go back to, and nothing that needs one.
    return null;
  }
}
