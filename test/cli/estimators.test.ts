import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogueMarkdown, catalogueRows } from '../../src/cli/estimatorsCommand.ts';
import type { Identification } from '../../src/cli/identifyCommand.ts';
import type { TheoryAnswer } from '../../src/theory/theoryAnswer.ts';
import type { WeightRow } from '../../src/identify/weightRows.ts';
import { estimators } from '../../src/estimators/estimators.ts';
import { expectRelative } from '../close.ts';
import { oracleJson } from '../oracle.ts';
import { file, oracle, passk, passkWith } from './process.ts';

const weightsOf = (...args: string[]): WeightRow[] =>
  (JSON.parse(passk('weights', ...args, '--json').stdout) as { rows: WeightRow[] }).rows;

/** pkpo at (8, 4) with each group's mean weight taken off, as a file. */
function centredFile(extra: object = { k: 4 }): string {
  const rows = weightsOf('--group-size', '8', '--k', '4', '--estimators', 'pkpo');
  const mean = rows.map(({ c, correct, wrong }) => (c * (correct ?? 0) + (8 - c) * (wrong ?? 0)) / 8);
  const less = (weight: number | null, c: number): number | null => weight && weight - mean[c];
  return file('centred.json', {
    format: 'passk-estimator@1',
    name: 'mine',
    n: 8,
    correct: rows.map(({ correct }, c) => (c === 0 ? null : less(correct, c))),
    wrong: rows.map(({ wrong }, c) => (c === 8 ? null : (wrong ?? 0) - mean[c])),
    ...extra,
  });
}

test('weights gives every row of the reference file, fractions as fractions', () => {
  const expected = oracleJson<{ rows: WeightRow[] }>('weights.json').rows;
  const given = new Map(
    weightsOf('--group-size', '2,4,8', '--k', '1,2,3,4,6,8').map((row) => [
      `${row.estimator} ${row.n} ${row.k} ${row.c}`,
      row,
    ]),
  );
  for (const row of expected) {
    const own = given.get(`${row.estimator} ${row.n} ${row.k} ${row.c}`);
    expect(own?.exact).toEqual(row.exact);
    for (const side of ['correct', 'wrong'] as const) {
      if (row[side] === null) expect(own?.[side]).toBeNull();
      else expectRelative(own?.[side], row[side], 1e-13);
    }
  }
});

test('the mean convention multiplies by n and says so', () => {
  const { stdout } = passk(
    'weights',
    '--group-size',
    '4',
    '--k',
    '2',
    '--estimators',
    'rloo',
    '--convention',
    'mean',
    '--json',
  );
  const answer = JSON.parse(stdout) as { convention: string; rows: WeightRow[] };
  expect(answer.convention).toBe('mean: G = (1/n) sum_i w_i grad log pi(y_i)');
  expect(answer.rows.map(({ exact }) => exact)).toEqual([
    [null, '0'],
    ['1', '-1/3'],
    ['2/3', '-2/3'],
    ['1/3', '-1'],
    ['0', null],
  ]);
});

