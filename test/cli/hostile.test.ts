/** Commands under hostile hands: signals, kills, full disks, closed pipes, folders that others prepared. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, familyOf, listeningPorts, processes } from '../../bench/faults/processes.ts';
import { file, folder, oracle, passk, script } from './process.ts';

const problem = join(oracle, 'bandit6-p50.problem.json');
const LONG_TALLY = [
  'tally',
  '--problem',
  problem,
  '--group-size',
  '16',
  '--groups',
  '400000000',
  '--seed',
  '1',
  // Whose work dies with the browser.
  '--engine',
  'gpu',
];

/** A folder for temporary files of our own, so that what is left in it is the command's. */
function ownTemporary(): string {
  // Short: a browser makes sockets in it.
  const place = mkdtempSync(join(tmpdir(), 'pt-'));
  temporaries.push(place);
  return place;
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

const alive: ChildProcess[] = [];
const temporaries: string[] = [];
afterEach(() => {
  for (const child of alive.splice(0)) child.kill('SIGKILL');
  for (const place of temporaries.splice(0)) rmSync(place, { recursive: true, force: true });
});

function start(args: readonly string[], temporary: string): Running {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.push(child);
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on('exit', (code, signal) => resolve({ code, signal })),
  );
  return { child, pid: child.pid!, output: () => output, ended };
}

const browsersOf = (temporary: string): number[] =>
  processes()
    .filter(({ command }) => command.includes(`--user-data-dir=${temporary}`))
    .map(({ pid }) => pid);

/** What a set-up or build may keep: its locks are its own, and gone by now. */
const leftIn = (temporary: string): string[] => readdirSync(temporary);

beforeAll(() => {
  // Builds the page, so that what follows waits for no build.
  expect(passk(...LONG_TALLY.slice(0, 5), '--groups', '8', '--seed', '1').status).toBe(0);
}, 240_000);

describe('a command that drives a browser', () => {
  test('opens no port of the browser: nobody else can drive it', async () => {
    const temporary = ownTemporary();
    const running = start(LONG_TALLY, temporary);
    await eventually(() => running.output().includes('sampling'), 'sampling', 60_000);
    const family = familyOf(running.pid);
    const browsers = family.filter(({ pid }) => pid !== running.pid);
    expect(browsers.length).toBeGreaterThan(2);
    expect(listeningPorts(browsers.map(({ pid }) => pid))).toEqual([]);
    // The page's own server is the only one there is.
    expect(listeningPorts([running.pid])).toHaveLength(1);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(130);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends by %s with 130, and leaves no process and no folder',
    async (signal) => {
      const temporary = ownTemporary();
      const running = start(LONG_TALLY, temporary);
      await eventually(() => running.output().includes('sampling'), 'sampling', 60_000);
      const family = familyOf(running.pid).map(({ pid }) => pid);
      expect(family.length).toBeGreaterThan(3);
      running.child.kill(signal);
      expect(await running.ended).toEqual({ code: 130, signal: null });
      await eventually(() => browsersOf(temporary).length === 0, 'no browser');
      expect(leftIn(temporary)).toEqual([]);
    },
  );

  test.each([150, 400, 700])('a signal while it opens, after %i ms, is heard, too', async (delayMs) => {
    const temporary = ownTemporary();
    const running = start(LONG_TALLY, temporary);
    await eventually(() => readdirSync(temporary).length > 0, 'opening', 60_000);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    await eventually(() => browsersOf(temporary).length === 0, 'no browser');
    expect(leftIn(temporary)).toEqual([]);
  });

  test('a second signal ends it at once, and leaves nothing either', async () => {
    const temporary = ownTemporary();
    const running = start(['run', 'relation', '--preset', 'full', '--out', 'second'], temporary);
    await eventually(() => running.output().includes('sampling'), 'sampling', 60_000);
    running.child.kill('SIGINT');
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    await eventually(() => browsersOf(temporary).length === 0, 'no browser');
    expect(leftIn(temporary)).toEqual([]);
  });

  test('killed: the browser ends by itself, and the next start sweeps the folder', async () => {
    const temporary = ownTemporary();
    const running = start(LONG_TALLY, temporary);
    await eventually(() => running.output().includes('sampling'), 'sampling', 60_000);
    running.child.kill('SIGKILL');
    await running.ended;
    await eventually(() => browsersOf(temporary).length === 0, 'no browser', 5_000);
    const swept = leftIn(temporary);
    expect(swept).toHaveLength(1);
    // Folders of others, and of a process that lives, stay.
    mkdirSync(join(temporary, 'passk-bench-browser-1-other'));
    mkdirSync(join(temporary, `passk-bench-browser-${process.pid}-ours`));
    mkdirSync(join(temporary, 'passk-bench-elsewhere-999999-x'));
    const next = start(
      ['tally', '--problem', problem, '--group-size', '4', '--groups', '4', '--seed', '1'],
      temporary,
    );
    expect((await next.ended).code).toBe(0);
    expect(leftIn(temporary).sort()).toEqual(
      [
        'passk-bench-browser-1-other',
        `passk-bench-browser-${process.pid}-ours`,
        'passk-bench-elsewhere-999999-x',
      ].sort(),
    );
  });
});

describe('the working directory', () => {
  test.each(['.puppeteerrc.cjs', '.puppeteerrc.js', 'puppeteer.config.cjs', '.config/puppeteerrc.cjs'])(
    '%s in it is not executed, by no command',
    (name) => {
      const place = mkdtempSync(join(folder, 'trap-'));
      mkdirSync(join(place, 'deep', '.config'), { recursive: true });
      mkdirSync(join(place, '.config'), { recursive: true });
      const trap = `require('node:fs').writeFileSync(${JSON.stringify(join(place, 'sprung'))}, ''); module.exports = {};`;
      for (const at of [place, join(place, 'deep')]) writeFileSync(join(at, name), trap);
      for (const args of [
        ['weights', '--group-size', '4', '--k', '2'],
        ['tally', '--problem', problem, '--group-size', '4', '--groups', '4', '--seed', '1'],
      ]) {
        const { status } = spawnSync(process.execPath, [script, ...args], { cwd: join(place, 'deep') });
        expect(status).toBe(0);
      }
      expect(existsSync(join(place, 'sprung'))).toBe(false);
    },
  );

  test('may have been deleted', () => {
    const place = mkdtempSync(join(folder, 'gone-'));
    const command = `rmdir ${place}; exec ${process.execPath} ${script} tally --problem ${problem} --group-size 4 --groups 4 --seed 1`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: place, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('passk-tally@1');
  });

  test('a TMPDIR that is not there is named', () => {
    const { status, stderr } = spawnSync(process.execPath, [script, ...LONG_TALLY], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: join(folder, 'nowhere') },
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^passk-bench: temporary folder .*nowhere.*set TMPDIR to one\n$/);
  });
});

