/**
 * `npm run reference`: a quick run, and what the page shows of it before any run of its own. With `--check` nothing is written: exit
 * code 1 where a run of today shows something else, with what.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies, ROOT, say } from './setup.mjs';

const PATH = join(ROOT, 'src', 'ui', 'reference.json');

await ensureDependencies();
const { build } = await import('./build.mjs');
const command = [join(ROOT, 'bench', 'passk.mjs'), 'run', '--preset', 'quick', '--json'];
// What is shown does not depend on the engine: to check it none need be opened beside the CPU's.
if (process.argv.includes('--check')) command.push('--engine', 'cpu', '--quiet');
const run = spawnSync(process.execPath, command, {
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
});
if (run.status !== 0) process.exit(run.status ?? 1);
const { differences, writeReference } = await import(
  pathToFileURL(join(await build('reference'), 'main.mjs')).href
);
if (process.argv.includes('--check')) {
  const found = await differences(run.stdout, PATH);
  for (const difference of found) say(difference);
  if (found.length > 0) say('src/ui/reference.json is older than what it shows: npm run reference');
  process.exitCode = found.length > 0 ? 1 : 0;
} else {
  await writeReference(run.stdout, PATH);
}