describe('identify', () => {
  test('completions as Parquet, as a trainer keeps them', () => {
    const path = fileURLToPath(new URL('../identify/completions_00003.parquet', import.meta.url));
    const { status, stdout } = passk('identify', path);
    expect(status).toBe(0);
    expect(stdout).toContain('completions_00003.parquet, n = 4:\n  it is grpo:std=sample:eps=1e-4: ');
    const broken = file('broken.parquet', 'PAR1 and no more');
    expect(passk('identify', broken)).toMatchObject({ status: 2, stdout: '' });
  });

  test('a log from standard input, and the row that it should be', () => {
    const rows = [0, 1, 2, 3, 4].flatMap((c) =>
      [0, 1, 2, 3].map((i) => ({
        prompt: c,
        step: 3,
        accuracy_reward: i < c ? 1 : 0,
        advantage: (i < c ? 1 : 0) - c / 4,
      })),
    );
    const log = rows.map((row) => JSON.stringify(row)).join('\n');
    const { status, stdout } = passkWith(log, 'identify', '-', '--expect', 'dr-grpo');
    expect(status).toBe(0);
    expect(stdout).toContain('standard input, n = 4:\n  it is dr-grpo: 0.75 times the gradient of pass@1.');
    expect(stdout).toContain(
      'Read as: a group is one prompt and step: 5 of 4; G = (1/n) sum_i A_i grad log pi(y_i).',
    );
    expect(stdout).toContain('No mistake: Dr. GRPO: rewards less their mean');
    const other = passkWith(log, 'identify', '-', '--expect', 'rloo');
    expect(other.status).toBe(1);
    expect(other.stdout.trim().split('\n').at(-1)).toBe('NOT as expected: not rloo, but dr-grpo.');
    const json = JSON.parse(passkWith(log, 'identify', '-', '--json').stdout) as { convention: string };
    expect(json.convention).toBe('mean');
    expect(passkWith(log, 'identify', '-', '--group', 'none')).toMatchObject({ status: 2, stdout: '' });
  });

  test('names mean-centred pkpo, and exits with 1 where the file says which k it is for', () => {
    const { status, stdout } = passk('identify', centredFile());
    expect(stdout).toContain('1 - k/n = 0.5 times the gradient of pass@4: mean-centred pkpo');
    expect(stdout).toMatch(/mine k = 4 +0\.02764/);
    expect(status).toBe(1);
    const unlabelled = passk('identify', centredFile({}), '--json');
    expect(unlabelled.status).toBe(0);
    const [found] = (JSON.parse(unlabelled.stdout) as { estimators: Identification[] }).estimators;
    expect(found).toMatchObject({ estimates: 'multiple', matchedK: 4, centred: true });
    expect(found.factor).toBeCloseTo(0.5, 12);
    expect(found.mistakes[0]).toBe('mean-centred pkpo');
  });

  test('reads advantages of a loss that averages', () => {
    const rows = weightsOf(
      '--group-size',
      '4',
      '--k',
      '2',
      '--estimators',
      'ordergrad',
      '--convention',
      'mean',
    );
    const log = rows.flatMap(({ n, c, correct, wrong }) => [
      ...(correct === null ? [] : [`${n},${c},1,${correct}`]),
      ...(wrong === null ? [] : [`${n},${c},0,${wrong}`]),
    ]);
    const path = file('log.csv', ['n,c,reward,advantage', ...log].join('\n'));
    expect(passk('identify', path).stdout).toContain('4 times the gradient of pass@2');
    expect(passk('identify', path, '--convention', 'mean').stdout).toContain(
      'unbiased for the gradient of pass@2',
    );
  });

  test('compares variances at the problem asked for', () => {
    const { stdout } = passk(
      'identify',
      centredFile(),
      '--problem',
      join(oracle, 'sum-v4-t3.problem.json'),
      '--json',
    );
    const [found] = (JSON.parse(stdout) as { estimators: Identification[] }).estimators;
    const theory = JSON.parse(
      passk(
        'theory',
        '--problem',
        join(oracle, 'sum-v4-t3.problem.json'),
        '--group-size',
        '8',
        '--k',
        '4',
        '--json',
      ).stdout,
    ) as TheoryAnswer;
    const named = (id: string): number | undefined =>
      theory.prompts[0].estimators.find(({ estimator }) => estimator === id)?.variance;
    for (const { estimator, variance } of found.variances![0].rows.slice(1)) {
      expect(variance, estimator).toBe(named(estimator));
    }
  });
});

test('theory takes an estimator from a file, beside parts of the variance, SNR and the least there can be', () => {
  const args = [
    'theory',
    '--problem',
    join(oracle, 'bandit6-p50.problem.json'),
    '--group-size',
    '8',
    '--k',
    '4',
  ];
  const { stdout } = passk(
    ...args,
    '--estimators',
    'ordergrad,oracle-minimum',
    '--estimator-file',
    centredFile(),
    '--json',
  );
  const rows = (JSON.parse(stdout) as TheoryAnswer).prompts[0].estimators;
  expect(rows.map(({ estimator }) => estimator)).toEqual(['ordergrad', 'mine', 'oracle-minimum']);
  const [ordergrad, mine, least] = rows;
  expectRelative(mine.effectiveAlpha, ordergrad.effectiveAlpha / 2, 1e-12);
  expectRelative(mine.variance, ordergrad.variance / 4, 1e-12);
  expectRelative(mine.snr, ordergrad.snr!, 1e-12);
  expectRelative(ordergrad.varianceAlong! + ordergrad.varianceAcross!, ordergrad.variance, 1e-12);
  expectRelative(ordergrad.samplesForSnr1, 8 / ordergrad.snr!, 1e-12);
  expect(least.variance).toBeLessThan(ordergrad.variance);
});

test("the docs hold the catalogue's table", () => {
  const plain = (text: string): string => text.replace(/-+/g, '-').replace(/[ ]+/g, ' ');
  const docs = readFileSync(new URL('../../docs/estimators.md', import.meta.url), 'utf8');
  expect(plain(docs)).toContain(plain(catalogueMarkdown(catalogueRows(estimators))));
});

