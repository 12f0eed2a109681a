/** The `passk-bench` command of the portable package: no page and no browser, WebGPU by Dawn. In a checkout it is bench/passk.mjs. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from './command/main.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
process.exitCode = await main(process.argv.slice(2), {
  buildPage: null,
  threadFile: join(folder, 'command', 'cpuThread.mjs'),
  vulkanLoader: join(folder, 'libvulkan.so.1'),
});
/** src/cli/exit.ts: after a signal work may still be under way that nobody waits for. */
if (process.exitCode === 130) process.exit();
