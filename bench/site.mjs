/** `npm run build`: the page as a static site in `dist/`, for any folder of any server. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, ROOT, say } from './setup.mjs';

await ensureDependencies();
const { build } = await import('./build.mjs');
const site = join(ROOT, 'dist');
const page = await build('page');
rmSync(site, { recursive: true, force: true });
cpSync(page, site, { recursive: true });
say('passk-bench: the page is in dist/');
