/** The experiments beside `relation` and `variance`: what they find, and what they must see. */
import type { ThroughputResult } from '../../src/experiments/throughput/result.ts';
import { throughputView } from '../../src/experiments/throughput/view.ts';
import { describe, expect, test } from 'vitest';
import { opposing as opposingSets, runAggregate } from '../../src/experiments/aggregate/run.ts';
import { runFigure1 } from '../../src/experiments/figure1/run.ts';
import { runPublished } from '../../src/experiments/published/run.ts';
import { familiesOf } from '../../src/lab/suite/report.ts';
import { readConfig } from '../../src/lab/settings.ts';
import { runSignal } from '../../src/experiments/signal/run.ts';
import {
  POLICIES,
  runTemperature,
  successProbAt,
  turnsOfGap,
} from '../../src/experiments/temperature/run.ts';
import { inlineEngine } from '../engine/cpu/inlineThreads.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { bandit, logitGrid } from '../../src/problem/workloads.ts';
import { countVerdicts, verdictsOf } from '../../src/lab/suite/report.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';
import { aggregateGradients } from '../../src/theory/aggregate.ts';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import {
  directionLaw,
  slopeVariance,
  totalVariance,
  weightMoments,
} from '../../src/theory/estimatorTheory.ts';
import { passAtK } from '../../src/math/passAtK.ts';
import { scoreAlong, solvePrompt } from '../../src/theory/promptTheory.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';
import { jackknife } from '../../src/math/stats/jackknife.ts';
import { studentPValue, studentQuantile } from '../../src/math/stats/tails.ts';
import { expectRelative } from '../close.ts';
import { randomProblem } from '../problems.ts';
import { FaultyEngine, lab, miscount, mistaken } from '../fakes.ts';

const config = readConfig({ groupSize: '8', ks: '1,2,4,8' });

describe('the jackknife', () => {
  test("of a mean is the mean's own standard error", () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const sum = values.reduce((total, value) => total + value, 0);
    const { standardError, degreesOfFreedom } = jackknife(
      sum / 8,
      values.map((value) => (sum - value) / 7),
    );
    const variance = values.reduce((total, value) => total + (value - sum / 8) ** 2, 0) / 7;
    expectRelative(standardError, Math.sqrt(variance / 8), 1e-12);
    expect(degreesOfFreedom).toBe(7);
  });

  test("Student's quantile is the inverse of its tail", () => {
    for (const [level, degrees] of [
      [1e-3, 31],
      [1e-7, 15],
      [0.05, 127],
    ]) {
      expectRelative(studentPValue(studentQuantile(level, degrees), degrees), level, 1e-9);
    }
    // t(0.975, 31) of the printed tables.
    expect(studentQuantile(0.05, 31)).toBeCloseTo(2.0395, 4);
  });
});

describe('figure1', () => {
  test('agrees, and measures every alpha_k with an unbiased estimator', async () => {
    const result = await runFigure1(lab(config, new TwinEngine()));
    expect(result.families.map(({ rejected }) => rejected)).toEqual([0, 0]);
    // Given the outcome every point is decided, those at high J1 among them.
    const given = result.points.flatMap(({ classes }) => classes.map(({ verdict }) => verdict));
    expect(new Set(given)).toEqual(new Set(['agree']));
    expect(given.length).toBe(result.points.flatMap(({ slopes }) => slopes).length);
    expect(result.points.length).toBe(13);
    for (const { slopes, passAtK: checks, successProb } of result.points) {
      expect(slopes.map(({ k }) => k ?? 1)).toEqual([1, 2, 4, 8]);
      for (const { estimator } of slopes)
        expect(findEstimator(estimator)!.objective.estimates).not.toBe('other');
      for (const { k, passAtK: exact } of checks) expectRelative(exact, passAtK(successProb, k), 1e-8);
    }
    expect(countVerdicts(verdictsOf({ figure1: result }), 'agree')).toBeGreaterThan(25);
  });

  test('disagrees with a sampler that miscounts', async () => {
    const result = await runFigure1(lab(config, new FaultyEngine(miscount(20))));
    expect(result.families[0].rejected).toBeGreaterThan(0);
  });
});

