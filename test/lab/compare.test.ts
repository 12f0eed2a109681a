/** Two reports held against each other. */
import { describe, expect, test } from 'vitest';
import { compareReports, readReport } from '../../src/lab/suite/compare.ts';

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
      throughput: { rows: [{ level: 'groups', tokensPerSecond: 100 }] },
      ...change,
    },
    'some.json',
  );
}

const compared = (a: Change, b: Change): ReturnType<typeof compareReports> =>
  compareReports(report(a), report(b), 'a', 'b');

describe('compare', () => {
  test('equal reports: every tally and snapshot is counted, the rates are a ratio', () => {
    expect(compared({}, {})).toMatchObject({
      talliesCompared: 2,
      snapshotsCompared: 1,
      regressions: [],
      throughputRatio: { groups: 1 },
    });
  });

  test.each([0, 1e-310])('a rate of %s is no rate: there is no ratio to it', (tokensPerSecond) => {
    const nothing = { throughput: { rows: [{ level: 'groups', tokensPerSecond }] } };
    expect(compared(nothing, nothing).throughputRatio).toEqual({});
    expect(compared(nothing, {}).throughputRatio).toEqual({});
    expect(compared({}, nothing).throughputRatio!.groups).toBeCloseTo(0);
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
      throughputRatio: null,
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
