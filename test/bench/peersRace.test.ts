/** A race of peers: a failing one is a row that says why, ratios are of the same round, intervals are what they say. */
import { describe, expect, test } from 'vitest';
import { bootstrapMedian } from '../../src/math/stats/bootstrap.ts';
import { expectedOf } from '../../bench/peers/expected.ts';
import { jobProblem, jobTable, type Answer, type Peer } from '../../bench/peers/job.ts';
import { optionsOf } from '../../bench/peers/options.ts';
import { race, type Runner } from '../../bench/peers/race.ts';
import { rowsOf } from '../../bench/peers/rows.ts';
import { tableOf } from '../../bench/peers/table.ts';
import { InputError } from '../../src/input/inputError.ts';
import { openStream } from '../../src/math/random/stream.ts';
import { tableMarkdown } from '../../src/view/markdown.ts';
import { exactAnswer } from './exactAnswer.ts';

const expected = await expectedOf(jobProblem(), jobTable());
const exact = exactAnswer(expected);

/** A peer that answers as told, at a rate of its own. */
class FakePeer implements Peer {
  readonly name: string;
  readonly backend = 'fake';
  readonly isOwn: boolean;
  readonly asked: number[] = [];
  isClosed = false;
  readonly #answer: (call: number, batchCount: number) => Answer | Promise<Answer>;

  constructor(
    name: string,
    answer: (call: number, batchCount: number) => Answer | Promise<Answer> = () => exact,
    isOwn = false,
  ) {
    this.name = name;
    this.isOwn = isOwn;
    this.#answer = answer;
  }

  open() {
    return Promise.resolve({ version: '1', backend: 'fake, opened' });
  }

