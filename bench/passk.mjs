#!/usr/bin/env node
/** The `passk-bench` command: set-up, build, then bench/main.ts. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies } from './setup.mjs';

/** src/cli/exit.ts */
const INTERRUPTED = 130;

const leave = () => process.exit(INTERRUPTED);
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of SIGNALS) process.on(signal, leave);
await ensureDependencies();
const { build } = await import('./build.mjs');
const folder = await build('cli');
const { main } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
const running = main(process.argv.slice(2), {
  buildPage: () => build('page'),
  threadFile: join(folder, 'cpuThread.mjs'),
});
// The command hears them itself by now.
for (const signal of SIGNALS) process.off(signal, leave);
const code = await running;
// After a signal work may still be under way that nobody waits for.
if (code === INTERRUPTED) process.exit(code);
process.exitCode = code;
