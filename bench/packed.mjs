#!/usr/bin/env node
/** The `passk-bench` command of the package: everything is built already. In a checkout it is bench/passk.mjs. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from './cli/main.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
process.exitCode = await main(process.argv.slice(2), {
  buildPage: () => Promise.resolve(join(folder, 'page')),
  threadFile: join(folder, 'cli', 'cpuThread.mjs'),
});
/** src/cli/exit.ts: after a signal work may still be under way that nobody waits for. */
if (process.exitCode === 130) process.exit();
