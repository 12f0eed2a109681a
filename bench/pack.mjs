/**
 * What `npm pack` packs, in `dist/`: the command line and the page as they are built for a checkout, and the typed modules that
 * others import. Run by npm before it packs.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, ROOT, say } from './setup.mjs';

await ensureDependencies();
const { build } = await import('./build.mjs');
const dist = join(ROOT, 'dist');
rmSync(dist, { recursive: true, force: true });
for (const part of ['cli', 'page', 'library']) {
  cpSync(await build(part), join(dist, part), { recursive: true });
}
copyFileSync(join(ROOT, 'bench', 'packed.mjs'), join(dist, 'passk-bench.mjs'));
chmodSync(join(dist, 'passk-bench.mjs'), 0o755);

const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const types = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.library.json'], {
  cwd: ROOT,
  stdio: ['ignore', 2, 2],
});
if (types.status !== 0) {
  say('passk-bench: the declarations could not be made, see above');
  process.exitCode = 1;
}
