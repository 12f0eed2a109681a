/** What people ask next: k of k, drawing with replacement, samples for an error, k beyond n, the best of several checkpoints. */
import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../src/diagnose/evaluation.ts';
import { mixtureVariance } from '../../src/diagnose/passAtKCurve.ts';
import { extrapolate, samplesFor } from '../../src/diagnose/nextSamples.ts';
import { reliabilityAt } from '../../src/diagnose/reliability.ts';
import { chartSections } from '../../src/diagnose/charts.ts';
import { diagnosisTables, findingsOf } from '../../src/diagnose/tables.ts';
import { synthetic } from '../evaluations.ts';
import { diagnoseTexts } from './files.ts';

/** Every k of n outcomes, the first c being right: how many of each are right. */
function counts(n: number, c: number, k: number): number[] {
  const found: number[] = [];
  const choose = (from: number, left: number, right: number): void => {
    if (left === 0) found.push(right);
    else for (let i = from; i <= n - left; i += 1) choose(i + 1, left - 1, right + (i < c ? 1 : 0));
  };
  choose(0, k, 0);
  return found;
}

test('k of k and enough of k are shares of all subsets', () => {
  for (const [n, c, k] of [
    [6, 2, 3],
    [8, 5, 4],
    [7, 7, 5],
    [7, 0, 5],
    [9, 4, 9],
    [5, 3, 1],
  ]) {
    const subsets = counts(n, c, k);
    const atLeast = (least: number): number =>
      subsets.filter((right) => right >= least).length / subsets.length;
    const found = reliabilityAt([{ n, correct: c, problemCount: 2 }], k);
    expect(found.passAtK).toBeCloseTo(atLeast(1), 12);
    expect(found.passHatK).toBeCloseTo(atLeast(k), 12);
    for (const threshold of [0.25, 0.5, 0.75, 1])
      expect(found.gPassAtK[String(threshold)]).toBeCloseTo(atLeast(Math.ceil(threshold * k)), 12);
    let sum = 0;
    for (let i = Math.ceil(k / 2) + 1; i <= k; i += 1) sum += atLeast(i);
    expect(found.mGPassAtK).toBeCloseTo((2 / k) * sum, 12);
    // With replacement, over all n^k draws.
    expect(found.bestAtK).toBeCloseTo(1 - ((n - c) / n) ** k, 12);
    expect(found.bestAtK).toBeLessThanOrEqual(found.passAtK + 1e-12);
  }
});

test('large counts neither overflow nor underflow', () => {
  const { passAtK, passHatK, gPassAtK } = reliabilityAt([{ n: 10_000, correct: 5000, problemCount: 1 }], 100);
  expect(passAtK).toBeCloseTo(1, 12);
  expect(passHatK).toBeGreaterThan(0);
  expect(passHatK).toBeLessThan(1e-30);
  expect(gPassAtK['0.5']).toBeGreaterThan(0.5);
});

test('the n for an error is the least at which the fitted variance allows it', () => {
  // One p for all: the variance of pass@1 is p(1-p)/n.
  const mixture = { probs: Float64Array.of(0.3), weights: Float64Array.of(1), logLikelihood: 0 };
  const n = samplesFor(mixture, 1000, 1, 0.95, 1);
  const t = 1.96234;
  expect(n).toBe(Math.ceil((t ** 2 * 0.21) / (1000 * 0.01 ** 2)));
  expect(samplesFor(mixture as never, 2, 1, 0.95, 0.1)).toBeNull();
  expect(samplesFor(mixture as never, 1000, 16, 0.95, 1)).toBeGreaterThanOrEqual(16);
  // The least one, wherever it is.
  for (let points = 0.31; points < 3; points += 0.037) {
    const least = samplesFor(mixture, 1000, 1, 0.95, points)!;
    expect(least).toBe(Math.ceil((t ** 2 * 0.21) / (1000 * (points / 100) ** 2)));
  }
  // Where q^n is no number any more, a variance is not 0.
  const at = (k: number, samples: number): number => mixtureVariance(samples, k, mixture);
  expect(at(4, 8000) / at(4, 4000)).toBeCloseTo(0.5, 2);
  expect(at(4, 1800) / at(4, 900)).toBeCloseTo(0.5, 2);
});