  run(batchCount: number) {
    this.asked.push(batchCount);
    return Promise.resolve(this.#answer(this.asked.length, batchCount));
  }

  close() {
    this.isClosed = true;
    return Promise.resolve();
  }
}

const options = { seconds: 1, rounds: 5, seed: 1, say: () => undefined };

describe('a race', () => {
  test('goes on past a peer that throws, one that never answers and one that cannot be opened', async () => {
    const good = new FakePeer('good');
    const throws = new FakePeer('throws', (call) => {
      if (call > 3) throw new Error('the device was lost\nand a trace');
      return exact;
    });
    const silent = new FakePeer('silent', () => new Promise<Answer>(() => undefined));
    const absent = new FakePeer('absent');
    absent.open = () => Promise.reject(new Error('not installed: no module named torch'));
    const limits = { openingMs: 50, jobMs: 50 };
    const runners = await race([silent, throws, absent, good], { ...options, limits });
    expect(runners.map(({ failure, answers }) => [failure, answers.length])).toEqual([
      ['no answer within 0.05 s', 0],
      ['the device was lost', 1],
      ['not installed: no module named torch', 0],
      [null, 5],
    ]);
    expect([silent, throws, absent, good].every(({ isClosed }) => isClosed)).toBe(true);
  });

  test('sizes jobs to the time asked for, and counts none of those before the rounds', async () => {
    const peer = new FakePeer('peer', (call, batchCount) => ({
      ...exact,
      // The first job compiles.
      seconds: call === 1 ? 100 : 0.01 * batchCount,
    }));
    const [{ answers }] = await race([peer], options);
    expect(peer.asked.slice(-options.rounds)).toEqual([100, 100, 100, 100, 100]);
    expect(answers.map(({ seconds }) => seconds)).toEqual([1, 1, 1, 1, 1]);
    expect(peer.asked.length).toBeGreaterThan(options.rounds + 1);
  });

  test('draws an order for every round, by its seed', async () => {
    const orderOf = async (seed: number): Promise<string[]> => {
      const order: string[] = [];
      const peers = ['a', 'b', 'c', 'd'].map(
        (name) =>
          new FakePeer(name, () => {
            order.push(name);
            return exact;
          }),
      );
      await race(peers, { ...options, seed });
      const rounds = order.slice(-4 * options.rounds).join('');
      return Array.from({ length: options.rounds }, (_, round) => rounds.slice(4 * round, 4 * round + 4));
    };
    const rounds = await orderOf(1);
    expect(rounds.every((round) => ['a', 'b', 'c', 'd'].every((name) => round.includes(name)))).toBe(true);
    expect(new Set(rounds).size).toBeGreaterThan(1);
    expect(await orderOf(1)).toEqual(rounds);
    expect(await orderOf(2)).not.toEqual(rounds);
  });
});

/** @param seconds of each round */
const runner = (name: string, seconds: readonly number[], more: Partial<Runner> = {}): Runner => ({
  peer: new FakePeer(name, undefined, name.startsWith('own')),
  facts: { version: '1', backend: 'fake' },
  answers: seconds.map((time) => ({ ...exact, seconds: time, cpuSeconds: 2 * time })),
  failure: null,
  ...more,
});

describe('rows', () => {
  const own = [1, 3, 1, 2, 1];
  const runners = [
    runner(
      'own slow',
      own.map((time) => 10 * time),
    ),
    runner('own', own),
    runner(
      'four times',
      own.map((time) => 4 * time),
    ),
    runner('failed', [], { failure: 'no answer within 60 s', facts: null }),
    runner('wrong', own, {
      answers: own.map((seconds) => ({ ...exact, seconds, successProb: exact.successProb.map(() => 0.5) })),
    }),
  ];
  const found = rowsOf(runners, expected, 1);
  const rowOf = (name: string) => found.rows.find(({ peer }) => peer === name)!;

  test('compare with the best of the own ones, round by round', () => {
    expect(found.reference?.peer).toBe('own');
    // Rates differ by three between rounds; paired, their ratio does not.
    expect(rowOf('four times').ratio).toEqual({ median: 4, low: 4, high: 4 });
    expect(rowOf('own slow').ratio?.median).toBe(10);
  });

  test('have tokens per second and per CPU-second of all prompts together', () => {
    const tokens = 64 * exact.groupCount * 16 * 8;
    expect(rowOf('own').tokensPerSecond?.median).toBe(tokens);
    expect(rowOf('own').tokensPerSecond?.low).toBeLessThan(tokens);
    expect(rowOf('own').tokensPerCpuSecond?.median).toBe(tokens / 2);
  });

  test('say why there is no rate, in the table and as Markdown', () => {
    const shown = tableOf(found);
    const cellsOf = (name: string) => shown.rows.find(([peer]) => peer === name)?.slice(3);
    expect(cellsOf('failed')).toEqual(['-', '-', '-', 'failed: no answer within 60 s']);
    expect(cellsOf('wrong')).toEqual(['-', '-', '-', 'wrong: J1 of prompt p0 is 0.5000, exactly 0.02000']);
    expect(cellsOf('own')).toEqual([
      '33.6 M (11.2 M – 33.6 M)',
      '16.8 M',
      '1',
      'what the others are compared with',
    ]);
    expect(tableMarkdown(shown).split('\n')).toHaveLength(2 + runners.length);
  });

  test('stand without a ratio where no own row does', () => {
    const { reference, rows } = rowsOf([runner('other', own)], expected, 1);
    expect(reference).toBeNull();
    expect(rows[0].ratio).toBeNull();
    expect(rows[0].tokensPerSecond).not.toBeNull();
  });
});

describe('the interval of a median', () => {
  const words = openStream(7, 0, 0, 0, 0);
  const uniform = (): number => words() / 2 ** 32;

  test('holds the true median of skewed values in some 95 % of samples', () => {
    // Of 25 exponential values each; the true median is ln 2, the mean 1. 300 trials: under 0.95 fewer than 267 have chance 1e-5.
    const hits = Array.from({ length: 300 }, (_, trial) => {
      const values = Array.from({ length: 25 }, () => -Math.log1p(-uniform()));
      const { low, high } = bootstrapMedian(values, { seed: trial, resamples: 400 });
      return low <= Math.LN2 && Math.LN2 <= high;
    }).filter(Boolean).length;
    expect(hits).toBeGreaterThanOrEqual(267);
    // Nor is it as wide as the sample.
    expect(hits).toBeLessThan(300);
  });

  test('is the value itself where there is one, and the same for the same seed', () => {
    expect(bootstrapMedian([3], { seed: 1 })).toEqual({ median: 3, low: 3, high: 3 });
    const values = [5, 1, 4, 2, 9, 7];
    expect(bootstrapMedian(values, { seed: 1 })).toEqual(bootstrapMedian(values, { seed: 1 }));
    expect(bootstrapMedian(values, { seed: 1 }).median).toBe(4.5);
    expect(() => bootstrapMedian([], { seed: 1 })).toThrow(RangeError);
  });
});

test.each([
  [['--bad'], /--bad/],
  [['file'], /file/],
  [['--seconds', '0'], /--seconds: expected a number from 0.05 to 60/],
  [['--seconds', ''], /--seconds/],
  [['--rounds', '201'], /--rounds/],
  [['--rounds', '2.5'], /--rounds: expected a whole number from 3 to 200/],
  [['--seed', '-1'], /seed/],
  [['--json', '/no/such/folder/report.json'], /--json .*expected a file in a folder that exists/],
])('%j is refused in one line', (args, message) => {
  const refused = (): unknown => optionsOf(args);
  expect(refused).toThrow(InputError);
  expect(refused).toThrow(message);
});