describe('signal', () => {
  const honest = runSignal(lab(config, inlineEngine()));

  test('measures the exact chances, (1 - J1)^n among them, and says what both ends are like', async () => {
    const result = await honest;
    expect(result.families.map(({ rejected }) => rejected)).toEqual([0, 0, 0, 0]);
    for (const { cells, allFailProb, successProb } of result.prompts) {
      const [noSuccess] = cells;
      expect(noSuccess.estimators).toContain('reinforce');
      expectRelative(noSuccess.zeroSignalProb, allFailProb, 1e-12);
      expectRelative(allFailProb, (1 - successProb) ** 8, 1e-9);
    }
    const never = result.prompts[0].cells.find(({ estimators }) => estimators.includes('w-reinforce'))!;
    expect(never.zeroSignalProb).toBe(0);
    // It does not grow with k for any, but pkpo loses: rho = (k-1)/(n-1).
    expect(result.findings[0]).toMatch(
      /factor of 0\.\d+ to 0\.\d+ .* It grows with k for none; .* falls for pkpo, from/,
    );
    const orders = (id: string): (number | null)[] =>
      result.ends.filter(({ estimator }) => estimator === id).map(({ high }) => high.order);
    expect(orders('rloo')).toEqual([1]);
    expect(orders('reinforce')).toEqual([2]);
    for (const id of ['ordergrad', 'pkpo', 'pkpo-loo', 'pkpo-loo1'])
      for (const { k, high } of result.ends.filter(({ estimator }) => estimator === id))
        if (k !== null && k > 1)
          expect(high.order).toBe(id === 'ordergrad' ? k : id === 'pkpo-loo1' ? k + 1 : 2 * k);
    // The factor of w0(0) = w0(1) = 0 is the same for every k.
    const ends = result.ends.filter(({ estimator }) => estimator === 'pkpo-loo1');
    for (const { low } of ends) expectRelative(low.snrPerRareSample, ends[0].low.snrPerRareSample!, 1e-4);
  });

  test('measures groups without success even where no chosen estimator is defined', async () => {
    const none = readConfig({ groupSize: '8', ks: '1', estimators: 'pkpo-loo1' });
    const result = await runSignal(lab(none, inlineEngine()));
    expect(result.families.map(({ rejected }) => rejected)).toEqual([0, 0, 0, 0]);
    expect(result.prompts[9].cells.map(({ estimators }) => estimators)).toEqual([['no success']]);
    expectRelative(result.prompts[9].cells[0].zeroSignalProb, 0.5 ** 8, 1e-6);
  });

  test('as p -> 0 has the SNR that its formula says, for every estimator silent without success', async () => {
    const { ends } = await honest;
    const problem = compileProblem(bandit(6, 2, logitGrid(1e-9, 1 - 1e-9, 19), 2025));
    const { correct, wrong, successProb } = solvePrompt(problem, problem.prompts[0]);
    const meanNormSq = correct!.scoreNormSq - correct!.scoreVariance;
    for (const { estimator, k, weighsAllWrong, low } of ends) {
      const table = weightTable(findEstimator(estimator)!, 8, k);
      if (weighsAllWrong || low.snr === null) continue;
      const rho = table.wrong[1] / table.correct[1];
      const factor = meanNormSq / (correct!.scoreNormSq + 7 * rho * rho * wrong!.scoreNormSq);
      expectRelative(low.snr, 8 * successProb * factor, 1e-4);
    }
  });

  test('decides at the ends of J1 what trajectories can decide, and says what none can', async () => {
    const usual = readConfig({});
    const { given } = await runSignal(lab(usual, inlineEngine()));
    const count = (index: number, verdict: string): number =>
      given[index].cells.filter(({ slope }) => slope?.verdict === verdict).length;
    expect(given.map(({ cells }) => cells.filter(({ slope }) => slope).length)).toEqual([25, 25, 25]);
    expect(given.map((_, i) => count(i, 'agree'))).toEqual([24, 7, 24]);
    expect(given.map((_, i) => count(i, 'out of reach'))).toEqual([1, 18, 1]);
    expectRelative(given[2].successProb, 1e-100, 0.01);
    for (const { cells, means } of given) {
      for (const { error } of means) expect(error.low <= 0 && error.high >= 0).toBe(true);
      for (const { variance, measuredSnr, snr, slope } of cells) {
        const values = [
          variance.share,
          variance.pValue ?? 0,
          variance.ratio?.value ?? 1,
          measuredSnr?.value ?? 0,
          snr ?? 0,
        ];
        expect(values.every(Number.isFinite)).toBe(true);
        if (slope?.ratio) expect(Number.isFinite(slope.ratio.value)).toBe(true);
        if (measuredSnr && snr !== null) expect(measuredSnr.low <= snr && snr <= measuredSnr.high).toBe(true);
      }
    }
  });

  test('disagrees with a sampler that miscounts', async () => {
    const result = await runSignal(lab(config, new FaultyEngine(miscount(50))));
    expect(result.families[0].rejected).toBeGreaterThan(0);
  });
});

