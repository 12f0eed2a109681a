import { describe, expect, test } from 'vitest';
import { bennettPValue, criticalDeviation, leastCount } from '../../../src/math/stats/bennett.ts';
import { holm } from '../../../src/math/stats/holm.ts';
import { bandOf } from '../../../src/math/stats/quantiles.ts';
import {
  binomialInterval,
  binomialPValue,
  binomialPValueBound,
  lowerTail,
  studentPValue,
  upperTail,
} from '../../../src/math/stats/tails.ts';
import { homogeneityPValue, ksPValue } from '../../../src/math/stats/twoSamples.ts';
import { openStream } from '../../../src/math/random/stream.ts';
import { choose } from '../../../src/math/fraction.ts';
import { FAMILY_LEVEL, FAMILY_SLOTS, FALSE_ALARM_PROB } from '../../../src/math/stats/verdict.ts';
import { expectRelative } from '../../close.ts';

describe("Bennett's p-value", () => {
  test('bounds the exact two-sided binomial tail, also where the expected count is 1', () => {
    for (const [trials, prob] of [
      [100, 0.01],
      [1000, 0.001],
      [400, 0.3],
      [50, 0.9],
    ]) {
      const bound = Math.max(prob, 1 - prob);
      for (let successes = 0; successes <= trials; successes += 1) {
        const deviation = Math.abs(successes - trials * prob);
        const exact =
          upperTail(Math.ceil(trials * prob + deviation - 1e-9), trials, prob) +
          lowerTail(Math.floor(trials * prob - deviation + 1e-9), trials, prob);
        const claimed = bennettPValue(deviation, trials * prob * (1 - prob), bound);
        expect(claimed, `${successes} of ${trials}`).toBeGreaterThanOrEqual(Math.min(1, exact) * (1 - 1e-9));
      }
    }
  });

  test('asks for equality where there is no variance', () => {
    expect(bennettPValue(0, 0, 0)).toBe(1);
    expect(bennettPValue(1e-9, 0, 0)).toBe(0);
    expect(bennettPValue(1e-9, 0, 0, 1e-8)).toBe(1);
  });

  test('and the critical deviation are inverse to each other', () => {
    const deviation = criticalDeviation(500, 2.5, 9, 1e-6);
    expectRelative(bennettPValue(500 * deviation, 500 * 2.5, 9), 1e-6, 1e-11);
  });

  test('decides how many groups are enough, or that none are', () => {
    expect(leastCount((count) => count >= 1234, 1e6)).toBe(1234);
    expect(leastCount(() => false, 1e6)).toBe(Infinity);
  });
});

describe('exact tails', () => {
  test('equal the sums of exact binomial probabilities', () => {
    const [trials, prob] = [30, 0.25];
    for (let x = 0; x <= trials; x += 1) {
      let numerator = 0n;
      for (let i = x; i <= trials; i += 1) numerator += choose(trials, i) * 3n ** BigInt(trials - i);
      const exact = Number(numerator) / 4 ** trials;
      expect(Math.abs(upperTail(x, trials, prob) / exact - 1)).toBeLessThan(1e-12);
    }
  });

  test('of impossible and certain events are exact', () => {
    expect([
      binomialPValue(0, 9, 0),
      binomialPValue(1, 9, 0),
      binomialPValue(9, 9, 1),
      binomialPValue(8, 9, 1),
    ]).toEqual([1, 0, 1, 0]);
  });

  test('are never above their cheap bound', () => {
    for (let x = 0; x <= 200; x += 1) {
      expect(binomialPValue(x, 200, 0.07)).toBeLessThanOrEqual(
        binomialPValueBound(x, 200, 0.07) * (1 + 1e-9),
      );
    }
  });

  test("Student's t has the tabulated quantiles", () => {
    // 97.5 % and 99.95 % points, from tables.
    expectRelative(studentPValue(1.97882, 127), 0.05, 1e-5);
    expectRelative(studentPValue(-3.3735, 120), 0.001, 3e-4);
    expect(studentPValue(0, 127)).toBe(1);
  });
});

describe("Holm's rule", () => {
  test('steps down from level / m and stops at the first that stands', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([true, false, false, true]);
    expect(holm([0.012, 0.5, 0.016, 0.024], 0.05)).toEqual([true, false, true, true]);
    expect(holm([], 0.05)).toEqual([]);
  });

  test("the families' shares add up to the run's chance of a false alarm", () => {
    expectRelative(FAMILY_LEVEL * FAMILY_SLOTS, FALSE_ALARM_PROB, 1e-15);
  });
});

describe('two samples', () => {
  test('Kolmogorov-Smirnov: p by listing all splits of few values', () => {
    const pooled = [1, 2, 3, 4, 5, 6, 7, 8];
    const splits = Array.from({ length: 256 }, (_, bits) =>
      pooled.filter((_value, i) => ((bits >> i) & 1) === 1),
    ).filter((a) => a.length === 4);
    const distance = (a: readonly number[]): number =>
      Math.max(
        ...pooled.map((x) =>
          Math.abs(
            a.filter((value) => value <= x).length -
              pooled.filter((value) => value <= x && !a.includes(value)).length,
          ),
        ),
      );
    for (const a of splits) {
      const exact = splits.filter((other) => distance(other) >= distance(a)).length / splits.length;
      expect(
        ksPValue(
          a,
          pooled.filter((value) => !a.includes(value)),
        ),
      ).toBeCloseTo(exact, 12);
    }
  });

  test('Kolmogorov-Smirnov: samples of one law pass, a shifted one does not', () => {
    const next = openStream(4, 4, 4, 4, 0);
    const sample = (shift: number): number[] => Array.from({ length: 400 }, () => next() / 2 ** 32 + shift);
    expect(ksPValue(sample(0), sample(0))).toBeGreaterThan(1e-4);
    expect(ksPValue(sample(0), sample(0.2))).toBeLessThan(1e-6);
    expect(ksPValue([1, 1], [1, 1])).toBe(1);
    expect(ksPValue([NaN, 1], [1, 2])).toBe(0);
  });

  test('homogeneity: p by the hypergeometric law, and 1 for equal tables', () => {
    // 2 x 2 with margins (4, 4), (4, 4): P(3 or 4 or 0 or 1 in the first cell) = (16 + 1 + 1 + 16) / 70.
    expect(homogeneityPValue([3, 1], [1, 3])).toBeCloseTo(34 / 70, 12);
    expect(homogeneityPValue([4, 0], [0, 4])).toBeCloseTo(2 / 70, 12);
    expect(homogeneityPValue([5, 2, 1], [5, 2, 1])).toBeCloseTo(1, 12);
    expect(homogeneityPValue([200, 100, 0], [100, 200, 0])).toBeLessThan(1e-10);
  });
});

describe('binomialInterval', () => {
  test('has tails of exactly half of what it leaves out', () => {
    const { low, high } = binomialInterval(7, 50, 0.95);
    expect(upperTail(7, 50, low)).toBeCloseTo(0.025, 10);
    expect(lowerTail(7, 50, high)).toBeCloseTo(0.025, 10);
    expect(binomialInterval(0, 50, 0.95).low).toBe(0);
    expect(binomialInterval(50, 50, 0.95).high).toBe(1);
  });
});

describe('bandOf', () => {
  test('is the middle and the middle four fifths', () => {
    expect(bandOf([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 1.4, high: 4.6 });
    expect(bandOf([2])).toEqual({ median: 2, low: 2, high: 2 });
  });
});
