/** Two reports held against each other. */
import { describe, expect, test } from 'vitest';
import { compareReports, readReport } from '../../src/lab/suite/compare.ts';

/** As a report has it. */
const TIMED = {
  level: 'groups',
  tokenCount: 1000,
  durationsMs: [100, 101, 99, 100.5, 99.5, 102, 98],
  tokensPerSecond: { median: 10_000, low: 9900, high: 10_100 },
};

type Change = Readonly<Record<string, unknown>>;

function report(change: Change = {}): ReturnType<typeof readReport> {
  return readReport(
    {
      format: 'passk-report@1',
      outcome: 'agrees',
      config: { preset: 'quick', seed: 1 },
      versions: { processor: '2 x some' },
      environment: { runtime: 'r', adapter: 'a', software: true },
      signal: {
        tallies: [{ place: 'signal p0', sha256: 'x' }],
        families: [{ family: 'silence', rejected: 0 }],
      },
      relation: {
        problems: [{ id: 't1', prompts: [{ id: 'p0', tallySha256: 'y' }] }],
        families: [],
        controls: [{ id: 'scaled-word', flagged: true }],
      },
      updates: { snapshots: [{ place: 'job 1 0', sha256: 'z' }], families: [] },
      throughput: { rows: [TIMED] },
      ...change,
    },
    'some.json',
  );
}

const compared = (a: Change, b: Change): ReturnType<typeof compareReports> =>
  compareReports(report(a), report(b), 'a', 'b');

describe('compare', () => {
  test('equal reports: every tally and snapshot is counted, and so are the times', () => {
    expect(compared({}, {})).toMatchObject({
      talliesCompared: 2,
      snapshotsCompared: 1,
      regressions: [],
      times: [{ place: 'base, gpu, groups', verdict: 'within noise', ratio: { median: 1 } }],
    });
  });

  test('a time of one run, or of a clock that is too coarse, is not comparable, and why is said', () => {
    const single = { throughput: { rows: [{ level: 'groups', tokensPerSecond: 100 }] } };
    const coarse = { throughput: { rows: [{ ...TIMED, tokensPerSecond: null }] } };
    const other = { throughput: { rows: [{ ...TIMED, name: 'tiny' }] } };
    const reasons = (a: Change, b: Change): (string | null)[] =>
      compared(a, b).times!.map(({ reason }) => reason);
    expect(reasons(single, {})).toEqual(['one run without an interval']);
    expect(reasons({}, coarse)).toEqual(['the clock was too coarse']);
    expect(reasons({}, other)).toEqual([
      'timed in the later report alone',
      'timed in the earlier report alone',
    ]);
  });

  test('times never fail a comparison by themselves', () => {
    const slow = { throughput: { rows: [{ ...TIMED, durationsMs: TIMED.durationsMs.map((ms) => 2 * ms) }] } };
    const { times, regressions } = compared({}, slow);
    expect(times).toMatchObject([{ verdict: 'slower', ratio: { median: 0.5 } }]);
    expect(regressions).toEqual([]);
  });

  test.each<[string, Change, string]>([
    [
      'a tally of an experiment',
      { signal: { tallies: [{ place: 'signal p0', sha256: 'other' }], families: [] } },
      'signal p0: the tallies differ',
    ],
    [
      'a tally that stands beside its prompt',
      {
        relation: {
          problems: [{ id: 't1', prompts: [{ id: 'p0', tallySha256: 'other' }] }],
          controls: [{ id: 'scaled-word', flagged: true }],
        },
      },
      't1 p0: the tallies differ',
    ],
    [
      'a rejected check',
      {
        signal: {
          tallies: [{ place: 'signal p0', sha256: 'x' }],
          families: [{ family: 'silence', rejected: 1 }],
        },
      },
      'signal: 1 checks of silence rejected',
    ],
    [
      'a deliberate mistake that is no longer seen',
      {
        relation: {
          problems: [{ id: 't1', prompts: [{ id: 'p0', tallySha256: 'y' }] }],
          controls: [{ id: 'scaled-word', flagged: false }],
        },
      },
      'deliberate mistake scaled-word: no longer seen',
    ],
    [
      'a snapshot on the same machine',
      { updates: { snapshots: [{ place: 'job 1 0', sha256: 'other' }], families: [] } },
      'updates job 1 0: the snapshots differ',
    ],
  ])('%s that differs is a regression', (_, change, words) => {
    const { regressions } = compared({}, change);
    expect(regressions).toHaveLength(1);
    expect(regressions[0]).toContain(words);
  });

  test('snapshots and rates of two machines are not held against each other', () => {
    const other = {
      environment: { runtime: 'r', adapter: 'b', software: true },
      updates: { snapshots: [{ place: 'job 1 0', sha256: 'other' }], families: [] },
    };
    expect(compared({}, other)).toMatchObject({
      regressions: [],
      snapshotsCompared: 0,
      times: null,
    });
  });

  test.each<[string, Change, RegExp]>([
    ['another setting', { config: { preset: 'quick', seed: 2 } }, /config\.seed: expected 1, as in a, got 2/],
    ['a run cut short', { outcome: 'incomplete' }, /expected a run that was not cut short/],
    ['other experiments', { signal: undefined }, /expected the experiments of a/],
  ])('%s is refused', (_, change, words) => {
    expect(() => compared({}, change)).toThrow(words);
  });
});