describe('aggregate', () => {
  test('measures where the angle opens, and the example in which the gradients oppose each other', async () => {
    const result = await runAggregate(lab(config, new TwinEngine()));
    expect(result.families.map(({ rejected }) => rejected)).toEqual([0]);
    const cosines = (id: string): (number | null)[] =>
      result.cases.find((entry) => entry.id === id)!.cells.map(({ cosine }) => cosine);
    for (const cosine of cosines('spread-0')) expectRelative(cosine, 1, 1e-9);
    const spread = cosines('spread-2');
    expect(spread[3]!).toBeLessThan(spread[2]!);
    expect(spread[2]!).toBeLessThan(spread[1]!);
    const opposing = result.cases.at(-1)!.cells;
    // alpha_8 = 8e-7 and 3.826 at p = .9 and .1.
    const sum = [0.5 * 8e-7 - 0.25 * 3.826376, 0.05 * 3.826376];
    const first = [0.5 - 0.25, 0.05];
    const expected = (sum[0] * first[0] + sum[1] * first[1]) / Math.hypot(...sum) / Math.hypot(...first);
    expectRelative(opposing[3].cosine, expected, 1e-5);
    expectRelative(opposing[3].measuredCosine!.value, expected, 0.02);
    expect(opposing[3].verdict).toBe('agree');
    const words = opposingSets(result.cases);
    expect(words).toHaveLength(1);
    expect(words[0]).toMatch(/^two prompts.*cosine -0\.92\d at k = \d+, they oppose each other$/);
    expect(opposingSets(result.cases.slice(0, -1))).toEqual([]);
    // What is tested is the projection: its exact value is that of the exact gradients.
    for (const { cells } of result.cases) expectRelative(cells[0].projection, 1, 1e-9);
  });

  test('disagrees with a sampler that mistakes tokens', async () => {
    const result = await runAggregate(lab(config, new FaultyEngine(mistaken(10))));
    expect(result.families[0].rejected).toBeGreaterThan(0);
  });

  test('the law along any direction adds up to that of the slope and of the trace', () => {
    const problem = randomProblem({
      vocab: 3,
      horizon: 2,
      context: 'previous',
      accept: { sum: { modulus: 2, residue: 1 } },
      promptCount: 1,
    });
    const [prompt] = problem.prompts;
    const theory = solvePrompt(problem, prompt);
    const { successProb: p, failureProb: q, gradient, gradientNormSq } = theory;
    for (const [id, k] of [
      ['pkpo', 3],
      ['ordergrad', 2],
      ['grpo', null],
    ] as const) {
      const table = weightTable(findEstimator(id)!, 5, k);
      const weights = weightMoments(table, p, q);
      const along = directionLaw(table, p, q, scoreAlong(problem, prompt, gradient));
      expectRelative(along.mean, weights.effectiveAlpha * gradientNormSq, 1e-12);
      expectRelative(along.variance, slopeVariance(weights, theory) * gradientNormSq ** 2, 1e-11);
      // The trace of Cov G is the sum over the axes.
      const trace = Array.from(gradient, (_, j) => {
        const axis = Float64Array.from(gradient, (_value, i) => (i === j ? 1 : 0));
        return directionLaw(table, p, q, scoreAlong(problem, prompt, axis)).variance;
      }).reduce((sum, value) => sum + value, 0);
      expectRelative(trace, totalVariance(weights, theory), 1e-12);
    }
  });

  test('cosines are those of the exact aggregate', () => {
    const rows = aggregateGradients(
      [
        { successProb: 0.9, gradient: [1, 0] },
        { successProb: 0.1, gradient: [-0.5, 0.1] },
      ],
      [[1], [1]],
      [8],
    );
    expect(rows[0].cosine).toBeCloseTo(-0.923, 3);
  });
});

