/** `npm run fuzz`: set-up, build, then bench/fuzz/main.ts. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies } from './setup.mjs';

await ensureDependencies();
const { build } = await import('./build.mjs');
const { main } = await import(pathToFileURL(join(await build('fuzz'), 'main.mjs')).href);
process.exitCode = await main(process.argv.slice(2));
