/** `npm run pack:portable`: set-up, builds, then bench/portable/main.ts. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies, ROOT } from './setup.mjs';

await ensureDependencies();
const { build } = await import('./build.mjs');
const { main } = await import(pathToFileURL(join(await build('portable'), 'main.mjs')).href);
process.exitCode = await main(process.argv.slice(2), ROOT, () => build('portableCommand'));
