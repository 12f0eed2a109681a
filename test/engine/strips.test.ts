import { describe, expect, test } from 'vitest';
import { Strips, type Stretch } from '../../src/engine/gpu/training/strips.ts';

/** Submissions of so many replica-steps each, until all is done. */
function submissions(strips: Strips, budgets: readonly number[]): Stretch[][] {
  const all: Stretch[][] = [];
  while (!strips.isDone()) {
    const own: Stretch[] = [];
    let left = budgets[Math.min(all.length, budgets.length - 1)];
    while (!strips.isDone()) {
      const stretch = strips.next(left, own.length === 0);
      if (stretch === null) break;
      own.push(stretch);
      left -= stretch.itemCount * stretch.stepCount;
    }
    all.push(own);
  }
  return all;
}

describe('strips of replicas', () => {
  test.each([
    [100, 0, 40, 8, [1]],
    [100, 3, 40, 8, [7, 100, 1000]],
    [2048, 0, 12, 256, [32, 500, 4000]],
    [2048, 5, 6, 256, [100_000]],
    [1, 0, 1, 256, [0.3]],
    [77, 0, 9, 64, [300, 20, 5000]],
  ])(
    'of %i, steps %i to %i: each replica by each step once, in order',
    (replicas, first, end, least, budgets) => {
      const next = new Map<number, number>();
      for (const { item, itemCount, step, stepCount } of submissions(
        new Strips(replicas, first, end, least),
        budgets,
      ).flat()) {
        for (let replica = item; replica < item + itemCount; replica += 1) {
          expect(next.get(replica) ?? first).toBe(step);
          next.set(replica, step + stepCount);
        }
      }
      expect(next.size).toBe(replicas);
      expect([...next.values()].every((step) => step === end)).toBe(true);
    },
  );

  test('stay within a submission, but for the least that there is', () => {
    for (const own of submissions(new Strips(3000, 0, 50, 256), [256, 1000, 20_000])) {
      const work = own.reduce((sum, { itemCount, stepCount }) => sum + itemCount * stepCount, 0);
      expect(work).toBeLessThanOrEqual(20_000);
    }
    expect(submissions(new Strips(3, 0, 2, 1), [0.1]).every((own) => own.length === 1)).toBe(true);
  });

  test('go through all steps at once where a submission holds them, and keep the adapter busy', () => {
    const [own] = submissions(new Strips(2048, 0, 10, 256), [20_480]);
    expect(own).toEqual([{ item: 0, itemCount: 2048, step: 0, stepCount: 10 }]);
    // 300 replicas by 10 steps: no submission holds more, and what is left joins the last strip.
    const narrow = submissions(new Strips(1000, 0, 10, 300), [3000]).flat();
    expect(narrow.map(({ itemCount }) => itemCount)).toEqual([300, 300, 400, 400]);
  });
});