describe('what is saved', () => {
  const generate = ['generate', 'bandit', '--prompts', '2'];

  test('a link keeps pointing, to the new content', () => {
    const target = file('target.json', 'old');
    const link = join(folder, 'link.json');
    symlinkSync(target, link);
    expect(passk(...generate, '--save', link).status).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toContain('passk-problem@1');
  });

  test('a link to nothing yet is followed, too', () => {
    const link = join(folder, 'dangling.json');
    symlinkSync('not-yet.json', link);
    expect(passk(...generate, '--save', link).status).toBe(0);
    expect(readlinkSync(link)).toBe('not-yet.json');
    expect(readFileSync(join(folder, 'not-yet.json'), 'utf8')).toContain('passk-problem@1');
  });

  test('a device is written into and stays one; a pipe is refused', () => {
    const device = join(folder, 'null');
    // Not /dev/null itself: a mistake here would break the machine.
    if (spawnSync('mknod', [device, 'c', '1', '3']).status === 0) {
      expect(passk(...generate, '--save', device).status).toBe(0);
      expect(lstatSync(device).isCharacterDevice()).toBe(true);
    }
    const pipe = join(folder, 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const { status, stderr } = passk(...generate, '--save', pipe);
    expect(status).toBe(2);
    expect(stderr).toContain('expected a file, got something else');
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  test.each([
    ['a folder', () => folder, /expected a file, got a folder/],
    ['an empty name', () => '', /expected a file, got an empty name/],
    [
      'a folder that is not there',
      () => join(folder, 'none', 'x.json'),
      /a place that can be written, got ENOENT/,
    ],
  ])('%s is refused in one line, with 2', (_, path, words) => {
    const { status, stderr } = passk(...generate, '--save', path());
    expect(status).toBe(2);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a file size limit leaves nothing half-written; a run prints first what it found', () => {
    const place = mkdtempSync(join(folder, 'limit-'));
    const limited = (args: string): ReturnType<typeof spawnSync> =>
      spawnSync('bash', ['-c', `ulimit -f 8; exec ${process.execPath} ${script} ${args}`], {
        cwd: place,
        encoding: 'utf8',
        env: { ...process.env, TMPDIR: folder },
      });
    const saved = limited(`${generate.join(' ')} --prompts 4000 --save big.json`);
    expect(saved.status).toBe(2);
    expect(saved.stderr).toContain('EFBIG');
    expect(readdirSync(place)).toEqual([]);
    const run = limited('run signal --engine twin --out reports');
    expect(run.status).toBe(2);
    expect(run.stdout).toContain('without a success there is no signal');
    expect(run.stderr).toContain('EFBIG');
    expect(readdirSync(join(place, 'reports'))).toEqual([]);
  });
});

describe('standard output', () => {
  const shell = (command: string): ReturnType<typeof spawnSync> =>
    spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });
  const weights = `${process.execPath} ${script} weights --group-size 64 --k 1,2,4,8,16`;

  test('may be closed early: a quiet end with the code it would have had', () => {
    const { stdout, stderr, status } = shell(`set -o pipefail; ${weights} | head -c 10`);
    expect(stdout).toHaveLength(10);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('may be full: one line, and 2', () => {
    const { stderr, status } = shell(`${weights} > /dev/full`);
    expect(stderr).toMatch(/^passk-bench: standard output: .*ENOSPC.*\n$/);
    expect(status).toBe(2);
  });

  test('closed under a tally: no browser and no profile are left', async () => {
    const temporary = ownTemporary();
    const command = `TMPDIR=${temporary} ${process.execPath} ${script} tally --problem ${problem} --group-size 16 --groups 2000 --seed 1 | head -c 5`;
    expect(shell(command).stderr).not.toContain('Error');
    await eventually(() => browsersOf(temporary).length === 0, 'no browser');
    expect(leftIn(temporary)).toEqual([]);
  });
});
