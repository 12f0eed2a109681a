import { expect, test } from 'vitest';
import { OverallEstimate } from '../../src/lab/suite/runProgress.ts';

const EXPECTED = [
  { name: 'a', seconds: 4 },
  { name: 'b', seconds: 1 },
  { name: 'c', seconds: 5 },
];

/** A run whose experiments take what they are expected to, times a factor; every 100 ms its share and what is said to be left. */
function course(slowness: number, passes = 1): { at: number; share: number; left: number | null }[] {
  let clock = 0;
  const estimate = new OverallEstimate(EXPECTED, () => clock);
  const told: { at: number; share: number; left: number | null }[] = [];
  for (const { name, seconds } of EXPECTED) {
    estimate.begin(name);
    const end = clock + 1000 * seconds * slowness;
    const start = clock;
    while (clock < end) {
      const done = ((clock - start) / (end - start)) * passes;
      const { share, secondsLeft, experiment } = estimate.at({
        stage: 'sampling',
        tokenCount: 100 * (done - Math.floor(done)),
        totalTokens: 100,
      });
      expect(experiment).toBe(name);
      told.push({ at: clock / 1000, share, left: secondsLeft });
      clock += 100;
    }
    estimate.end();
  }
  return told;
}

test.each([
  [1, 1],
  [0.5, 1],
  [3, 1],
  [1, 4],
])(
  'at %d times the time expected, in %i passes: within a third after the first quarter',
  (slowness, passes) => {
    const whole = 10 * slowness;
    const told = course(slowness, passes);
    for (const { at, share, left } of told) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThan(1);
      if (at < whole / 4 || at > 0.9 * whole || passes > 1) continue;
      expect(Math.abs(at + left! - whole)).toBeLessThan(0.3 * whole);
    }
    // It never goes back.
    for (let i = 1; i < told.length; i += 1) expect(told[i].share).toBeGreaterThanOrEqual(told[i - 1].share);
  },
);

test('says nothing of the time left before there is something to go by', () => {
  let clock = 0;
  const estimate = new OverallEstimate(EXPECTED, () => clock);
  estimate.begin('a');
  expect(estimate.at({ stage: 'planning', tokenCount: 0, totalTokens: 0 }).secondsLeft).toBe(null);
  clock = 3000;
  expect(estimate.at({ stage: 'planning', tokenCount: 0, totalTokens: 0 }).secondsLeft).toBeGreaterThan(0);
});

test('believes an experiment that says how far it is, though it takes six times what was expected', () => {
  let clock = 0;
  const estimate = new OverallEstimate([{ name: 'a', seconds: 4 }], () => clock);
  estimate.begin('a');
  for (clock = 6_000; clock < 24_000; clock += 1_000) {
    const share = clock / 24_000;
    const told = estimate.at({ stage: 'timing', tokenCount: 5, totalTokens: 10, share });
    expect(told.share).toBeCloseTo(share, 9);
    expect(Math.abs(clock / 1000 + told.secondsLeft! - 24)).toBeLessThan(0.15 * 24);
  }
});
