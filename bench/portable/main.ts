/**
 * `npm run pack:portable`: one tar.xz with Node, Dawn and the built command line, for machines that have a GPU driver and nothing
 * else. All that can be refused is refused before anything is written; the archive gets its name when it is whole, and whatever ends
 * the work takes its folder along.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT } from '../../src/cli/exit.ts';
import { InputError, printable, shown } from '../../src/input/inputError.ts';
import { requireArchivers, writeArchive } from './archive.ts';
import { findDawn } from './dawn.ts';
import { findNode } from './nodeRuntime.ts';
import { stage, type Parts } from './stage.ts';
import { findVulkanLoader } from './vulkanLoader.ts';

const MOST_BYTES = 35e6;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const HELP = `npm run pack:portable -- [options]: Node, Dawn and the command line as one tar.xz, for this platform
  --out FOLDER         where it goes (the current folder)
  --webgpu FOLDER      the package webgpu (node_modules/webgpu)
  --node-license FILE  Node's licence, where it does not lie beside Node
  --xz-preset PRESET   0 to 9, and e for its slower form (9e)
`;

const say = (line: string): void => void process.stderr.write(`passk-bench: ${printable(line, 1000)}\n`);

/**
 * @param root the checkout
 * @param buildCommand builds the command line if need be and says where it is
 * @returns the exit code
 */
export async function main(
  args: readonly string[],
  root: string,
  buildCommand: () => Promise<string>,
): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await pack(args, root, buildCommand, stop.signal);
    return EXIT.agrees;
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted;
    say(error instanceof Error ? error.message : String(error));
    return error instanceof InputError ? EXIT.badInput : EXIT.disagrees;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

async function pack(
  args: readonly string[],
  root: string,
  buildCommand: () => Promise<string>,
  signal: AbortSignal,
): Promise<void> {
  const values = readFlags(args);
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  if (process.platform !== 'linux') {
    throw new InputError('pack:portable', 'Linux', process.platform, 'elsewhere use npm pack, or a checkout');
  }
  const preset = values['xz-preset'];
  if (!/^\de?$/.test(preset)) throw new InputError('--xz-preset', '0 to 9, or 0e to 9e', shown(preset));
  requireFolder(values.out);
  requireArchivers();
  const dawnFolder = values.webgpu ?? join(root, 'node_modules', 'webgpu');
  const { version } = packageJson;
  const parts: Parts = {
    root,
    version,
    dawnFolder,
    dawn: findDawn(dawnFolder),
    node: findNode(values['node-license']),
    vulkanLoader: findVulkanLoader(),
    command: await buildCommand(),
  };
  if (parts.vulkanLoader === null)
    say('libvulkan.so.1: not found, so the package relies on the one of its driver');

  const name = `passk-bench-${version}-${process.platform}-${process.arch}`;
  // In the folder of the archive: only there is its renaming one step.
  const work = mkdtempSync(join(values.out, '.passk-portable-'));
  try {
    const folder = join(work, name);
    mkdirSync(folder);
    await stage(folder, parts, signal, say);
    const unfinished = join(work, 'archive.tar.xz');
    const { sizeBytes, sha256 } = await writeArchive(folder, unfinished, preset, signal);
    const size = `${(sizeBytes / 1e6).toFixed(1)} MB`;
    if (sizeBytes >= MOST_BYTES) {
      throw new InputError(
        'archive',
        `less than ${MOST_BYTES / 1e6} MB`,
        size,
        'pack with Node 20, --xz-preset 9e',
      );
    }
    signal.throwIfAborted();
    const file = join(values.out, `${name}.tar.xz`);
    renameSync(unfinished, file);
    process.stdout.write(
      `${file}: ${size}, Node ${process.versions.node}, Dawn of webgpu ${parts.dawn.version}\nsha256 ${sha256}\n`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        out: { type: 'string', default: '.' },
        webgpu: { type: 'string' },
        'node-license': { type: 'string' },
        'xz-preset': { type: 'string', default: '9e' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('pack:portable', 'the options that --help names', reason);
  }
}

/** @throws InputError */
function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new InputError('--out', 'a folder', shown(path), 'make it, or name another');
}
