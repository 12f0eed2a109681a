import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DiagnosisReport } from '../../src/diagnose/report.ts';
import { file, folder, passk, passkWith, script } from './process.ts';

const COUNTS = 'problem,n,correct,model\na,8,8,x\nb,8,2,x\nc,8,0,x\na,8,8,y\nb,8,0,y\nc,8,1,y\n';

describe('diagnose', () => {
  test('prints findings and tables, and the same as JSON and Markdown', () => {
    const path = file('eval.csv', COUNTS);
    const plain = passk('diagnose', path);
    expect([plain.status, plain.stderr]).toEqual([0, '']);
    expect(plain.stdout).toContain('x: 2 of 3 problems solved at least once in 8 samples');
    expect(plain.stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
    const report = JSON.parse(passk('diagnose', path, '--json').stdout) as DiagnosisReport;
    expect(
      report.models.map(({ model, problemCount, sampleCount, solvedCount }) => [
        model,
        problemCount,
        sampleCount,
        solvedCount,
      ]),
    ).toEqual([
      ['x', 3, 24, 2],
      ['y', 3, 24, 2],
    ]);
    expect(Object.keys(report.models[0].passAtK)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(report.pairs[0]).toMatchObject({
      a: 'x',
      b: 'y',
      solvedOnlyByA: 1,
      solvedOnlyByB: 1,
      solvedByBoth: 1,
      solvedByNeither: 0,
    });
    expect(passk('diagnose', path, '--markdown').stdout).toMatch(/^# Diagnosis\n/);
  });

  test('the same seed gives the same report, another seed other intervals', () => {
    const path = file('eval.csv', COUNTS);
    const run = (seed: string): string => passk('diagnose', path, '--json', '--seed', seed).stdout;
    expect(run('5')).toBe(run('5'));
    expect(run('6')).not.toBe(run('5'));
  });

  test('guesses are said on standard error, and files are models where no column says', () => {
    const a = file('before.csv', 'task_id,passed\nt,True\nt,False\n');
    const b = file('after.jsonl', '{"task_id": "t", "passed": true}\n{"task_id": "t", "passed": true}\n');
    const { status, stdout, stderr } = passk('diagnose', a, b, '--json');
    expect(status).toBe(0);
    expect(stderr).toContain('before.csv: column "task_id" is taken for \'problem\'');
    expect((JSON.parse(stdout) as DiagnosisReport).models.map(({ model }) => model)).toEqual([
      'before',
      'after',
    ]);
  });

  const refused: readonly (readonly [string, string, readonly string[], string])[] = [
    [
      'bad rows',
      'problem,n,correct\na,8,9\nb,0,0\n',
      [],
      'line 2: expected correct, an integer in 0..8, got "9" | line 3: expected n',
    ],
    ['k beyond n', COUNTS, ['--k', '9'], 'no unbiased estimator of pass@k exists for k > n'],
    ['a level', COUNTS, ['--level', '95'], '--level: expected a number in 0.5..0.9999, got "95"'],
    ['no rows', 'problem,n,correct\n', [], 'at least one row'],
    ['nothing', '', [], 'a header and rows'],
  ];
  test.each(refused)(
    '%s: one line on standard error, exit code 2, nothing printed',
    (_, content, flags, words) => {
      const { status, stdout, stderr } = passk('diagnose', file('bad.csv', content), ...flags);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toContain(words);
    },
  );

  test('a missing file and a folder without results are refused', () => {
    expect(passk('diagnose', 'nowhere.csv')).toMatchObject({ status: 2 });
    mkdirSync(join(folder, 'empty'), { recursive: true });
    const { status, stderr } = passk('diagnose', 'empty');
    expect([status, stderr.trim().split('\n')]).toEqual([
      2,
      [expect.stringContaining('a folder of results')],
    ]);
  });

  test('standard input, plain and packed, a pipe and a folder are read as a file is', () => {
    const counts = (text: string): unknown => {
      const { models } = JSON.parse(text) as DiagnosisReport;
      return models.map(({ problems }) => problems.map(({ problem, n, correct }) => [problem, n, correct]));
    };
    const wanted = counts(passk('diagnose', file('eval.csv', COUNTS), '--json').stdout);
    for (const input of [COUNTS, gzipSync(COUNTS), Buffer.from(`\uFEFF${COUNTS}`, 'utf16le')])
      expect(counts(passkWith(input, 'diagnose', '-', '--json').stdout)).toEqual(wanted);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const piped = spawnSync(
      'sh',
      ['-c', 'cat eval.csv > pipe & "$0" "$1" diagnose pipe --json', process.execPath, script],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    expect(counts(piped.stdout)).toEqual(wanted);
    mkdirSync(join(folder, 'runs', 'deep'), { recursive: true });
    file('runs/deep/eval.csv', COUNTS);
    file('runs/metrics.json', { accuracy: 0.5 });
    const { stdout, stderr } = passk('diagnose', 'runs', '--json');
    expect(counts(stdout)).toEqual(wanted);
    expect(stderr).toContain('1 files of the folder hold no outcomes and are passed over: metrics.json');
  });

  test('a switch has no value, and what it leaves out is said', () => {
    const path = file('resumed.csv', 'problem,sample,correct\np,0,1\np,0,0\nq,0,1\n');
    const asked = passk('diagnose', path);
    expect([asked.status, asked.stdout]).toEqual([2, '']);
    expect(asked.stderr).toContain('--dedupe counts a sample once');
    const { status, stdout, stderr } = passk('diagnose', path, '--dedupe', '--json');
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as DiagnosisReport).models[0].passAtK['1'].value).toBe(0.5);
    expect(stderr).toContain('1 samples stood there again and are counted once');
  });

  test('memory does not grow with rows: three million samples within what a third of a million need, and 64 MB', () => {
    const path = join(folder, 'large.csv');
    const descriptor = openSync(path, 'w');
    writeSync(descriptor, 'problem,correct\n');
    const rows = Array.from({ length: 3000 }, (_, i) => `p${i % 300},${i % 7 === 0 ? 1 : 0}\n`).join('');
    for (let block = 0; block < 1000; block += 1) writeSync(descriptor, rows);
    closeSync(descriptor);
    const small = join(folder, 'small.csv');
    const short = openSync(small, 'w');
    writeSync(short, 'problem,correct\n');
    for (let block = 0; block < 100; block += 1) writeSync(short, rows);
    closeSync(short);
    const peak = (of: string): number => {
      // A child's own peak: read from /proc before it ends would race, so the process says it itself.
      const code =
        `process.argv.splice(1, 1, ${JSON.stringify(script)});` +
        "process.on('exit', () => require('fs').writeFileSync('peak', String(process.resourceUsage().maxRSS)));" +
        `import(${JSON.stringify(script)});`;
      const { status } = spawnSync(
        process.execPath,
        ['-e', code, script, 'diagnose', of, '--resamples', '100', '--json'],
        {
          cwd: folder,
          maxBuffer: 2 ** 28,
        },
      );
      expect(status).toBe(0);
      return Number(readFileSync(join(folder, 'peak'), 'utf8')) / 1024;
    };
    expect(peak(path)).toBeLessThan(peak(small) + 64);
  });
});
