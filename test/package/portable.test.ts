/**
 * The portable package as a GPU server has it: packed, unpacked in an empty folder, started with an empty environment. A stand-in takes
 * Dawn's place, which is no dependency; where the real one is installed, it samples on Chromium's software driver too.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { writeArchive } from '../../bench/portable/archive.ts';
import { librariesOfItsOwn } from '../../bench/portable/nodeRuntime.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'bench', 'portable.mjs');
const problem = join(root, 'test', 'oracle', 'bandit4.problem.json');
const name = `passk-bench-${packageJson.version}-${process.platform}-${process.arch}`;
const EMPTY = { PATH: '/usr/bin:/bin' };
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Dawn for Node is packed for Linux alone; elsewhere it says so. */
const isLinux = process.platform === 'linux';
const onLinux = describe.runIf(isLinux);

let folder: string;
const made = (...path: readonly string[]): string => {
  const full = join(folder, ...path);
  mkdirSync(full, { recursive: true });
  return full;
};

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
const pack = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): Ended =>
  spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: 'utf8', env });

/** A package `webgpu` whose Dawn finds no adapter. */
function standIn(): string {
  const path = made('webgpu');
  const platform = made('webgpu', 'dist', `${process.platform}-${process.arch}`);
  writeFileSync(join(platform, 'dawn.node'), 'a stand-in');
  made('webgpu', 'dist', 'another-platform');
  writeFileSync(join(path, 'dist', 'another-platform', 'dawn.node'), 'of no use here');
  writeFileSync(
    join(path, 'index.js'),
    'export const create = () => ({ requestAdapter: async () => null });\n',
  );
  writeFileSync(
    join(path, 'package.json'),
    '{"name": "webgpu", "version": "0.0.0", "type": "module", "main": "index.js"}',
  );
  writeFileSync(join(path, 'LICENSE.md'), 'none');
  return path;
}

