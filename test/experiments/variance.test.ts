import { describe, expect, test } from 'vitest';
import {
  addBlocks,
  blockSums,
  exactScoreMoments,
  MomentReader,
  StructuralLaw,
  without,
} from '../../src/experiments/variance/blockMoments.ts';
import { readConfig } from '../../src/lab/settings.ts';
import { runVariance, shownVariance } from '../../src/experiments/variance/run.ts';
import { BLOCK_COUNT, planVariance } from '../../src/experiments/variance/plan.ts';
import { collectTallies } from '../../src/engine/collect.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';
import { everyPrompt } from '../../src/engine/sampler.ts';
import type { PromptTally } from '../../src/engine/tally.ts';
import { estimators } from '../../src/estimators/estimators.ts';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import { totalVariance, weightMoments } from '../../src/theory/estimatorTheory.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { parseProblem } from '../../src/problem/problemFile.ts';
import { solvePrompt } from '../../src/theory/promptTheory.ts';
import { tableFromWeights, weightTable, type WeightTable } from '../../src/estimators/weightTables.ts';
import { expectRelative } from '../close.ts';
import { oracleText, ORACLE_PROBLEMS } from '../oracle.ts';
import { FaultyEngine, lab, mistaken, watcher } from '../fakes.ts';

const N = 8;
const tables = estimators.map((estimator) => weightTable(estimator, N, estimator.usesK ? 2 : null));

describe.each(ORACLE_PROBLEMS)('at %s', (name) => {
  const problem = compileProblem(parseProblem(oracleText(`${name}.problem.json`), name));
  const [prompt] = problem.prompts;
  const theory = solvePrompt(problem, prompt);
  const exact = (table: WeightTable): number =>
    totalVariance(weightMoments(table, theory.successProb, theory.failureProb), theory);

  test('the structural law of exact moments is the exact variance', () => {
    for (const table of tables) {
      const structural = new StructuralLaw(table, theory).variance(exactScoreMoments(theory));
      expectRelative(structural, exact(table), 1e-10);
    }
  });

  test('both measured variances come out within a few per cent on 20000 groups', async () => {
    // Relative standard errors here are below 2 %: a fixed seed, and 8 % is beyond four of them.
    const tallies = await collectTallies(new TwinEngine(), {
      problem,
      groupSize: N,
      level: 'full',
      seed: 4,
      drawId: 0,
      ranges: everyPrompt(problem, 0, 20000),
    });
    const reader = new MomentReader(problem, prompt, theory, N);
    const sums = blockSums(tallies[0]);
    const moments = reader.scoreMoments(sums);
    for (const table of tables) {
      expectRelative(new StructuralLaw(table, theory).variance(moments), exact(table), 0.08);
      expectRelative(reader.directVariance(sums, table), exact(table), 0.15);
    }
  });
});

test('blocks add up, and leaving one out takes it off again', async () => {
  const problem = compileProblem(parseProblem(oracleText('bandit4.problem.json'), 'bandit4'));
  const block = async (first: number): Promise<ReturnType<typeof blockSums>> =>
    blockSums(
      (
        await collectTallies(new TwinEngine(), {
          problem,
          groupSize: 3,
          level: 'full',
          seed: 1,
          drawId: 0,
          ranges: [{ prompt: 0, firstGroup: first, groupCount: 50 }],
        })
      )[0],
    );
  const [a, b] = [await block(0), await block(50)];
  expect(without(addBlocks([a, b]), b)).toEqual(a);
});

describe('the plan', () => {
  const groups = (settings: Record<string, string>, own: WeightTable[] = []): unknown[] =>
    planVariance(readConfig(settings), own).jobs.map(({ groupSize, ranges }) => [groupSize, ranges]);

  test('draws the same groups whatever estimators and ks are asked for', () => {
    expect(groups({ estimators: 'pkpo', ks: '2' })).toEqual(groups({ ks: '1,2,3,4,5,6,7,8,9,10,11,12' }));
  });

  test('gives every group size the same number of trajectories of a prompt', () => {
    const plan = planVariance(readConfig({ groupSizes: '4,16,64' }), []);
    for (let prompt = 0; prompt < 3; prompt += 1) {
      const samples = plan.prompts.map(
        (prompts) => prompts[prompt].blockSize * prompts[prompt].n * BLOCK_COUNT,
      );
      for (const count of samples) expectRelative(count, samples[0], 0.01);
    }
  });

  test('samples at the n of an own estimator, too', () => {
    const own = { ...weightTable(findEstimator('ordergrad')!, 6, 3), estimatorId: 'mine' };
    const plan = planVariance(readConfig({ groupSizes: '4' }), [own]);
    expect(plan.jobs.map(({ groupSize }) => groupSize)).toEqual([4, 6]);
    expect(plan.prompts[1][0].cells.map(({ law }) => law.table.estimatorId)).toContain('mine');
  });

  test('tests no direct variance whose weights are rare in a block', () => {
    const plan = planVariance(readConfig({ groupSizes: '8', ks: '2,8', estimators: 'pkpo,pkpo-loo1' }), []);
    const testable = plan.prompts[0][2].cells.map(
      ({ law, isDirectTestable }) => `${law.table.estimatorId} ${law.table.k} ${isDirectTestable}`,
    );
    // J1 = .9: at k = 8 pkpo-loo1 has weight only at c = 1, once in 1.4e6 groups.
    expect(testable).toEqual(['pkpo 2 true', 'pkpo 8 true', 'pkpo-loo1 2 true', 'pkpo-loo1 8 false']);
  });
});

