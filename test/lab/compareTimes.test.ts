/** Times of two reports: what is noise, what is a change. */
import { describe, expect, test } from 'vitest';
import { compareTimes, DEFAULT_NOISE, timesText, type TimedRow } from '../../src/lab/suite/compareTimes.ts';
import { openStream } from '../../src/math/random/stream.ts';

/** Repetitions that scatter by up to `scatter` around a duration. */
function row(durationMs: number, seed: number, scatter = 0.05): TimedRow {
  const next = openStream(seed, 0, 0, 0, 0);
  const durationsMs = Array.from(
    { length: 7 },
    () => durationMs * (1 + scatter * (2 * (next() / 2 ** 32) - 1)),
  );
  return {
    ...{ name: 'base', engine: 'gpu', level: 'full', tokenCount: 1e6, fixedMs: 0, tokensPerSecond: 1 },
    durationsMs,
  };
}
const verdict = (before: TimedRow, after: TimedRow, noise = DEFAULT_NOISE): string =>
  compareTimes([before], [after], noise)[0].verdict;

describe('times', () => {
  test('of equal runs are within noise, whatever they scatter by up to it', () => {
    const verdicts = Array.from({ length: 40 }, (_, i) =>
      verdict(row(100, i, 0.15), row(100, 100 + i, 0.15)),
    );
    expect(new Set(verdicts)).toEqual(new Set(['within noise']));
  });

  test('twice as long are slower, half as long improved, and the interval holds the ratio', () => {
    expect(verdict(row(100, 1), row(200, 2))).toBe('slower');
    expect(verdict(row(200, 1), row(100, 2))).toBe('improved');
    const [{ ratio }] = compareTimes([row(100, 1)], [row(200, 2)], DEFAULT_NOISE);
    expect(ratio!.low).toBeLessThan(0.5);
    expect(ratio!.high).toBeGreaterThan(0.5);
    expect(ratio!.high - ratio!.low).toBeGreaterThan(0);
  });

  test('of jobs of two lengths are compared without what a job takes whatever its length', () => {
    const short = { ...row(150, 1, 0.01), fixedMs: 100 };
    const long = { ...row(200, 2, 0.01), fixedMs: 100, tokenCount: 2e6 };
    const [{ ratio }] = compareTimes([short], [long], DEFAULT_NOISE);
    expect(ratio!.median).toBeCloseTo(1, 1);
  });

  test('are judged against the noise that is asked for: the whole interval must lie beyond it', () => {
    expect(verdict(row(100, 1, 0.01), row(112, 2, 0.01))).toBe('within noise');
    expect(verdict(row(100, 1, 0.01), row(112, 2, 0.01), 0.05)).toBe('slower');
    expect(verdict(row(100, 1, 0.3), row(120, 2, 0.3))).toBe('within noise');
  });

  test('that changed have a line each; those that did not share one', () => {
    const tiny = (own: TimedRow): TimedRow => ({ ...own, name: 'tiny' });
    const times = compareTimes(
      [row(100, 1), tiny(row(10, 3))],
      [row(200, 2), tiny(row(10, 4))],
      DEFAULT_NOISE,
    );
    const text = timesText(times, DEFAULT_NOISE).join('\n');
    expect(text).toMatch(/against a noise of 35 %/);
    expect(text).toMatch(/slower: base, gpu, full x 0\.\d+ \(0\.\d+ – 0\.\d+\)/);
    expect(text).toMatch(/within noise: 1 of 2/);
  });
});
