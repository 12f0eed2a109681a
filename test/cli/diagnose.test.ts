import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DiagnosisReport } from '../../src/diagnose/report.ts';
import { file, folder, passk, script } from './process.ts';

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

  test('a missing file and a folder are refused', () => {
    expect(passk('diagnose', 'nowhere.csv')).toMatchObject({ status: 2 });
    expect(passk('diagnose', folder)).toMatchObject({ status: 2 });
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
