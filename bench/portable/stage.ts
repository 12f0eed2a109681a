/** Lays the folder that is packed: launcher, Node, Dawn, command, licences. */
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { Dawn } from './dawn.ts';
import type { NodeRuntime } from './nodeRuntime.ts';
import { hasProgram, runProgram } from './programs.ts';
import { LOADER } from './vulkanLoader.ts';

export interface Parts {
  /** the checkout */
  readonly root: string;
  readonly version: string;
  readonly node: NodeRuntime;
  readonly dawn: Dawn;
  /** folder of the package that `dawn` describes */
  readonly dawnFolder: string;
  /** null where this machine has none */
  readonly vulkanLoader: string | null;
  /** folder of the built command line */
  readonly command: string;
}

/**
 * @param folder a new one
 * @throws Error where a file cannot be written, or what was laid does not run
 */
export async function stage(
  folder: string,
  parts: Parts,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const put = (from: string, ...to: readonly string[]): string => {
    const path = join(folder, ...to);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(from, path);
    return path;
  };
  const own = (name: string): string => join(parts.root, 'bench', 'portable', name);
  const launcher = put(own('passk-bench.sh'), 'passk-bench');
  put(own('README.txt'), 'README.txt');
  put(own('passk-bench.mjs'), 'lib', 'passk-bench.mjs');
  const manifest = { name: 'passk-bench', version: parts.version, private: true, type: 'module' };
  writeFileSync(join(folder, 'lib', 'package.json'), `${JSON.stringify(manifest)}\n`);
  put(join(parts.root, 'LICENSE'), 'LICENSE');

  cpSync(parts.command, join(folder, 'lib', 'command'), { recursive: true });
  mkdirSync(join(folder, 'licenses'));
  renameSync(join(folder, 'lib', 'command', 'licenses.md'), join(folder, 'licenses', 'packages.md'));

  const node = put(parts.node.path, 'lib', 'node');
  put(parts.node.license, 'licenses', 'node.txt');
  for (const file of parts.dawn.files) {
    put(join(parts.dawnFolder, file), 'lib', 'node_modules', 'webgpu', file);
  }
  put(parts.dawn.license, 'licenses', 'dawn.txt');
  if (parts.vulkanLoader !== null) {
    put(parts.vulkanLoader, 'lib', LOADER);
    // The loader is under the Apache License 2.0, whose text comes with the compiler too.
    put(join(parts.root, 'node_modules', 'typescript', 'LICENSE.txt'), 'licenses', 'vulkan-loader.txt');
  }
  await strip(node, parts.node.path, signal, say);
  setModes(folder);
  const { status, stdout, stderr } = spawnSync(launcher, ['--version'], { encoding: 'utf8', env: {} });
  if (status === 0 && stdout.trim() === parts.version) return;
  throw new Error(`what was packed does not run: ${(stderr || stdout).trim().split('\n')[0]}`);
}

/** Symbols are a tenth of Node; those that addons are linked to stay. A Node that does not survive it goes in as it is. */
async function strip(
  node: string,
  original: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  if (!hasProgram('strip')) {
    say('strip: not found (Debian, Ubuntu: binutils), so Node goes in with its symbols');
    return;
  }
  chmodSync(node, 0o755);
  const failure = await runProgram('strip', [node], signal)
    .then(() => (spawnSync(node, ['--version'], { env: {} }).status === 0 ? null : 'it no longer runs'))
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  signal.throwIfAborted();
  if (failure === null) return;
  copyFileSync(original, node);
  say(`strip: ${failure}, so Node goes in with its symbols`);
}

/** Whatever the umask, and whatever the files' modes were where they came from. */
function setModes(folder: string): void {
  const executable = new Set(['passk-bench', 'node']);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const isOpen = entry.isDirectory() || executable.has(entry.name);
    chmodSync(join(entry.parentPath, entry.name), isOpen ? 0o755 : 0o644);
  }
  chmodSync(folder, 0o755);
}