describe('a run of 2^16 trajectories on the CPU twin', () => {
  const config = readConfig({ groupSizes: '8', ks: '1,2,4,7', varianceSamples: String(2 ** 16) });

  test('agrees with every exact law, in all four families', async () => {
    const result = await runVariance(lab(config, new TwinEngine()));
    expect(result.families.map(({ family, rejected }) => [family, rejected])).toEqual([
      ['means', 0],
      ['structural', 0],
      ['direct', 0],
      ['varianceByClass', 0],
    ]);
    // What plain groups are too rare for is measured by c.
    const rare = result.prompts
      .flatMap((prompt) => prompt.cells)
      .filter(({ direct }) => direct.pValue === null);
    expect(rare.length).toBeGreaterThan(0);
    for (const { byClass } of rare) expect(byClass).not.toBe(null);
    expect(rare.some(({ byClass }) => byClass?.verdict === 'agree')).toBe(true);
    const cells = result.prompts.flatMap((prompt) => prompt.cells);
    expect(cells.length).toBe(3 * (11 + 4 * 5 + 3));
    const agreed = cells.filter(({ structural }) => structural.verdict === 'agree');
    expect(agreed.length).toBeGreaterThan(90);
    for (const { snr, measuredSnr, samplesForSnr1 } of agreed) {
      if (snr === null || measuredSnr === null || snr < 0.05) continue;
      expect(Math.abs(measuredSnr.value - snr)).toBeLessThan(6 * measuredSnr.standardError);
      expectRelative(samplesForSnr1, N / snr, 1e-12);
    }
    expect(shownVariance(result)).toEqual({ groupSize: 8, k: 4 });
    expect(new Set(result.tallies.map(({ sha256 }) => sha256)).size).toBe(6);
  });

  test('sees a mean-centred pkpo that claims to be pkpo by its bias, and agrees with its variance', async () => {
    const pkpo = weightTable(findEstimator('pkpo')!, 8, 4);
    const mean = (c: number): number => (c * pkpo.correct[c] + (8 - c) * pkpo.wrong[c]) / 8;
    const own = tableFromWeights(
      { ...pkpo, estimatorId: 'mine' },
      pkpo.correct.map((weight, c) => (c === 0 ? 0 : weight - mean(c))),
      pkpo.wrong.map((weight, c) => (c === 8 ? 0 : weight - mean(c))),
    );
    const result = await runVariance(
      lab({ ...config, estimators: ['pkpo'] }, new TwinEngine(), watcher, [own]),
    );
    const [hard] = result.prompts;
    const mine = hard.cells.find(({ estimator }) => estimator === 'mine')!;
    expectRelative(mine.bias!.exact, -0.5 * mine.alpha!, 1e-12);
    expectRelative(mine.bias!.measured, -0.5 * mine.alpha!, 0.1);
    expect([mine.structural.verdict, mine.direct.verdict]).toEqual(['agree', 'agree']);
  });

  test.each([
    ['one correct token in 50 counted as another', mistaken(50), 'means'],
    [
      'second moments of correct pairs 10 % too large',
      (tally: PromptTally) => {
        tally.second!.forEach((value, i) => {
          if (i % 3 === 0) tally.second![i] = (value * 110n) / 100n;
        });
      },
      'structural',
    ],
    [
      'second moments of mixed pairs with the wrong sign',
      (tally: PromptTally) => {
        tally.second!.forEach((value, i) => {
          if (i % 3 === 1) tally.second![i] = -value;
        });
      },
      'direct',
    ],
  ] as const)('disagrees with a sampler that has %s', async (_, change, family) => {
    const result = await runVariance(lab(config, new FaultyEngine(change)));
    expect(result.families.find((judged) => judged.family === family)!.rejected).toBeGreaterThan(0);
  });

  test('cut short, gives no verdict', async () => {
    const controller = new AbortController();
    const result = await runVariance(
      lab(config, new TwinEngine(), {
        signal: controller.signal,
        onProgress: ({ stage }) => {
          if (stage === 'sampling') controller.abort();
        },
      }),
    );
    expect(result.complete).toBe(false);
    expect(result.families).toEqual([]);
    const verdicts = result.prompts.flatMap(({ cells }) => cells.map(({ structural }) => structural.verdict));
    expect(verdicts.every((verdict) => verdict === 'inconclusive')).toBe(true);
  });
});
