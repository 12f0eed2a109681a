/** `npm run bench:page`: what the page costs a browser, in figures: bytes, long tasks, the time of a redraw. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies } from './setup.mjs';

await ensureDependencies();
const { build } = await import('./build.mjs');
const { main } = await import(pathToFileURL(join(await build('pageBench'), 'main.mjs')).href);
await main(await build('page'));
