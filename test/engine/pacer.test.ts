/** Submissions near their aim, whatever a machine does. */
import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/engine/gpu/pacer.ts';

/** Submissions to a machine of `unitsPerMs`, each as large as the pacer allows. */
function durations(unitsPerMs: number, count: number, pacer = new Pacer(50)): number[] {
  return Array.from({ length: count }, () => {
    const { units } = pacer;
    pacer.learn(units, units / unitsPerMs);
    return units / unitsPerMs;
  });
}

describe('the pacer', () => {
  test.each([1, 100, 1e4, 1e7])('at %d units a millisecond settles at its aim', (rate) => {
    expect(durations(rate, 20).at(-1)).toBeCloseTo(50, 6);
  });

  test('moves by a factor of four at most, up and down', () => {
    const pacer = new Pacer(50);
    const first = pacer.units;
    pacer.learn(first, 1e-6);
    expect(pacer.units).toBe(4 * first);
    pacer.learn(4 * first, 1e9);
    expect(pacer.units).toBe(first);
  });

  test('learns nothing from a small submission that was fast, but from one that was slow', () => {
    const pacer = new Pacer(50);
    const first = pacer.units;
    pacer.learn(first / 10, 1);
    expect(pacer.units).toBe(first);
    pacer.learn(first / 10, 100);
    expect(pacer.units).toBe(first / 4);
  });

  test('never comes to nothing', () => {
    expect(durations(1e-9, 40).at(-1)).toBeGreaterThan(0);
    const pacer = new Pacer(50);
    for (let i = 0; i < 60; i += 1) pacer.learn(pacer.units, 1e12);
    expect(pacer.units).toBe(1);
  });
});
