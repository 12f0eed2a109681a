/** The command line as another program meets it: a process, its two outputs and its exit code. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/lab/suite/report.ts';
import type { TallyFile } from '../../src/engine/tallyFile.ts';
import { oracleJson, oracleText } from '../oracle.ts';
import { expectRelative } from '../close.ts';
import { file, folder, oracle, passk, script } from './process.ts';

const problem = join(oracle, 'bandit4.problem.json');

describe('theory', () => {
  test('prints JSON alone, with the rows that are defined and the reasons for the others', () => {
    const { status, stdout } = passk(
      'theory',
      '--problem',
      problem,
      '--group-size',
      '4,8',
      '--k',
      '1,4',
      '--json',
    );
    expect(status).toBe(0);
    const answer = JSON.parse(stdout) as {
      prompts: Record<string, unknown>[];
      notDefined: { estimator: string }[];
    };
    expect(Object.keys(answer)).toEqual(['groupSizes', 'ks', 'prompts', 'notDefined']);
    expect(answer.prompts[0].gradient).toBeUndefined();
    expect(answer.notDefined.map(({ estimator }) => estimator)).toEqual([
      'pkpo-loo',
      'pkpo-loo1',
      'ordergrad',
      'pkpo-loo1',
    ]);
  });

  test('prints null, never NaN, where an outcome is impossible', () => {
    const source = { ...oracleJson<Record<string, unknown>>('bandit4.problem.json') };
    const prompts = source.prompts as Record<string, unknown>[];
    const certain = file('certain.json', {
      ...source,
      prompts: [{ ...prompts[0], accept: { sequences: [[0], [1], [2], [3]] } }],
    });
    const { status, stdout } = passk(
      'theory',
      '--problem',
      certain,
      '--group-size',
      '4',
      '--k',
      '2',
      '--gradient',
      '--json',
    );
    expect(status).toBe(0);
    const [prompt] = (JSON.parse(stdout) as { prompts: Record<string, unknown>[] }).prompts;
    expect([prompt.successProb, prompt.scoreNormSqWrong, prompt.gradient]).toEqual([1, null, [0, 0, 0, 0]]);
  });

  test('adds the aggregate of prompts with shared features, where pass@8 and pass@1 can oppose each other', () => {
    const shared = file('shared.json', {
      format: 'passk-problem@1',
      vocab: 3,
      horizon: 1,
      context: 'none',
      prompts: [
        { id: 'easy', probabilities: [[0.9, 0.06, 0.04]], accept: { sequences: [[0]] } },
        { id: 'hard', probabilities: [[0.1, 0.5, 0.4]], accept: { sequences: [[0]] } },
      ],
      features: [[1], [-0.5]],
    });
    const { stdout } = passk('theory', '--problem', shared, '--group-size', '8', '--k', '1,8', '--json');
    const { aggregate } = JSON.parse(stdout) as {
      aggregate: { successProb: number; cosine: Record<string, number> };
    };
    // Masses are multiples of 2^-32.
    expectRelative(aggregate.successProb, 0.5, 2 ** -31);
    expectRelative(aggregate.cosine['1'], 1, 1e-15);
    expect(aggregate.cosine['8']).toBeLessThan(0);
  });
});

describe('weights', () => {
  test('prints the rows of the reference, as JSON or CSV', () => {
    const { stdout } = passk('weights', '--group-size', '8', '--k', '4', '--estimators', 'pkpo', '--json');
    const reference = oracleJson<{ rows: { estimator: string; n: number; k: number }[] }>(
      'weights.json',
    ).rows;
    expect((JSON.parse(stdout) as { rows: unknown[] }).rows).toEqual(
      reference.filter((row) => row.estimator === 'pkpo' && row.n === 8 && row.k === 4),
    );
    const csv = passk('weights', '--group-size', '2', '--k', '1', '--estimators', 'rloo', '--csv').stdout;
    expect(csv).toBe(
      'estimator,n,k,c,correct,wrong,convention\nrloo,2,,0,,0,sum\nrloo,2,,1,0.5,-0.5,sum\nrloo,2,,2,0,,sum\n',
    );
  });
});

describe('tally and merge', () => {
  const tally = (...args: string[]): TallyFile => {
    const { status, stdout, stderr } = passk(
      'tally',
      '--problem',
      problem,
      '--group-size',
      '4',
      '--seed',
      '1',
      '--json',
      ...args,
    );
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as TallyFile;
  };

  test('the GPU in Chromium and the CPU print the reference hash; halves merge to the whole', () => {
    const reference = oracleJson<TallyFile>('bandit4.tally.json').sha256;
    expect(tally('--groups', '300', '--engine', 'gpu').sha256).toBe(reference);
    expect(tally('--groups', '300', '--engine', 'twin').sha256).toBe(reference);
    const first = file('first.json', tally('--groups', '100', '--engine', 'twin'));
    const second = file('second.json', tally('--groups', '200', '--first-group', '100', '--engine', 'twin'));
    expect((JSON.parse(passk('merge', second, first, '--json').stdout) as TallyFile).sha256).toBe(reference);
  });

  test('sliced@1 counts alike in Chromium and the twin, by its own name, and merges with itself alone', () => {
    const sliced = (...more: string[]): TallyFile =>
      tally('--sampler', 'sliced@1', '--level', 'groups', ...more);
    const whole = sliced('--groups', '100', '--engine', 'gpu');
    expect([whole.sampler, whole.level]).toEqual(['sliced@1', 'groups']);
    expect(sliced('--groups', '100', '--engine', 'twin').sha256).toBe(whole.sha256);
    const first = file('sliced1.json', sliced('--groups', '41', '--engine', 'twin'));
    const second = file('sliced2.json', sliced('--groups', '59', '--first-group', '41', '--engine', 'twin'));
    expect((JSON.parse(passk('merge', second, first, '--json').stdout) as TallyFile).sha256).toBe(
      whole.sha256,
    );
    const plain = file('plain.json', tally('--level', 'groups', '--groups', '41', '--engine', 'twin'));
    expect(passk('merge', second, plain)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/sampler: expected sliced@1, as in .*, got cdf@1/) as string,
    });
  });

  test('ranges with a gap are listed, and merge further', () => {
    const a = file('a.json', tally('--groups', '10', '--engine', 'twin'));
    const b = file('b.json', tally('--groups', '10', '--first-group', '20', '--engine', 'twin'));
    const c = file('c.json', tally('--groups', '10', '--first-group', '10', '--engine', 'twin'));
    const gapped = JSON.parse(passk('merge', a, b, '--json').stdout) as TallyFile;
    expect([gapped.firstGroup, gapped.groupCount, gapped.ranges]).toEqual([
      0,
      20,
      [
        [0, 10],
        [20, 10],
      ],
    ]);
    const whole = JSON.parse(passk('merge', file('gapped.json', gapped), c, '--json').stdout) as TallyFile;
    expect(whole.sha256).toBe(tally('--groups', '30', '--engine', 'twin').sha256);
  });

  test('overlapping ranges, other seeds and edited files are refused', () => {
    const a = file('a.json', tally('--groups', '10', '--engine', 'twin'));
    const overlap = file('overlap.json', tally('--groups', '10', '--first-group', '9', '--engine', 'twin'));
    expect(passk('merge', a, overlap)).toMatchObject({ status: 2, stdout: '' });
    const edited = file('edited.json', readFileSync(a, 'utf8').replace('"groupCount":10', '"groupCount":11'));
    expect(passk('merge', edited)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/sha256: expected/) as string,
    });
  });
});

describe('generate', () => {
  test('saves a problem that theory reads, with the success probabilities asked for', () => {
    const saved = join(folder, 'generated.json');
    const { status } = passk(
      'generate',
      'sum',
      '--vocab',
      '5',
      '--horizon',
      '4',
      '--context',
      'previous',
      '--prompts',
      '3',
      '--success-prob',
      '0.01..0.99',
      '--save',
      saved,
    );
    expect(status).toBe(0);
    const { stdout } = passk('theory', '--problem', saved, '--group-size', '4', '--k', '2', '--json');
    const { prompts } = JSON.parse(stdout) as { prompts: { successProb: number }[] };
    // The bisection ends at the nearest policy of 2^-32 masses: four positions may each be half of one off.
    [0.01, 0.5, 0.99].forEach((p, i) => expectRelative(prompts[i].successProb, p, (4 * 2 ** -32) / 0.01));
  });

  test('refuses what cannot be, naming the flag', () => {
    expect(passk('generate', 'modes', '--vocab', '3', '--masses', '1,1,1')).toMatchObject({
      status: 2,
      stdout: '',
    });
    expect(passk('generate', 'sum', '--modulus', '9', '--residue', '8').stderr).toContain(
      '--residue: expected an integer in 0..5, got 8',
    );
  });
});

describe('bad input is one clear line, exit code 2 and nothing on standard output', () => {
  const cases: [string, string[], RegExp][] = [
    [
      'no such file',
      ['theory', '--problem', 'nowhere.json', '--group-size', '4', '--k', '1'],
      /--problem "nowhere.json": expected a readable file, got no such file/,
    ],
    [
      'a device for a file',
      ['theory', '--problem', '/dev/zero', '--group-size', '4', '--k', '1'],
      /expected a file, got something else/,
    ],
    ['control characters in a command', ['bogus\u001b[31m\ncmd'], /unknown command/],
    [
      'an empty flag',
      ['tally', '--problem', problem, '--group-size', '4', '--groups', '1', '--seed', '1', '--submit-ms', ''],
      /--submit-ms: expected an integer/,
    ],
    [
      'JSON and CSV at once',
      ['weights', '--group-size', '4', '--k', '1', '--json', '--csv'],
      /cannot be used with option/,
    ],
    [
      'a group size of 0',
      ['theory', '--problem', problem, '--group-size', '0', '--k', '1'],
      /--group-size: expected an integer in 1\.\.1024, got 0/,
    ],
    [
      'a word for a number',
      ['weights', '--group-size', 'many', '--k', '1'],
      /--group-size: expected an integer in 1\.\.1024, got "many"/,
    ],
    [
      'an unknown estimator',
      ['weights', '--group-size', '4', '--k', '1', '--estimators', 'ppo'],
      /--estimators: expected estimators among .* got "ppo"/,
    ],
    [
      'a seed beyond 2^53 - 1',
      ['tally', '--problem', problem, '--group-size', '4', '--groups', '1', '--seed', '9007199254740992'],
      /--seed: expected an integer/,
    ],
    [
      'groups beyond 2^40',
      [
        'tally',
        '--problem',
        problem,
        '--group-size',
        '4',
        '--groups',
        '2',
        '--first-group',
        '1099511627775',
        '--seed',
        '1',
      ],
      /--groups: expected an integer in 1\.\.1, got 2/,
    ],
    [
      'an unknown level',
      ['tally', '--problem', problem, '--group-size', '4', '--groups', '1', '--seed', '1', '--level', 'all'],
      /--level: expected one of groups, moments, full, got "all"/,
    ],
    [
      'sliced@1 of an engine that does not have it',
      [
        'tally',
        '--problem',
        problem,
        '--group-size',
        '4',
        '--groups',
        '1',
        '--seed',
        '1',
        '--sampler',
        'sliced@1',
      ],
      /--engine: expected gpu or twin, .* got auto; add --engine gpu/,
    ],
    [
      'sliced@1 at the level that is the default',
      [
        'tally',
        '--problem',
        problem,
        '--group-size',
        '4',
        '--groups',
        '1',
        '--seed',
        '1',
        '--sampler',
        'sliced@1',
        '--engine',
        'gpu',
      ],
      /sampler sliced@1: level: expected groups, got full/,
    ],
    [
      'an unknown flag',
      ['theory', '--problem', problem, '--group-size', '4', '--k', '1', '--fast'],
      /unknown option '--fast'/,
    ],
    [
      'a missing flag',
      ['theory', '--problem', problem, '--k', '1'],
      /required option '--group-size <n,...>' not specified/,
    ],
    [
      'nothing to compare',
      ['run', 'relation', '--engine', 'twin', '--ks', '1', '--estimators', 'pkpo-loo1', '--out', 'empty'],
      /estimators and k: expected at least one that is unbiased and defined at n = 16, got pkpo-loo1 k = 1, which needs k >= 2/,
    ],
    [
      'an unknown experiment',
      ['run', 'everything'],
      /experiment: expected one of relation, .*, throughput, got "everything"/,
    ],
    [
      'an unknown preset',
      ['run', '--preset', 'fast'],
      /--preset: expected one of quick, standard, full, got "fast"/,
    ],
  ];
  test.each(cases)('%s', (_, args, expected) => {
    const { status, stdout, stderr } = passk(...args);
    expect(stderr).toMatch(expected);
    expect(stderr.trim().split('\n').length).toBe(1);
    expect([status, stdout]).toEqual([2, '']);
    expect(readdirSync(folder).filter((name) => name === 'results')).toEqual([]);
  });

  test('a level that does not fit names the one that would', () => {
    const vocab = 1024;
    const wide = file('wide.json', {
      format: 'passk-problem@1',
      vocab,
      horizon: 2,
      context: 'none',
      prompts: [
        {
          id: 'p',
          logits: [Array(vocab).fill(0), Array(vocab).fill(0)],
          accept: { sum: { modulus: 2, residue: 0 } },
        },
      ],
    });
    const { status, stderr } = passk(
      'tally',
      '--problem',
      wide,
      '--group-size',
      '4096',
      '--groups',
      '1',
      '--seed',
      '1',
    );
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('--group-size: expected an integer in 1..1024') as string,
    ]);
    const large = passk(
      'tally',
      '--problem',
      join(oracle, 'sum-v4-t3.problem.json'),
      '--group-size',
      '1024',
      '--groups',
      '1',
      '--seed',
      '1',
    );
    expect(large.status).toBe(0);
  });

  test('a folder that cannot be written is found before the run', () => {
    const locked = file('locked', 'a file, not a folder');
    chmodSync(locked, 0o400);
    const { status, stdout, stderr } = passk('run', '--out', join(locked, 'results'));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/--out .*: expected a folder that can be written, got ENOTDIR/);
  });

  describe('without a browser', () => {
    const tally = (...more: string[]): ReturnType<typeof passk> =>
      spawnSync(
        process.execPath,
        [script, 'tally', '--problem', problem, '--group-size', '4', '--groups', '1', '--seed', '1', ...more],
        {
          encoding: 'utf8',
          env: { ...process.env, PUPPETEER_EXECUTABLE_PATH: '/nowhere/chromium' },
        },
      );
    const words = "PUPPETEER_EXECUTABLE_PATH: expected a browser, got '/nowhere/chromium'";

    test('the CPU engine goes on alone, and one line says so', () => {
      const { status, stdout, stderr } = tally();
      expect([status, stderr]).toEqual([
        0,
        expect.stringContaining(`no WGSL was exercised: ${words}`) as string,
      ]);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      const { run } = JSON.parse(stdout) as { run: { engine: unknown } };
      expect(run.engine).toMatchObject({ name: 'cpu', checkedOnGpu: null });
    });

    test.each([['--require-gpu'], ['--engine', 'gpu']])(
      '%s %s exits with 3 and says what to type',
      (...flags) => {
        const { status, stdout, stderr } = tally(...flags);
        expect([status, stdout, stderr]).toEqual([3, '', expect.stringContaining(words) as string]);
      },
    );
  });
});

describe('run', () => {
  const small = [
    'run',
    'relation',
    '--tokens-per-prompt',
    '16384',
    '--ks',
    '1,4',
    '--estimators',
    'pkpo',
    '--engine',
    'twin',
  ];

  test('writes one report file and prints the same report', () => {
    const { status, stdout } = passk(...small, '--json', '--out', 'reports');
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect([report.format, report.outcome]).toEqual(['passk-report@1', 'agrees']);
    const [name] = readdirSync(join(folder, 'reports'));
    expect(JSON.parse(readFileSync(join(folder, 'reports', name), 'utf8'))).toEqual(report);
  });

  test('two reports compare: equal runs agree, a changed tally is a regression, other settings are refused', () => {
    for (const [seed, out] of [
      ['1', 'same-a'],
      ['1', 'same-b'],
      ['2', 'other'],
    ]) {
      expect(passk(...small, '--seed', seed, '--out', out).status).toBe(0);
    }
    const report = (out: string): string => join(folder, out, readdirSync(join(folder, out))[0]);
    expect(passk('compare', report('same-a'), report('same-b'))).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('OK: 320 tallies are equal to the last bit') as string,
    });
    expect(passk('compare', report('same-a'), report('other'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('config.seed: expected 1, as in') as string,
    });
    const changed = file(
      'changed.json',
      readFileSync(report('same-a'), 'utf8').replace(/"tallySha256": "./, '"tallySha256": "x'),
    );
    expect(passk('compare', report('same-a'), changed)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('t1-arms p0: the tallies differ') as string,
    });
  });

  test('reports of the other experiments compare by every tally, too', () => {
    const args = ['run', 'signal', 'published', '--engine', 'twin', '--group-size', '4', '--ks', '1,2'];
    const [a, b] = ['signal-a', 'signal-b'].map((out) => {
      expect(passk(...args, '--out', out).status).toBe(0);
      return join(folder, out, readdirSync(join(folder, out))[0]);
    });
    expect(passk('compare', a, b)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('OK: 22 tallies are equal to the last bit') as string,
    });
    const changed = file(
      'changed-signal.json',
      readFileSync(a, 'utf8').replace(/("place": "signal p3",[^}]*"sha256": ")./, '$1x'),
    );
    expect(passk('compare', a, changed)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('signal p3: the tallies differ') as string,
    });
  });

  test('times three times as long are said, and fail only where that is asked for, with the reason last', () => {
    expect(passk('run', 'throughput', '--engine', 'cpu', '--out', 'times').status).toBe(0);
    const before = join(folder, 'times', readdirSync(join(folder, 'times'))[0]);
    const report = JSON.parse(readFileSync(before, 'utf8')) as {
      throughput: { rows: { durationsMs: number[] }[] };
    };
    for (const row of report.throughput.rows) row.durationsMs = row.durationsMs.map((ms) => 3 * ms);
    const after = file('slower.json', JSON.stringify(report));
    const count = report.throughput.rows.length;
    expect(passk('compare', before, after)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/slower: base[^]*\nOK: .*\n$/) as string,
    });
    expect(passk('compare', before, after, '--fail-on-slower')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(new RegExp(`\nSLOWER: ${count} of the times got worse.*\n$`)) as string,
    });
  });

  test('ends its summary by counting what is inconclusive; --strict makes that exit code 1', () => {
    const { status, stdout } = passk(...small, '--strict');
    expect(status).toBe(1);
    expect(stdout.trim().split('\n').at(-1)).toMatch(
      /^NOT OK \(--strict\): \d+ inconclusive, \d+ out of reach of any run\.$/,
    );
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('reports what is finished after Ctrl-C and leaves no process behind', async () => {
    const child = spawn(
      process.execPath,
      [script, 'run', 'relation', '--preset', 'full', '--json', '--out', 'cut'],
      { cwd: folder },
    );
    let stdout = '';
    let stderr = '';
    let interrupted = false;
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
      if (!interrupted && stderr.includes('sampling')) {
        interrupted = true;
        child.kill('SIGINT');
      }
    });
    const status = await new Promise((resolve) => child.on('exit', resolve));
    expect(status).toBe(130);
    const report = JSON.parse(stdout) as Report;
    expect(report.outcome).toBe('incomplete');
    expect(report.relation?.groupCount).toBeGreaterThan(0);
    const left = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          return readFileSync(`/proc/${name}/stat`, 'utf8').includes(` ${child.pid} `);
        } catch {
          // It ended while we looked: it is not left.
          return false;
        }
      });
    expect(left).toEqual([]);
  });
});

test('help names every command', () => {
  const { status, stdout } = passk('--help');
  expect(status).toBe(0);
  for (const command of ['run', 'theory', 'weights', 'tally', 'merge', 'compare', 'generate', 'serve'])
    expect(stdout).toContain(command);
});

test('the reference problem files are what the tests say they are', () => {
  expect(JSON.parse(oracleText('bandit4.problem.json'))).toMatchObject({ format: 'passk-problem@1' });
});
