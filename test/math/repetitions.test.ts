/** What repeated measurements say. */
import { describe, expect, test } from 'vitest';
import { bootstrapMedian } from '../../src/math/stats/bootstrap.ts';
import { drift, medianInterval, outlierCount, tauTail } from '../../src/math/stats/repetitions.ts';
import { openStream } from '../../src/math/random/stream.ts';

/** Uniform values, from 1 to 2. */
function uniform(count: number, seed: number): number[] {
  const next = openStream(seed, 0, 0, 0, 0);
  return Array.from({ length: count }, () => 1 + next() / 2 ** 32);
}

describe('the interval of a median', () => {
  test('holds the true median in about 95 of 100 samples', () => {
    const held = Array.from({ length: 400 }, (_, i) => {
      const { low, high } = bootstrapMedian(uniform(15, i), { seed: 1, resamples: 400 });
      return low <= 1.5 && high >= 1.5;
    }).filter(Boolean).length;
    // Binomial(400, .95): standard error 4.4; the percentile interval of 15 values is a little short or long.
    expect(held).toBeGreaterThan(360);
    expect(held).toBeLessThan(399);
  });

  test('is the same for the same values, and a point where they are all one', () => {
    expect(medianInterval(uniform(9, 3))).toEqual(medianInterval(uniform(9, 3)));
    expect(medianInterval([2, 2, 2])).toEqual({ median: 2, low: 2, high: 2 });
    expect(() => medianInterval([])).toThrow(/got none/);
  });
});

describe('outliers', () => {
  test('are what lies three interquartile ranges beyond the quartiles', () => {
    expect(outlierCount([10, 11, 12, 13, 14])).toBe(0);
    expect(outlierCount([10, 11, 12, 13, 40])).toBe(1);
    expect(outlierCount([10, 10, 10, 10, 11])).toBe(1);
  });
});

describe('drift', () => {
  test('is the change from first to last, where it is beyond chance', () => {
    expect(drift([100, 101, 102, 103, 104, 105, 106])).toBeCloseTo(6 / 103);
    expect(drift([106, 105, 104, 103, 102, 101, 100])).toBeCloseTo(-6 / 103);
    expect(drift([100, 106, 101, 105, 102, 104, 103])).toBeNull();
    expect(drift([1])).toBeNull();
  });

  test('is seen in one series without trend of a hundred, about', () => {
    const seen = Array.from({ length: 2000 }, (_, i) => drift(uniform(11, i))).filter((d) => d !== null);
    // At most 1 % by construction: Binomial(2000, .01) exceeds 40 once in 10^5.
    expect(seen.length).toBeLessThan(40);
    expect(seen.length).toBeGreaterThan(2);
  });

  test('goes by the exact law of Kendall: P(|S| >= n (n-1) / 2) = 2 / n!', () => {
    expect(tauTail(5, 10)).toBeCloseTo(2 / 120, 12);
    expect(tauTail(4, 6)).toBeCloseTo(2 / 24, 12);
    // n = 3: S is 3, 1, 1, -1, -1, -3 in the six orders.
    expect(tauTail(3, 1)).toBeCloseTo(1, 12);
    expect(tauTail(3, 2)).toBeCloseTo(2 / 6, 12);
  });
});
