/** The package as others have it: packed, installed without development dependencies, used from a folder outside the checkout. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const oracle = join(root, 'test', 'oracle');
let folder: string;

function runIn(
  command: string,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  const { NODE_ENV: _, ...env } = process.env;
  return spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env,
    shell: process.platform === 'win32',
  });
}
const passk = (...args: string[]): ReturnType<typeof runIn> =>
  runIn(join(folder, 'node_modules', '.bin', 'passk-bench'), ...args);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'passk-package-'));
  writeFileSync(join(folder, 'package.json'), '{"name": "outside", "private": true, "type": "module"}');
  const packed = spawnSync('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  expect(packed.status, packed.stderr).toBe(0);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  const flags = ['--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const installed = runIn('npm', 'install', ...flags, `./${tarball}`);
  expect(installed.status, installed.stderr).toBe(0);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('brings neither the build tools nor a browser', () => {
  const there = new Set(readdirSync(join(folder, 'node_modules')));
  for (const name of ['vite', 'vitest', 'typescript', 'puppeteer', 'preact']) {
    expect(there.has(name), name).toBe(false);
  }
  expect(there.has('puppeteer-core')).toBe(true);
});

test('the command computes, identifies, diagnoses and samples', () => {
  expect(passk('--version').stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(passk('weights', '--group-size', '2', '--k', '1', '--estimators', 'rloo').stdout).toContain('1/2');
  const table = {
    format: 'passk-estimator@1',
    name: 'mine',
    n: 2,
    k: 1,
    correct: [null, 0.5, 0.5],
    wrong: [0, 0, null],
  };
  writeFileSync(join(folder, 'mine.json'), JSON.stringify(table));
  const identified = passk('identify', 'mine.json');
  expect([identified.status, identified.stdout]).toEqual([0, expect.stringContaining('unbiased')]);
  writeFileSync(join(folder, 'eval.csv'), 'problem,n,correct\na,8,1\nb,8,4\nc,8,0\n');
  const diagnosed = passk('diagnose', 'eval.csv');
  expect([diagnosed.status, diagnosed.stdout]).toEqual([0, expect.stringContaining('pass@1')]);
  const problem = join(oracle, 'bandit4.problem.json');
  const job = ['--problem', problem, '--group-size', '4', '--groups', '64', '--seed', '7', '--level', 'full'];
  const [cpu, twin] = ['cpu', 'twin'].map((engine) => passk('tally', ...job, '--engine', engine));
  expect([cpu.status, cpu.stderr]).toEqual([0, expect.anything()]);
  const hashOf = ({ stdout }: { readonly stdout: string }): string =>
    (JSON.parse(stdout) as { readonly sha256: string }).sha256;
  expect(hashOf(cpu)).toBe(hashOf(twin));
});

test('a run samples on WebGPU where there is a browser', () => {
  const { status, stdout, stderr } = passk(
    'run',
    'signal',
    '--engine',
    'gpu',
    '--group-size',
    '4',
    '--k',
    '1',
    '--json',
  );
  expect(status, stderr).toBe(0);
  const report = JSON.parse(stdout) as { outcome: string; environment: { engine: string } };
  expect([report.outcome, report.environment.engine]).toEqual(['agrees', 'gpu']);
});

test('its modules are typed and work', () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { compileProblem, estimators, identifyTable, passAtK, readOwnEstimators, solvePrompt, weightTable } from 'passk-bench/theory';
import { everyPrompt, openEngine, tallyOverRange } from 'passk-bench/engines';
import { diagnose } from 'passk-bench/diagnose';
import { readFileSync } from 'node:fs';
import { parseProblem } from 'passk-bench/theory';

const problem = compileProblem(parseProblem(readFileSync(${JSON.stringify(join(oracle, 'bandit4.problem.json'))}, 'utf8')));
const { successProb } = solvePrompt(problem, problem.prompts[0]!);
const rloo = estimators.find(({ id }) => id === 'rloo')!;
const table = weightTable(rloo, 4, null);
const own = readOwnEstimators('n,c,reward,advantage\\n2,1,1,0.5\\n2,1,0,-0.5\\n2,2,1,0\\n2,0,0,0\\n', 'log.csv', 'sum');
const hashes: string[] = [];
for (const engine of ['cpu', 'twin'] as const) {
  const opened = await openEngine({ engine });
  const job = { problem, groupSize: 4, level: 'groups' as const, seed: 3, drawId: 0, ranges: everyPrompt(problem, 0, 32) };
  hashes.push((await tallyOverRange(opened, job)).sha256);
  await opened.close();
}
const { report } = await diagnose([{ name: 'eval.csv', text: 'problem,n,correct\\na,8,1\\nb,8,4\\n' }]);
const found = own.map(identifyTable);
console.log(JSON.stringify({ successProb, passAt4: passAtK(successProb, 4), weight: table.correct[1], hashes, format: report.format, found: found.length }));
`,
  );
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'ES2023',
        module: 'NodeNext',
        strict: true,
        outDir: 'built',
        skipLibCheck: false,
        types: ['node'],
        typeRoots: [join(root, 'node_modules', '@types')],
      },
      files: ['use.ts'],
    }),
  );
  // The compiler and Node's types are the checkout's; the package is the installed one.
  const tsc = runIn(process.execPath, join(root, 'node_modules', 'typescript', 'bin', 'tsc'));
  expect([tsc.status, tsc.stdout]).toEqual([0, '']);
  const ran = runIn(process.execPath, join('built', 'use.js'));
  expect(ran.status, ran.stderr).toBe(0);
  const said = JSON.parse(ran.stdout) as {
    passAt4: number;
    weight: number;
    hashes: string[];
    format: string;
    found: number;
  };
  expect(said).toMatchObject({ weight: 0.25, format: 'passk-diagnosis@1', found: 1 });
  expect(said.hashes[0]).toBe(said.hashes[1]);
});
