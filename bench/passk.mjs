#!/usr/bin/env node
/** The `passk-bench` command: set-up, build, then bench/main.ts. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies } from './setup.mjs';

await ensureDependencies();
const { build } = await import('./build.mjs');
const { main } = await import(pathToFileURL(join(await build('cli'), 'main.mjs')).href);
process.exitCode = await main(process.argv.slice(2), () => build('page'));
