/**
 * `npm run peers`: this project beside other libraries, bench/peers/main.ts. They have a lockfile of their own, for only who compares
 * needs them; where they cannot be installed their rows say so.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies, ROOT, say } from './setup.mjs';

const FOLDER = join(ROOT, 'bench', 'peers');
/** Written last: what is installed is what this lockfile says. */
const STAMP = join(FOLDER, 'node_modules', '.passk-setup');
/** src/cli/exit.ts */
const INTERRUPTED = 130;

function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(FOLDER, 'package-lock.json')))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('passk-bench: installing the libraries of bench/peers/package-lock.json (npm ci; 110 MB, once)');
  const npm = process.env.npm_execpath;
  const [program, ...args] = npm ? [process.execPath, npm] : ['npm'];
  try {
    execFileSync(
      program,
      [...args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      {
        cwd: FOLDER,
        stdio: ['ignore', 2, 2],
      },
    );
  } catch {
    throw new Error('not installed: npm ci failed, see above');
  }
  writeFileSync(STAMP, wanted);
}

// Browsers, and what they leave, end with the process in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(INTERRUPTED));
await ensureDependencies();
const { build } = await import('./build.mjs');
const folder = await build('peers');
const { main } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
process.exitCode = await main(process.argv.slice(2), {
  install,
  buildPage: () => build('page'),
  buildPeersPage: () => build('peersPage'),
  threadFile: join(folder, 'cpuThread.mjs'),
  pythonScript: join(FOLDER, 'peers.py'),
});
