#!/usr/bin/env node
/** The `passk-bench` command: set-up, build, then bench/main.ts. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies } from './setup.mjs';

/** src/cli/exit.ts */
const INTERRUPTED = 130;

await ensureDependencies();
const { build } = await import('./build.mjs');
const { main } = await import(pathToFileURL(join(await build('cli'), 'main.mjs')).href);
const code = await main(process.argv.slice(2), () => build('page'));
// After a signal work may still be under way that nobody waits for.
if (code === INTERRUPTED) process.exit(code);
process.exitCode = code;
