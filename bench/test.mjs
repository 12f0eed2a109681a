/** `npm test`: set-up, then Vitest with whatever arguments follow. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureDependencies, ROOT } from './setup.mjs';

await ensureDependencies();
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const result = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  // Vitest sets this itself where nothing does; under production the page would be another build.
  env: { ...process.env, NODE_ENV: 'test' },
});
process.exitCode = result.status ?? 1;
