/** Slopes given the outcome over many repetitions: their variance is the planned one, and 10 % is seen, up and down. */
import { beforeAll, describe, expect, test } from 'vitest';
import { sampleJobs } from '../../src/lab/sampleJobs.ts';
import { classPValue, planClasses, resolvedBy } from '../../src/lab/classPlan.ts';
import { measuredClassMean } from '../../src/lab/classChecks.ts';
import { relationProblems } from '../../src/experiments/relation/problems.ts';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';
import {
  classCell,
  classLaw,
  classVariance,
  type ClassCell,
  type ClassCounts,
} from '../../src/theory/classLaw.ts';
import { solvePrompt } from '../../src/theory/promptTheory.ts';
import type { SamplingJob } from '../../src/engine/sampler.ts';
import { inlineEngine } from '../engine/cpu/inlineThreads.ts';
import { watcher } from '../fakes.ts';

const n = 16;
const REPETITIONS = 400;
/** Of one of 1600 comparisons. */
const LEVEL = 1e-3 / 32 / 1600;
const [{ problem }] = relationProblems();
/** J1 = .21, where both classes vary. */
const PROMPT = 3;
const prompt = problem.prompts[PROMPT];
const theory = solvePrompt(problem, prompt);
const law = classLaw(problem, prompt, theory)!;
const cell = (id: string, k: number | null): ClassCell =>
  classCell(weightTable(findEstimator(id)!, n, k), law, theory);
const cells = [cell('ordergrad', 4), cell('nsr', null), cell('pkpo', 2)];
const unit = 128 * n;

/** Deviations of slope / alpha from their mean, [repetitions], with draws of the two passes by these ids. */
async function deviations(
  own: ClassCell,
  counts: ClassCounts,
  ids: readonly [number, number],
): Promise<number[]> {
  const job = (given: number, drawId: number, trajectories: number): SamplingJob => ({
    ...{ problem, groupSize: n, level: 'full', seed: 11, drawId, given },
    ranges: Array.from({ length: REPETITIONS }, (_, i) => ({
      prompt: PROMPT,
      firstGroup: (i * trajectories) / n,
      groupCount: trajectories / n,
    })),
  });
  const { jobs } = await sampleJobs(
    [job(n, ids[0], counts.correct), job(0, ids[1], counts.wrong)],
    inlineEngine(),
    watcher,
  );
  return jobs[0].map(({ tally }, i) => {
    const correct = measuredClassMean(law, 1, tally, [n]);
    const wrong = measuredClassMean(law, 0, jobs[1][i].tally, [0]);
    return own.correct * (correct.value - law.correct.mean) + own.wrong * (wrong.value - law.wrong.mean);
  });
}

const varianceOver = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

describe('slopes given the outcome', () => {
  const counts = { correct: unit, wrong: unit };
  let own: number[][];
  beforeAll(async () => {
    own = await Promise.all(cells.map((each) => deviations(each, counts, [1, 2])));
  });

  test('vary as planned, and average to the rounded chains’ mean', () => {
    cells.forEach((each, i) => {
      const planned = classVariance(each, law, counts);
      // Five standard errors of a variance over 400.
      expect(Math.abs(varianceOver(own[i]) / planned - 1)).toBeLessThan(5 * Math.sqrt(2 / REPETITIONS));
      const mean = own[i].reduce((sum, value) => sum + value, 0) / REPETITIONS;
      expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(planned / REPETITIONS));
      const pValues = own[i].map((deviation) => classPValue(each, law, counts, 'bennett', deviation, 1e-12));
      expect(pValues.filter((p) => p <= 0.01).length).toBeLessThanOrEqual(
        0.01 * REPETITIONS + 3 * Math.sqrt(0.01 * REPETITIONS),
      );
    });
  });

  test('that share their draws between the classes do not: that is why each pass has an id', async () => {
    const [ordergrad] = cells;
    const shared = await deviations(ordergrad, counts, [1, 1]);
    const ratio = varianceOver(shared) / classVariance(ordergrad, law, counts);
    expect(Math.abs(ratio - 1)).toBeGreaterThan(5 * Math.sqrt(2 / REPETITIONS));
  });

  test('show 10 % more, and 10 % less, with a chance of 95 %', async () => {
    for (const each of cells) {
      // No more than this one slope needs.
      const planned = planClasses(law, [each], LEVEL, n, 2 ** 22);
      const bound = resolvedBy(each, law, planned, LEVEL)!;
      const honest = await deviations(each, planned, [3, 4]);
      for (const planted of [0.1, -0.1]) {
        const seen = honest.filter(
          (deviation) => classPValue(each, law, planned, bound, deviation + planted, 1e-12) <= LEVEL,
        );
        expect(seen.length / REPETITIONS).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.05 * 0.95) / REPETITIONS));
      }
      expect(
        honest.filter((deviation) => classPValue(each, law, planned, bound, deviation, 1e-12) <= LEVEL),
      ).toEqual([]);
    }
  });
});