test('beyond n: the beta distribution by its integral, and both without rounding at large k', () => {
  const mixture = {
    probs: Float64Array.of(0.001, 0.5),
    weights: Float64Array.of(0.5, 0.5),
    logLikelihood: 0,
  };
  const found = extrapolate(mixture, { a: 2, b: 3 } as never, 10);
  // E(1-p)^10 of Beta(2, 3): prod (3+i)/(5+i).
  let miss = 1;
  for (let i = 0; i < 10; i += 1) miss *= (3 + i) / (5 + i);
  expect(found.beta).toBeCloseTo(1 - miss, 10);
  expect(found.mixture).toBeCloseTo(0.5 * (1 - 0.999 ** 10) + 0.5 * (1 - 0.5 ** 10), 12);
  expect(extrapolate(mixture as never, { a: 0.5, b: 2 } as never, 1e6).beta).toBeGreaterThan(0.9);
});

describe('in a report', () => {
  const text = (evaluation: Evaluation, step: number): string[] =>
    [...evaluation.problems].map(([problem, { n, correct }]) => `${problem},${n},${correct},${step}`);

  test('the best of equal checkpoints is the choosing', async () => {
    const probs = Array.from({ length: 200 }, (_, i) => (i % 10) / 10);
    const rows = [1, 2, 3, 4, 5].flatMap((step) => text(synthetic(probs, 4, step), step));
    const { report } = await diagnoseTexts({ 'a.csv': ['problem,n,correct,step', ...rows].join('\n') });
    const [{ best, finding }] = report.checkpoints;
    expect(best!.passAt1).toBe(Math.max(...report.checkpoints[0].rows.map(({ passAt1 }) => passAt1)));
    // Paired resamples differ by samples alone: sd of a mean of 200 x 4 is some 1.3 points, and of five the largest 1.2 sd.
    expect(best!.bias).toBeGreaterThan(0.001);
    expect(best!.bias).toBeLessThan(0.03);
    expect(finding).toContain('the best of 5 by pass@1 is');
    expect(findingsOf(report).join()).toContain('10 pairs are compared, each at 95 % by itself');
  });

  test('one is one, one point is no curve, and what cuts the curve short is named', async () => {
    const one = (await diagnoseTexts({ 'a.csv': 'problem,n,correct\np,1,1\n' })).report;
    expect(one.models[0].findings[0]).toBe('1 of 1 problem solved at least once in 1 sample; pass@1 1.000');
    expect(chartSections(one).map(({ title }) => title)).not.toContain('Pass@k');
    expect(diagnosisTables(one).some(({ title }) => title.includes('k of k'))).toBe(false);
    const short = (await diagnoseTexts({ 'a.csv': 'problem,n,correct\np,8,1\nq,2,1\nr,8,3\ns,2,0\n' }))
      .report;
    expect(short.models[0].findings).toContain(
      'k ends at 2, the n of 2 problems (q, s); --least-n 8 leaves them out',
    );
  });

  test('k beyond n are asked for, labelled, and apart from estimates', async () => {
    const csv = 'problem,n,correct\np,8,1\nq,8,3\n';
    const { models } = (await diagnoseTexts({ 'a.csv': csv }, { beyond: '4,64' })).report;
    expect(Object.keys(models[0].beyond)).toEqual(['64']);
    expect(Object.keys(models[0].passAtK)).not.toContain('64');
    expect(models[0].findings.join()).toContain('beyond n, under a model and no estimate: pass@64 would be');
    await expect(diagnoseTexts({ 'a.csv': csv }, { k: '64' })).rejects.toThrow(/--beyond/);
  });

  test('samples for an error are said with what they cannot mend', async () => {
    const { models } = (await diagnoseTexts({ 'a.csv': 'problem,n,correct\np,8,1\nq,8,3\n' }, { error: '5' }))
      .report;
    expect(models[0].samplesNeeded.points).toBe(5);
    expect(models[0].findings.join()).toMatch(
      /for 5 points over samples .* n = \d+ for pass@1.* more will not narrow the [\d.]+ points over problems/,
    );
  });
});
