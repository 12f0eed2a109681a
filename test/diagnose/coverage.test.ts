/** Whether the intervals of pass@k hold the truth as often as they say. */
import { describe, expect, test } from 'vitest';
import { classesOf } from '../../src/diagnose/classes.ts';
import { fitMixture } from '../../src/diagnose/difficulty.ts';
import { passAtKCurve } from '../../src/diagnose/passAtKCurve.ts';
import { DEFAULT_SETTINGS, type DiagnoseSettings } from '../../src/diagnose/settings.ts';
import { passAtK } from '../../src/math/passAtK.ts';
import { openStream } from '../../src/math/random/stream.ts';
import { binomialPValue } from '../../src/math/stats/tails.ts';
import { synthetic } from '../evaluations.ts';

describe('coverage over 1000 repetitions', () => {
  const settings: DiagnoseSettings = { ...DEFAULT_SETTINGS, resampleCount: 400, level: 0.9 };
  const [n, problemCount, repetitions] = [16, 80, 1000];
  const ks = [1, 4, 8, 16];

  /** p of a problem: some impossible, some easy, most between. */
  const probOf = (word: number): number => {
    const u = word / 2 ** 32;
    return u < 0.15 ? 0 : u > 0.9 ? 0.97 : ((u - 0.15) / 0.75) ** 3;
  };
  const truth = (probs: readonly number[], k: number): number =>
    probs.reduce((sum, p) => sum + passAtK(p, k), 0) / probs.length;
  const population = Array.from({ length: 20_000 }, (_, i) => probOf((i + 0.5) * (2 ** 32 / 20_000)));

  /** Misses of a nominal 10 %: more than so many in 1000 would be one accident in a million; fewer than 4 % is caution. */
  const expectCoverage = (hits: number): void => {
    expect(
      binomialPValue(hits, repetitions, settings.level) > 1e-6 || hits / repetitions > settings.level,
    ).toBe(true);
    expect(hits / repetitions).toBeLessThan(0.96);
  };

  test('over samples: the problems fixed, and over problems: drawn anew', () => {
    const fixed = Array.from({ length: problemCount }, (_, i) => probOf(openStream(5, 5, i, 0, 0)()));
    // What is said over problems does not look at it.
    const anyMixture = fitMixture(classesOf(synthetic(fixed, n, 1)).classes);
    const hits = { samples: ks.map(() => 0), problems: ks.map(() => 0) };
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      const drawn = Array.from({ length: problemCount }, (_, i) =>
        probOf(openStream(6, 6, i, repetition, 0)()),
      );
      for (const kind of ['samples', 'problems'] as const) {
        const probs = kind === 'samples' ? fixed : drawn;
        const own = classesOf(synthetic(probs, n, 1000 + repetition));
        const curve = passAtKCurve(own, kind === 'samples' ? fitMixture(own.classes) : anyMixture, ks, {
          ...settings,
          seed: repetition,
          // The bootstrap is of problems alone.
          resampleCount: kind === 'problems' ? settings.resampleCount : 1,
        });
        ks.forEach((k, j) => {
          const { low, high } = kind === 'samples' ? curve[j].overSamples : curve[j].overProblems;
          const value = truth(kind === 'samples' ? fixed : population, k);
          if (low <= value && value <= high) hits[kind][j] += 1;
        });
      }
    }

    for (const count of [...hits.samples, ...hits.problems]) expectCoverage(count);
  });
});
