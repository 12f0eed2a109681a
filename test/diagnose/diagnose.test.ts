import { describe, expect, test } from 'vitest';
import { classesOf } from '../../src/diagnose/classes.ts';
import { fitBeta, fitMixture } from '../../src/diagnose/difficulty.ts';
import type { Evaluation } from '../../src/diagnose/evaluation.ts';
import { comparePair } from '../../src/diagnose/pairs.ts';
import { curveKs, passAtKCurve } from '../../src/diagnose/passAtKCurve.ts';
import { diagnoseEvaluations } from '../../src/diagnose/report.ts';
import { DEFAULT_SETTINGS } from '../../src/diagnose/settings.ts';
import { diagnosisMarkdown } from '../../src/diagnose/tables.ts';
import { trainingView } from '../../src/diagnose/trainingView.ts';
import { passAtK, unbiasedPassAtK } from '../../src/math/passAtK.ts';
import { expectRelative } from '../close.ts';
import { synthetic } from '../evaluations.ts';

describe('pass@k', () => {
  test('says something where nothing or everything was seen, and stays within 0 and 1', () => {
    const make = (correct: number, problems: number): Evaluation => ({
      model: 'm',
      checkpoint: null,
      problems: new Map(Array.from({ length: problems }, (_, i) => [`p${i}`, { n: 8, correct }])),
    });
    for (const [correct, value] of [
      [0, 0],
      [8, 1],
    ]) {
      const curve = passAtKCurve(
        classesOf(make(correct, 10)),
        fitMixture([{ n: 8, correct, problemCount: 10 }]),
        [1, 8],
        {
          ...DEFAULT_SETTINGS,
          resampleCount: 100,
        },
      );
      for (const { overProblems, overSamples } of curve) {
        for (const { low, high } of [overProblems, overSamples]) {
          expect([low, high]).toContain(value);
          expect(high - low).toBeGreaterThan(0.04);
          expect(Math.min(low, 1 - high)).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });

  test('of long runs is known to their own precision: the fit of p follows the rates that occur', () => {
    const { probs, weights } = fitMixture([{ n: 100_000, correct: 45_123, problemCount: 1 }]);
    expectRelative(
      weights.reduce((sum, weight, g) => sum + weight * probs[g], 0),
      0.45123,
      1e-3,
    );
    expect(
      Number.isFinite(fitMixture([{ n: 1_000_000, correct: 450_000, problemCount: 1 }]).logLikelihood),
    ).toBe(true);
  });

  test('pooled equals the definition by listing subsets', async () => {
    const evaluation: Evaluation = {
      model: 'm',
      checkpoint: null,
      problems: new Map([
        ['a', { n: 6, correct: 2 }],
        ['b', { n: 6, correct: 0 }],
        ['c', { n: 7, correct: 5 }],
      ]),
    };
    const listed = (n: number, correct: number, k: number): number => {
      let [hits, all] = [0, 0];
      for (let bits = 0; bits < 2 ** n; bits += 1) {
        const chosen = Array.from({ length: n }, (_, i) => (bits >> i) & 1);
        if (chosen.reduce((sum, bit) => sum + bit, 0) !== k) continue;
        all += 1;
        if (chosen.slice(0, correct).some((bit) => bit === 1)) hits += 1;
      }
      return hits / all;
    };
    const report = await diagnoseEvaluations([evaluation], [], { ...DEFAULT_SETTINGS, resampleCount: 100 });
    const [model] = report.models;
    expect(Object.keys(model.passAtK)).toEqual(['1', '2', '3', '4', '5', '6']);
    for (let k = 1; k <= 6; k += 1) {
      const mean = (listed(6, 2, k) + 0 + listed(7, 5, k)) / 3;
      expectRelative(model.passAtK[String(k)].value, mean, 1e-12);
    }
    expect(model).toMatchObject({
      problemCount: 3,
      sampleCount: 19,
      solvedCount: 2,
      leastSamples: 6,
      mostSamples: 7,
    });
  });

  test('of k beyond the least n is refused with the reason', async () => {
    const evaluation = synthetic([0.5, 0.5], 8, 1);
    await expect(diagnoseEvaluations([evaluation], [], { ...DEFAULT_SETTINGS, ks: [9] })).rejects.toThrow(
      'no unbiased estimator of pass@k exists for k > n',
    );
  });

  test('a curve has every k, or a grid of them where they are many', () => {
    expect(curveKs(5, [])).toEqual([1, 2, 3, 4, 5]);
    const many = curveKs(10_000, [777]);
    expect(many.slice(0, 256)).toEqual(Array.from({ length: 256 }, (_, i) => i + 1));
    expect(many).toContain(777);
    expect(many.at(-1)).toBe(10_000);
    expect(many.length).toBeLessThan(320);
  });
});

describe('two models', () => {
  // Sharper after training: what was likely is certain, what was unlikely is gone.
  const before = Array.from({ length: 300 }, (_, i) => 0.7 * ((i + 0.5) / 300) ** 3);
  const after = before.map((p) => (p > 0.1 ? Math.min(1, 2 * p) : p / 50));

  test('the k at which the first overtakes is found, where the exact curves cross', () => {
    const pair = comparePair(synthetic(before, 64, 3, 'before'), synthetic(after, 64, 4, 'after'), {
      ...DEFAULT_SETTINGS,
      resampleCount: 500,
    });
    const exact = (probs: readonly number[], k: number): number =>
      probs.reduce((sum, p) => sum + passAtK(p, k), 0);
    let crossing = 1;
    while (exact(before, crossing) <= exact(after, crossing)) crossing += 1;
    expect(pair.overtaking?.model).toBe('before');
    expect(pair.overtaking?.resolved).toBe(true);
    expect(pair.overtakesAtK).not.toBeNull();
    expect(crossing).toBeGreaterThanOrEqual(pair.overtaking!.low);
    expect(crossing).toBeLessThanOrEqual(pair.overtaking!.high);
    expect(pair.difference['1'].high).toBeLessThan(0);
    expect(pair.difference['64'].low).toBeGreaterThan(0);
    expect(pair.finding).toContain('before overtakes at k =');
    expect(pair.winsOfA + pair.winsOfB + pair.ties).toBe(300);
  });

  test('alike are not told apart, and problems that only one has are left out and counted', () => {
    const a = synthetic(before, 64, 3, 'a');
    const b = synthetic(before, 64, 9, 'b');
    const fewer: Evaluation = { ...b, problems: new Map([...b.problems].slice(10)) };
    const pair = comparePair(a, fewer, { ...DEFAULT_SETTINGS, resampleCount: 500, level: 0.99 });
    expect(pair).toMatchObject({ problemCount: 290, onlyInA: 10, onlyInB: 0 });
    for (const { low, high } of Object.values(pair.difference)) {
      expect(low).toBeLessThan(0);
      expect(high).toBeGreaterThan(0);
    }
    const strangers = comparePair(
      a,
      { ...b, problems: new Map([['z', { n: 4, correct: 1 }]]) },
      DEFAULT_SETTINGS,
    );
    expect(strangers.finding).toBe('a and b have no problem in common');
    expect(strangers.difference).toEqual({});
  });

  const make = (model: string, n: number, corrects: readonly number[]): Evaluation => ({
    model,
    checkpoint: null,
    problems: new Map(corrects.map((correct, i) => [`p${i}`, { n, correct }])),
  });
  const few = { ...DEFAULT_SETTINGS, resampleCount: 100 };

  test('four problems that only one solves are no lead: the exact sign test decides where k is n', () => {
    const bits = (ones: number, from = 0): number[] =>
      Array.from({ length: 60 }, (_, i) => Number(i >= from && i < from + ones));
    const settings = { ...DEFAULT_SETTINGS, resampleCount: 2000, level: 0.95 };
    // B solves what A does, and four more: p = 2 / 2^4.
    const pair = comparePair(make('A', 1, bits(20)), make('B', 1, bits(24)), settings);
    expect(pair.difference['1'].signTest).toBe(0.125);
    expect(pair.difference['1'].high).toBe(0);
    expect(pair.finding).toContain('no difference is resolved at k = 1');
    // Eight the one way and none the other: p = 2 / 2^8.
    const clear = comparePair(make('A', 1, bits(20)), make('B', 1, bits(28)), settings);
    expect(clear.difference['1'].signTest).toBe(2 / 256);
    expect(clear.finding).toContain('B leads at k = 1');
    // At k below n there is a rate, and no sign to count.
    const more = comparePair(make('A', 4, bits(20)), make('B', 4, bits(24)), settings);
    expect([more.difference['1'].signTest, more.difference['4'].signTest]).toEqual([null, 0.125]);
  });

  test('a tie at k = 1 has no leader, and rounding makes none', () => {
    // 7 + 1 + 1 against 3 + 3 + 3 of 9: equal sums, other problems.
    const pair = comparePair(make('a', 9, [7, 1, 1]), make('b', 9, [3, 3, 3]), few);
    expect(pair.difference['1'].value).toBe(0);
    expect(pair.overtakesAtK).toBeNull();
    expect(pair.finding).toContain('a and b are equal at k = 1; b is ahead from k = 2 on');
    expect(comparePair(make('a', 9, [7, 1]), make('b', 9, [7, 1]), few).finding).toContain(
      'are equal at every k',
    );
  });

  test('the least k is found between those of a long curve', () => {
    const a = make('a', 1000, [900, 900, 900, 0, 0, 0]);
    const b = make('b', 1000, [300, 1, 1, 1, 1, 0]);
    const { overtakesAtK } = comparePair(a, b, few);
    const mean = (entry: Evaluation, k: number): number =>
      [...entry.problems.values()].reduce((sum, { n, correct }) => sum + unbiasedPassAtK(n, correct, k), 0);
    let k = 1;
    while (mean(b, k) <= mean(a, k) + 1e-12) k += 1;
    expect(overtakesAtK).toBe(k);
  });

  test('a sentence says what it leaves out, and how many samples each had', () => {
    const { finding } = comparePair(make('a', 8, [4, 2, 1]), make('b', 16, [9, 1]), few);
    expect(finding).toContain('on the 2 problems that both have (1 and 0 are left out)');
    expect(finding).toContain('in 8 and 16 samples');
  });

  test('counts are of the common problems, by hand', () => {
    const make = (model: string, corrects: readonly number[]): Evaluation => ({
      model,
      checkpoint: null,
      problems: new Map(corrects.map((correct, i) => [`p${i}`, { n: 4, correct }])),
    });
    const pair = comparePair(make('a', [4, 1, 0, 0, 2]), make('b', [4, 0, 3, 0, 1]), {
      ...DEFAULT_SETTINGS,
      resampleCount: 100,
    });
    expect(pair).toMatchObject({
      solvedOnlyByA: 1,
      solvedOnlyByB: 1,
      solvedByBoth: 2,
      solvedByNeither: 1,
      winsOfA: 2,
      winsOfB: 1,
      ties: 2,
      examplesOnlyByA: ['p1'],
      examplesOnlyByB: ['p2'],
    });
    expectRelative(pair.difference['1'].value, (7 - 8) / 20, 1e-12);
  });
});

describe('checkpoints', () => {
  const series = (probs: readonly (readonly number[])[]): Evaluation[] =>
    probs.map((own, step) => ({
      ...synthetic(own, 32, 20 + step, 'm'),
      checkpoint: String(100 * (step + 1)),
    }));
  const start = Array.from({ length: 400 }, (_, i) => 0.5 * ((i + 0.5) / 400) ** 2);
  const settings = { ...DEFAULT_SETTINGS, resampleCount: 300 };

  test('collapse is said where pass@1 rises and pass@k falls', async () => {
    const sharper = start.map((p) => (p > 0.15 ? 0.95 : p / 30));
    const { checkpoints } = await diagnoseEvaluations(series([start, start, sharper]), [], settings);
    expect(checkpoints).toHaveLength(1);
    expect(checkpoints[0].collapse).toBe('yes');
    expect(checkpoints[0].rows.map(({ checkpoint }) => checkpoint)).toEqual(['100', '200', '300']);
    expect(checkpoints[0].rows[2].lost).toBeGreaterThan(checkpoints[0].rows[1].lost);
  });

  test('is not resolved where data are few, nor asked with one sample a problem, nor of other problems', async () => {
    const make = (step: number, n: number, corrects: readonly number[], from = 0): Evaluation => ({
      model: 'm',
      checkpoint: String(step),
      problems: new Map(corrects.map((correct, i) => [`p${i + from}`, { n, correct }])),
    });
    const verdict = async (...all: Evaluation[]): Promise<{ collapse: string; finding: string }> =>
      (await diagnoseEvaluations(all, [], settings)).checkpoints[0];
    expect((await verdict(make(1, 16, [3, 1, 1, 1, 1, 0]), make(2, 16, [16, 6, 0, 0, 0, 0]))).collapse).toBe(
      'not resolved',
    );
    expect((await verdict(make(1, 1, [1, 0, 0]), make(2, 1, [1, 1, 0]))).finding).toContain(
      'with one sample a problem',
    );
    const other = await verdict(make(1, 4, [1, 1, 0]), make(2, 4, [1, 1, 0, 4, 4, 4]));
    expect(other.finding).toContain('3 problems that some lack are left out');
    expect(other.finding).toContain('pass@1 0.167 to 0.167');
    expect((await verdict(make(1, 4, [1]), make(2, 4, [1], 5))).finding).toContain('no problem in common');
  });

  test('and not where both rise', async () => {
    const better = start.map((p) => Math.min(1, 3 * p + 0.02));
    const { checkpoints } = await diagnoseEvaluations(series([start, better]), [], settings);
    expect(checkpoints[0].collapse).toBe('no');
  });
});

describe('difficulty', () => {
  test('the mixture finds two kinds of problems, and a beta distribution shows what it misses', () => {
    const probs = Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? 0.1 : 0.8));
    const { classes } = classesOf(synthetic(probs, 100, 8));
    const mixture = fitMixture(classes);
    const near = (p: number): number =>
      mixture.weights.reduce(
        (sum, weight, g) => sum + (Math.abs(mixture.probs[g] - p) < 0.05 ? weight : 0),
        0,
      );
    expect(near(0.1)).toBeGreaterThan(0.45);
    expect(near(0.8)).toBeGreaterThan(0.45);
    const beta = fitBeta(classes);
    expect(mixture.logLikelihood).toBeGreaterThan(beta.logLikelihood + 1);
    expect(beta.largestDifference).toBeGreaterThan(0.1);
  });

  test('a beta distribution is found where it is one', () => {
    // p = u^(1/2) is Beta(2, 1).
    const probs = Array.from({ length: 2000 }, (_, i) => Math.sqrt((i + 0.5) / 2000));
    const { a, b, largestDifference } = fitBeta(classesOf(synthetic(probs, 64, 12)).classes);
    expect(Math.abs(a - 2)).toBeLessThan(0.25);
    expect(Math.abs(b - 1)).toBeLessThan(0.12);
    expect(largestDifference).toBeLessThan(0.03);
  });
});

describe('what training would see', () => {
  const one = (p: number): Parameters<typeof trainingView>[0] => ({
    probs: Float64Array.of(p),
    weights: Float64Array.of(1),
    logLikelihood: 0,
  });

  test('groups without signal follow (1 - p)^n + p^n, weights follow alpha_eff', () => {
    const view = trainingView(one(0.2), [8], 1000);
    expectRelative(view.groups[0].noneCorrect, 0.8 ** 8, 1e-12);
    const find = (id: string, k: number | null): (typeof view.cells)[number] => {
      const found = view.cells.find((cell) => cell.estimator === id && cell.k === k);
      if (!found) throw new Error(`no ${id}`);
      return found;
    };
    expectRelative(find('rloo', null).silent, 0.8 ** 8 + 0.2 ** 8, 1e-12);
    expectRelative(find('ordergrad', 4).shares[2].meanWeight, 4 * 0.8 ** 3, 1e-12);
    expect(find('ordergrad', 4).shares[2].weight).toBe(1);
    // reinforce on a needle: G.g/|g|^2 has mean 1, E|G|^2 = Var + |g|^2 with c/n of mean p and variance p q / n.
    expectRelative(find('reinforce', null).signal, 0.2 ** 2 / (0.2 ** 2 + (0.2 * 0.8) / 8), 1e-9);
  });

  test('as k grows weight moves to hard problems', () => {
    const mixture = {
      probs: Float64Array.of(0.05, 0.6),
      weights: Float64Array.of(0.5, 0.5),
      logLikelihood: 0,
    };
    const cells = trainingView(mixture, [32], 1000).cells.filter(
      ({ estimator }) => estimator === 'ordergrad',
    );
    const hard = cells.map(({ weightOnHard }) => weightOnHard);
    expect(hard).toEqual([...hard].sort((a, b) => a - b));
    expect(hard.at(-1)).toBeGreaterThan(0.99);
  });
});

describe('the report', () => {
  test('has the fixed names, and its Markdown every table', async () => {
    const report = await diagnoseEvaluations(
      [synthetic([0.1, 0.5, 0.9], 16, 1, 'a'), synthetic([0.2, 0.4, 0.9], 16, 2, 'b|c')],
      [],
      { ...DEFAULT_SETTINGS, resampleCount: 100, ks: [3] },
    );
    expect(report.models[0].passAtK['3']).toMatchObject({ level: 0.95 });
    for (const name of ['value', 'standardError', 'low', 'high', 'level'])
      expect(report.models[0].passAtK['1']).toHaveProperty(name);
    expect(report.pairs).toHaveLength(1);
    for (const name of [
      'a',
      'b',
      'difference',
      'overtakesAtK',
      'solvedOnlyByA',
      'solvedOnlyByB',
      'solvedByBoth',
      'solvedByNeither',
    ])
      expect(report.pairs[0]).toHaveProperty(name);
    const markdown = diagnosisMarkdown(report);
    expect(markdown).toContain('| 3 |');
    // Two curves, two of k of k, one difference.
    expect(markdown.split('\n').filter((line) => line.startsWith('| k |'))).toHaveLength(5);
    expect(JSON.stringify(report)).not.toContain('null,"standardError"');
  });
});
