import { describe, expect, test } from 'vitest';
import { bennettPValue, criticalDeviation } from '../../../src/math/stats/bennett.ts';
import { bennettCumulant, chernoffPValue, criticalByCumulant } from '../../../src/math/stats/chernoff.ts';
import { upperTail } from '../../../src/math/stats/tails.ts';
import { expectRelative } from '../../close.ts';

describe('a sum of several kinds of summands', () => {
  test.each([
    [1, 0.1, 3],
    [1, 5, 2],
    [40, 0.01, 30],
    [1e-6, 1e-4, 0.01],
  ])('of one kind has Bennett’s p-value: W = %d, B = %d, d = %d', (variance, bound, deviation) => {
    const own = chernoffPValue(deviation, variance, bennettCumulant([{ variance, bound }]));
    const known = bennettPValue(deviation, variance, bound);
    expectRelative(Math.log(own), Math.log(known), 1e-4);
    expect(own).toBeGreaterThanOrEqual(known * (1 - 1e-9));
  });

  test('of two kinds is bounded no worse than by the greater bound for both', () => {
    const terms = [
      { variance: 0.2, bound: 0.01 },
      { variance: 0.01, bound: 0.8 },
    ];
    for (const deviation of [0.5, 1, 2, 4, 8]) {
      const own = chernoffPValue(deviation, 0.21, bennettCumulant(terms));
      expect(own).toBeLessThanOrEqual(bennettPValue(deviation, 0.21, 0.8) * 1.001);
    }
    expect(chernoffPValue(3, 0.21, bennettCumulant(terms))).toBeLessThan(bennettPValue(3, 0.21, 0.8) / 10);
  });

  test('its critical deviation has the level as p-value', () => {
    const terms = [
      { variance: 0.2, bound: 0.01 },
      { variance: 0.01, bound: 0.8 },
    ];
    for (const level of [1e-3, 2e-8]) {
      const critical = criticalByCumulant(level, 0.21, bennettCumulant(terms));
      expectRelative(chernoffPValue(critical, 0.21, bennettCumulant(terms)), level, 1e-3);
    }
    expectRelative(
      criticalByCumulant(1e-6, 2, bennettCumulant([{ variance: 2, bound: 0.3 }])),
      criticalDeviation(1, 2, 0.3, 1e-6),
      1e-4,
    );
  });
});

test('without variance only rounding may differ', () => {
  expect(chernoffPValue(1e-12, 0, () => 0, 1e-11)).toBe(1);
  expect(chernoffPValue(1e-10, 0, () => 0, 1e-11)).toBe(0);
  expect(criticalByCumulant(1e-6, 0, () => 0)).toBe(0);
});

test('the exact generating function of a binomial bounds its tail, and closer than Bennett', () => {
  const [count, prob] = [1000, 0.002];
  const exact = (argument: number): number =>
    count * (Math.log1p(prob * Math.expm1(argument)) - argument * prob);
  for (const successes of [8, 12, 20]) {
    const deviation = successes - count * prob;
    const p = chernoffPValue(deviation, count * prob * (1 - prob), exact);
    expect(p).toBeGreaterThan(upperTail(successes, count, prob));
    expect(p).toBeLessThan(60 * upperTail(successes, count, prob));
    expect(p).toBeLessThanOrEqual(bennettPValue(deviation, count * prob * (1 - prob), 1 - prob) * 1.001);
  }
});