/** Unpacks into a folder with a blank in its name. @returns what starts the command */
function unpack(archive: string, to: string): string {
  const place = made(to);
  const { status, stderr } = spawnSync('tar', ['-xf', archive, '-C', place], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return join(place, name, 'passk-bench');
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'passk-portable-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

onLinux('what it refuses, in one line and with nothing written', () => {
  const refused = (args: readonly string[], env?: NodeJS.ProcessEnv): string => {
    const out = made('refused');
    const { status, stdout, stderr } = pack(['--out', out, ...args], env);
    expect([status, stdout, stderr.trim().split('\n').length], stderr).toEqual([2, '', 1]);
    expect(readdirSync(out)).toEqual([]);
    return stderr;
  };

  test('a checkout without Dawn: it says what to type', () => {
    expect(refused(['--webgpu', join(folder, 'missing')])).toContain('npm install --no-save webgpu@0.6');
  });
  test('a Dawn without this platform', () => {
    const other = made('other');
    writeFileSync(join(other, 'package.json'), '{}');
    writeFileSync(join(other, 'index.js'), '');
    expect(refused(['--webgpu', other])).toContain('dawn.node');
  });
  test('a system without tar or xz', () => {
    const args = ['--webgpu', standIn()];
    expect(refused(args, { ...process.env, PATH: made('nothing') })).toContain(
      'tar: expected the program GNU tar',
    );
    symlinkSync('/usr/bin/tar', join(made('tar-alone'), 'tar'));
    expect(refused(args, { ...process.env, PATH: join(folder, 'tar-alone') })).toContain('xz: expected');
  });
  test("a missing licence of Node's", () => {
    expect(refused(['--webgpu', standIn(), '--node-license', 'nowhere.txt'])).toContain('nowhere.txt');
  });
  test.each([
    [['--xz-preset', '10'], '--xz-preset: expected 0 to 9'],
    [['--out', 'nowhere'], '--out: expected a folder'],
    [['--fast'], '--fast'],
  ])('%j', (args, line) => {
    expect(refused(args)).toContain(line);
  });
  test('a Node that is linked to libraries of its distribution', () => {
    const common = [
      'linux-vdso.so.1',
      '/lib/libstdc++.so.6',
      '/lib/libc.so.6',
      '/lib64/ld-linux-x86-64.so.2',
    ];
    expect(librariesOfItsOwn([...common, '/checkout/rolldown.linux-x64-gnu.node'])).toEqual([]);
    expect(librariesOfItsOwn([...common, '/usr/lib/libnode.so.115', '/lib/libcrypto.so.3'])).toEqual([
      'libnode.so.115',
      'libcrypto.so.3',
    ]);
  });
});

onLinux('what ends it halfway leaves nothing behind', () => {
  /** @param xz what it does, in sh, when it is to compress @returns an environment with these programs alone */
  function withXz(xz: string): NodeJS.ProcessEnv {
    const programs = mkdtempSync(join(folder, 'programs-'));
    for (const program of ['/usr/bin/tar', '/bin/sh', '/bin/sleep'])
      symlinkSync(program, join(programs, basename(program)));
    const text = `#!/bin/sh\n[ "$1" = --version ] && echo XZ Utils && exit\n${xz}\n`;
    writeFileSync(join(programs, 'xz'), text, { mode: 0o755 });
    return { ...process.env, PATH: programs };
  }

  test('a full disk', () => {
    const out = made('full');
    const env = withXz('echo xz: No space left on device >&2; exit 1');
    const { status, stderr } = pack(['--out', out, '--webgpu', standIn()], env);
    expect(status, stderr).toBe(1);
    // Without binutils it goes on, and says so.
    expect(stderr).toContain('strip: not found');
    expect(stderr).toContain('No space left on device');
    expect(readdirSync(out)).toEqual([]);
  });

  test('a signal, which it passes on', async () => {
    const out = made('signalled');
    // Ends when tar does; by itself only after the test's time.
    const env = withXz('while read -r line; do sleep 0; done');
    const args = [script, '--out', out, '--webgpu', standIn()];
    const child = spawn(process.execPath, args, { stdio: 'ignore', env });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const isArchiving = (): boolean =>
      readdirSync(out).some((work) => existsSync(join(out, work, 'archive.tar.xz')));
    while (!isArchiving()) {
      expect(child.exitCode).toBe(null);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill('SIGTERM');
    expect(await ended).toBe(130);
    expect(readdirSync(out)).toEqual([]);
  });
});

test.runIf(!isLinux)('elsewhere than on Linux it refuses, in one line', () => {
  expect(pack([])).toMatchObject({ status: 2, stderr: expect.stringContaining('expected Linux') as string });
});

test.runIf(isLinux)('the archive of the same files is the same, whenever they were written', async () => {
  const archives = [];
  for (const [place, hour] of [
    ['one', 1],
    ['two', 2],
  ] as const) {
    const path = made(place, 'same');
    for (const file of hour === 1 ? ['a', 'b'] : ['b', 'a']) {
      writeFileSync(join(path, file), `file ${file}`);
      utimesSync(join(path, file), hour * 3600, hour * 3600);
    }
    archives.push(
      await writeArchive(path, join(folder, `${place}.tar.xz`), '0', new AbortController().signal),
    );
  }
  expect(archives[0]).toEqual(archives[1]);
});

onLinux('the package', () => {
  let command: string;
  let said: string;
  let work: string;
  const passk = (args: readonly string[], env: NodeJS.ProcessEnv = EMPTY): Ended =>
    spawnSync(command, args, { cwd: work, encoding: 'utf8', env });

  beforeAll(() => {
    const packed = pack(['--out', made('out'), '--webgpu', standIn(), '--xz-preset', '0']);
    expect(packed.status, packed.stderr).toBe(0);
    said = packed.stdout;
    command = unpack(join(folder, 'out', `${name}.tar.xz`), 'un packed');
    work = made('work');
  });

  test('is one file of less than 35 MB, whose size and hash are printed', () => {
    expect(readdirSync(join(folder, 'out'))).toEqual([`${name}.tar.xz`]);
    const bytes = readFileSync(join(folder, 'out', `${name}.tar.xz`));
    expect(bytes.length).toBeLessThan(35e6);
    expect(said).toContain(`${(bytes.length / 1e6).toFixed(1)} MB`);
    expect(said).toContain(createHash('sha256').update(bytes).digest('hex'));
  });

  test('brings Dawn for this platform alone, no package beside it, and all licences', () => {
    const top = join(command, '..');
    expect(readdirSync(join(top, 'lib', 'node_modules'))).toEqual(['webgpu']);
    const platforms = readdirSync(join(top, 'lib', 'node_modules', 'webgpu', 'dist'));
    expect(platforms).toEqual([`${process.platform}-${process.arch}`]);
    expect(readFileSync(join(top, 'licenses', 'node.txt'), 'utf8')).toContain('Node.js');
    const bundled = readFileSync(join(top, 'licenses', 'packages.md'), 'utf8');
    for (const dependency of ['commander', 'valibot', 'papaparse', 'cli-table3', 'hyparquet', 'fflate']) {
      expect(bundled).toContain(`## ${dependency} - `);
    }
  });

  test('starts from anywhere, through links, with nothing in the environment', () => {
    symlinkSync(command, join(work, 'first'));
    symlinkSync('first', join(work, 'second'));
    const version = `${packageJson.version}\n`;
    expect(passk(['--version'], {}).stdout).toBe(version);
    for (const [program, cwd, env] of [
      ['./second', work, EMPTY],
      ['second', '/', { PATH: `${work}:/usr/bin:/bin` }],
    ] as const) {
      const { stdout, stderr } = spawnSync('sh', ['-c', `${program} --version`], {
        cwd,
        env,
        encoding: 'utf8',
      });
      expect(stdout, stderr).toBe(version);
    }
  });

  test('computes what the checkout computes', () => {
    for (const args of [
      ['weights', '--group-size', '4', '--k', '2', '--json'],
      ['theory', '--problem', problem, '--group-size', '4', '--k', '2', '--json'],
    ]) {
      const here = spawnSync(process.execPath, [join(root, 'bench', 'passk.mjs'), ...args], {
        encoding: 'utf8',
      });
      const there = passk(args);
      expect([there.status, there.stderr]).toEqual([0, '']);
      expect(there.stdout).toBe(here.stdout);
      expect(JSON.parse(there.stdout)).toBeTruthy();
    }
  });

  test('counts on its threads what the twin counts, and times them', () => {
    const job = ['tally', '--problem', problem, '--group-size', '4', '--groups', '64', '--seed', '7'];
    const hashes = ['cpu', 'twin'].map((engine) => {
      const { status, stdout, stderr } = passk([...job, '--engine', engine]);
      expect(status, stderr).toBe(0);
      return (JSON.parse(stdout) as { readonly sha256: string }).sha256;
    });
    expect(hashes[0]).toBe(hashes[1]);
    const ran = passk(['run', 'throughput', '--engine', 'cpu', '--out', made('reports')]);
    expect(ran.status, ran.stderr).toBe(0);
    // No npm and no page are spoken of where there are none.
    expect(ran.stdout).toContain('Next: passk-bench run --preset standard');
    expect(readdirSync(join(folder, 'reports'))).toHaveLength(1);
    expect(readdirSync(work).filter((file) => !['first', 'second'].includes(file))).toEqual([]);
  });

  test('asks Dawn for the GPU, and a browser never', () => {
    expect(passk(['tally', '--help']).stdout).toMatch(/--runtime.*\(default:\s+"node"\)/s);
    const asked = passk(['run', 'signal', '--runtime', 'chromium']);
    expect([asked.status, asked.stderr]).toEqual([
      2,
      expect.stringContaining('--runtime: expected one of node'),
    ]);
    expect(passk(['serve'])).toMatchObject({ status: 2, stderr: expect.stringContaining('serve') as string });
  });

  test('takes its own Vulkan loader where the system has none, and says so in one line where it has neither', () => {
    const own = join(command, '..', 'lib', 'libvulkan.so.1');
    const broken = made('broken');
    writeFileSync(join(broken, 'libvulkan.so.1'), 'no library'.repeat(100));
    const env = { ...EMPTY, LD_LIBRARY_PATH: broken };
    const gpu = (): Ended => passk(['run', 'signal', '--engine', 'gpu'], env);
    rmSync(own, { force: true });
    const neither = gpu();
    expect([neither.status, neither.stdout, neither.stderr.trim().split('\n').length]).toEqual([3, '', 1]);
    expect(neither.stderr).toContain('Vulkan: expected its loader, libvulkan.so.1');
    // Any library will do for the stand-in; this one every Node has.
    const { sharedObjects } = process.report.getReport() as unknown as { readonly sharedObjects: string[] };
    copyFileSync(
      sharedObjects.find((path) => /\/libm[.-]/.test(path))!,
      own,
    );
    chmodSync(own, 0o644);
    const found = gpu();
    expect([found.status, found.stderr]).toEqual([3, expect.stringContaining('offers no adapter')]);
  });
});

const hasDawn = isLinux && existsSync(join(root, 'node_modules', 'webgpu')) && existsSync(DRIVER);

test.runIf(hasDawn)('with Dawn and a driver it samples on WebGPU what the twin counts', () => {
  const out = made('real');
  const packed = pack(['--out', out, '--xz-preset', '0']);
  expect(packed.status, packed.stderr).toBe(0);
  const command = unpack(join(out, `${name}.tar.xz`), 'real unpacked');
  const job = ['tally', '--problem', problem, '--group-size', '4', '--groups', '64', '--seed', '7'];
  const [gpu, twin] = ['gpu', 'twin'].map((engine) => {
    const env = { ...EMPTY, VK_ICD_FILENAMES: DRIVER };
    const { stdout, stderr } = spawnSync(command, [...job, '--engine', engine], {
      cwd: folder,
      encoding: 'utf8',
      env,
    });
    expect(stdout, stderr).not.toBe('');
    return JSON.parse(stdout) as {
      readonly sha256: string;
      readonly run: { readonly engine: { readonly name: string } };
    };
  });
  expect([gpu.run.engine.name, twin.run.engine.name]).toEqual(['gpu', 'twin']);
  expect(gpu.sha256).toBe(twin.sha256);
});