test('a log without all-wrong and all-correct groups is whole once they count as filtered out', () => {
  const rows = weightsOf('--group-size', '4', '--k', '1', '--estimators', 'rloo').filter(
    ({ c }) => c > 0 && c < 4,
  );
  const log = rows.flatMap(({ n, c, correct, wrong }) => [`${n},${c},1,${correct}`, `${n},${c},0,${wrong}`]);
  const path = file('filtered.csv', ['n,c,reward,advantage', ...log].join('\n'));
  expect(passk('identify', path).stdout).toContain('Not in the file: w0(0), w1(4).');
  const { status, stdout } = passk('identify', path, '--missing', 'zero', '--k', '2');
  expect(stdout).toContain('unbiased for the gradient of pass@1; the file says k = 2');
  expect(stdout).toContain('samples for SNR 1');
  expect(status).toBe(1);
});

test('an own estimator that no experiment of the run would use is refused', () => {
  const { status, stderr } = passk('run', 'signal', '--estimator-file', centredFile());
  expect([status, stderr]).toEqual([2, expect.stringContaining('add one')]);
});

test('weights says what is not defined, and why', () => {
  const args = ['weights', '--group-size', '3', '--k', '3', '--estimators', 'pkpo-loo,rloo'];
  const reason = 'needs k <= n - 1: it leaves one sample out of the k';
  const answer = JSON.parse(passk(...args, '--json').stdout) as { rows: WeightRow[]; notDefined: unknown[] };
  expect(answer.rows.length).toBe(4);
  expect(answer.notDefined).toEqual([{ estimator: 'pkpo-loo', n: 3, k: 3, reason }]);
  for (const text of [passk(...args, '--csv').stderr, passk(...args).stdout]) {
    expect(text).toContain(`not defined: pkpo-loo n = 3 k = 3, ${reason}`);
  }
});

test.each([
  [
    'a k beyond n',
    ['--group-size', '3', '--k', '5'],
    /--k: expected at most n = 3, got 5; pkpo: no unbiased/,
  ],
  ['a k beyond every n', ['--group-size', '3,4', '--k', '2,5'], /--k: expected at most n = 4, got 5/],
  [
    'nothing that was asked for by name',
    ['--group-size', '8', '--k', '8', '--estimators', 'pkpo-loo'],
    /got pkpo-loo at n = 8, k = 8; needs k <= n - 1/,
  ],
])('weights refuses %s', (_, args, message) => {
  for (const format of [[], ['--json'], ['--csv']]) {
    const { status, stdout, stderr } = passk('weights', ...args, ...format);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  }
});

test('weights of an estimator that exists beyond n', () => {
  const { status, stdout } = passk('weights', '--group-size', '3', '--k', '5', '--estimators', 'plug-in');
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^plug-in, n = 3, k = 5\n/)]);
});

test('weights and theory print tables for people', () => {
  const table = passk('weights', '--group-size', '2', '--k', '1', '--estimators', 'rloo').stdout;
  expect(table).toMatch(/^ +1 +0\.5 +-0\.5 +1\/2 +-1\/2$/m);
  const problem = join(oracle, 'bandit6-p50.problem.json');
  const theory = passk('theory', '--problem', problem, '--group-size', '8', '--k', '4').stdout;
  expect(theory).toMatch(/^p0: J1 = 0\.5, /);
  expect(theory).toMatch(/^ +pkpo +8 +4 +0\.5 +0 +1\.324 +0\.00885 +904 +0\.00391$/m);
  expect(Math.max(...theory.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});

describe('bad input is one line and exit code 2', () => {
  test("an own estimator may not take a catalogue's name", () => {
    const path = file('taken.json', {
      format: 'passk-estimator@1',
      name: 'pkpo',
      n: 2,
      correct: [0.5, 0.5],
      wrong: [0, 0],
    });
    const { status, stderr } = passk(
      ...['theory', '--problem', join(oracle, 'bandit4.problem.json'), '--group-size', '4', '--k', '1'],
      ...['--estimator-file', path],
    );
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('one that is not in the catalogue, got "pkpo"'),
    ]);
  });

  test.each([
    [['weights'], /--group-size and --k, or --estimator-file/],
    [['weights', '--group-size', '4', '--k', '1', '--estimators', 'grpo:std=x'], /population, sample/],
    [['identify', 'none.json'], /a readable file/],
    [['identify', centredFile(), '--convention', 'median'], /one of sum, mean/],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = passk(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  test('exact values need every weight, which a log may lack', () => {
    const path = file('some.csv', 'n,c,reward,advantage\n4,1,1,0.5\n4,1,0,-0.5\n');
    const { status, stderr } = passk(
      ...['theory', '--problem', join(oracle, 'bandit4.problem.json'), '--group-size', '4', '--k', '1'],
      '--estimator-file',
      path,
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /some.csv at n = 4: expected a weight for every c, got 6 missing, w0\(0\), w1\(2\)/,
    );
  });
});