describe('temperature', () => {
  test('closes the gap by certainty, right or wrong; not where two trajectories tie', async () => {
    const result = await runTemperature(lab(config, new TwinEngine()));
    expect(result.families.map(({ rejected }) => rejected)).toEqual([0]);
    const last = (id: string): { successProb: number; gap: number } => {
      const point = result.policies.find((policy) => policy.id === id)!.points.at(-1)!;
      return { successProb: point.successProb, gap: point.gaps.find(({ k }) => k === 8)!.gap };
    };
    expect(last('likeliest-correct').successProb).toBeGreaterThan(0.999);
    expect(last('likeliest-wrong').successProb).toBeLessThan(0.001);
    expect(last('likeliest-correct').gap).toBeLessThan(0.001);
    expect(last('likeliest-wrong').gap).toBeLessThan(0.001);
    expectRelative(last('tie').gap, 0.5 - 0.5 ** 8, 1e-3);
    expect(result.findings[2]).toMatch(/rises to .*, then ends at 0\.496: it stays open/);
  });

  test('turns where theory says, at temperatures between those that are sampled', () => {
    const [correct, wrong, , greedy] = POLICIES;
    const peak = 16 ** (-1 / 15) - 16 ** (-16 / 15);
    const first = turnsOfGap(correct, 16);
    expect(first.map(({ kind }) => kind)).toEqual(['peak']);
    expectRelative(first[0].temperature, 0.407, 2e-3);
    expectRelative(first[0].gap, peak, 1e-9);
    // Twice: J1 rises past the peak's, and comes back.
    const second = turnsOfGap(wrong, 16);
    expect(second.map(({ kind }) => kind)).toEqual(['peak', 'trough', 'peak']);
    expectRelative(second[0].gap, peak, 1e-9);
    expectRelative(second[2].gap, peak, 1e-9);
    // The likeliest trajectory is correct, and a falling temperature leads elsewhere.
    expect(successProbAt(greedy, 1)).toBeCloseTo(0.405, 3);
    expect(successProbAt(greedy, 0.02)).toBeCloseTo(4.4e-5, 5);
  });

  test('leaves the gap open at a tie of first tokens, though the likeliest trajectory is decided', () => {
    const tie = { ...POLICIES[3], rows: [[0, 0, -100, -100], ...POLICIES[3].rows.slice(1)] };
    expect(successProbAt(tie, 0.02)).toBeCloseTo(0.5, 3);
  });

  test('disagrees with a sampler that miscounts', async () => {
    const result = await runTemperature(lab(config, new FaultyEngine(miscount(50))));
    expect(result.families[0].rejected).toBeGreaterThan(0);
  });
});

test('published numbers agree, but for the one whose text contradicts its own formula', () => {
  const { rows, printed } = runPublished();
  expect(printed).toEqual({ total: 7, agree: 6 });
  // Of words there is nothing to agree with.
  for (const { kind, agrees, published } of rows)
    expect([agrees === null, published === null]).toEqual([kind === 'phrase', kind === 'phrase']);
  const differing = rows.filter(({ agrees }) => agrees === false);
  expect(differing.map(({ published, ours }) => [published, ours])).toEqual([[0.25, 0.125]]);
  expect(differing[0].note).toContain('12.5 %');
  expect(rows.length).toBeGreaterThanOrEqual(27);
});

test('verdicts and families are counted over all experiments that there are', async () => {
  const signal = await runSignal(lab(config, inlineEngine()));
  const results = { signal, published: runPublished() };
  expect(familiesOf(results).map(({ family }) => family)).toEqual([
    ...['silence', 'endSlopes', 'endVariances', 'endCells'],
  ]);
  const ends = signal.given.flatMap(({ cells }) => cells.flatMap(({ slope }) => (slope ? [1, 1] : [1])));
  expect(verdictsOf(results).length).toBe(
    signal.prompts.reduce((sum, { cells }) => sum + cells.length, 0) + ends.length,
  );
  expect(verdictsOf({})).toEqual([]);
});

describe('throughput', () => {
  /** as reports had them before there were repetitions */
  const row = { engine: 'cpu', adapter: 'a', level: 'groups', tokenCount: 1e6, tokensPerCpuSecond: null };
  const textOf = (durationMs: number, resolutionMs: number): string => {
    const earlier = {
      ...{ experiment: 'throughput', complete: true, description: '' },
      rows: [{ ...row, durationMs, resolutionMs, tokensPerSecond: 1e9 / durationMs }],
    };
    return JSON.stringify(throughputView(earlier as unknown as ThroughputResult));
  };

  test('gives no rate of a time that is under twenty steps of its clock', () => {
    expect(textOf(100, 0.005)).toContain('10.0 M');
    expect(textOf(100, 5)).toContain('10.0 M');
    expect(textOf(100, 5.1)).toContain('timer too coarse');
    expect(textOf(100, 5.1)).not.toContain('10.0 M');
  });
});
