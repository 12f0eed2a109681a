/** `npm run faults`: set-up, builds, then bench/faults/main.ts. */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureDependencies } from './setup.mjs';

await ensureDependencies();
const { build } = await import('./build.mjs');
// The commands under fault must not wait for a build.
await build('cli');
await build('page');
const { main } = await import(pathToFileURL(join(await build('faults'), 'main.mjs')).href);
process.exitCode = await main(process.argv.slice(2), fileURLToPath(new URL('passk.mjs', import.meta.url)));
