import { lab } from '../fakes.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  meanPValue,
  countPValues,
  gradientChecks,
  passAtKCheck,
  secondPValues,
  type ComparisonLevels,
} from '../../src/lab/checks.ts';
import { meanCentred } from '../../src/experiments/relation/controls.ts';
import { REQUIRED_POWER } from '../../src/lab/controls.ts';
import { neededGroups, promptLaw, tableLaw, type PromptLaw } from '../../src/theory/promptLaw.ts';
import { relationProblems } from '../../src/experiments/relation/problems.ts';
import { configFromQuery, configQuery, readConfig } from '../../src/lab/settings.ts';
import { runRelation } from '../../src/experiments/relation/run.ts';
import { planRelation } from '../../src/experiments/relation/plan.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';
import { collectTallies } from '../../src/engine/collect.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { SamplerEvent, SamplingJob } from '../../src/engine/sampler.ts';
import type { PromptTally } from '../../src/engine/tally.ts';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';
import { passAtKWeight } from '../../src/math/passAtK.ts';
import { expectRelative } from '../close.ts';

const n = 16;
const k = 2;
const groupCount = 128 * 200;
/** A comparison of a family of a thousand. */
const LEVEL = 2e-7;
const levels: ComparisonLevels = {
  slopes: LEVEL,
  coordinates: LEVEL,
  passAtK: LEVEL,
  counts: LEVEL,
  second: LEVEL,
};

describe('checks on 25600 groups of a prompt with J1 = .21', () => {
  let law: PromptLaw;
  let tally: PromptTally;
  beforeAll(async () => {
    const { problem } = relationProblems()[7];
    const job: SamplingJob = {
      problem,
      groupSize: n,
      level: 'full',
      seed: 77,
      drawId: 0,
      ranges: [{ prompt: 3, firstGroup: 0, groupCount }],
    };
    tally = (await collectTallies(new TwinEngine(), job))[3];
    law = promptLaw(problem, problem.prompts[3], [weightTable(findEstimator('pkpo')!, n, k)]);
  });

  test('let an honest tally pass in every family, and agree where it is precise', () => {
    const { slope, coordinatePValues } = gradientChecks(law, law.tables[0], tally, groupCount, levels);
    expect(slope.verdict).toBe('agree');
    expect(Math.abs(slope.slope.value - slope.alpha)).toBeLessThan(5 * slope.slope.standardError);
    expect(slope.cosine).toBeGreaterThan(0.99);
    expect(Math.min(...coordinatePValues)).toBeGreaterThan(LEVEL);
    expect(passAtKCheck(law, tally, groupCount, k).pValue).toBeGreaterThan(LEVEL);
    expect(Math.min(...countPValues(law, tally, groupCount, LEVEL))).toBeGreaterThan(LEVEL);
    expect(secondPValues(law, tally, groupCount).length).toBe(3);
    expect(Math.min(...secondPValues(law, tally, groupCount))).toBeGreaterThan(LEVEL);
  });

  test('reject alpha_(k-1)', () => {
    const { slope } = gradientChecks(law, law.tables[0], tally, groupCount, levels);
    const wrong = { ...law.tables[0].slope, mean: passAtKWeight(law.theory.successProb, k - 1) };
    expect(meanPValue(slope.slope.value, wrong, groupCount, 0)).toBeLessThan(LEVEL);
  });

  test('reject mean-centred pkpo weights, which shrink the gradient by 1 - k/n', () => {
    const centred = meanCentred(law.tables[0].table);
    expectRelative(
      tableLaw(centred, law.theory).weights.effectiveAlpha / law.tables[0].alpha,
      1 - k / n,
      1e-12,
    );
    expect(
      gradientChecks(law, tableLaw(centred, law.theory), tally, groupCount, levels).slope.pValue,
    ).toBeLessThan(LEVEL);
  });

  test('reject a biased estimator: what is claimed is alpha_k, not whatever mean its weights have', () => {
    const { table } = law.tables[0];
    const halved = {
      ...table,
      correct: table.correct.map((w) => w / 2),
      wrong: table.wrong.map((w) => w / 2),
      differences: table.differences.map((d) => d / 2),
    };
    const biased = tableLaw(halved, law.theory);
    expectRelative(biased.trueSlope.mean, biased.alpha / 2, 1e-12);
    const { slope, coordinatePValues } = gradientChecks(law, biased, tally, groupCount, levels);
    expect(slope.pValue).toBeLessThan(LEVEL);
    expect(Math.min(...coordinatePValues)).toBeLessThan(LEVEL);
  });

  test('reject a gradient with one coordinate swapped for another', () => {
    const swapped = { ...law.theory, gradient: law.theory.gradient.slice() };
    [swapped.gradient[0], swapped.gradient[2]] = [swapped.gradient[2], swapped.gradient[0]];
    const { coordinatePValues } = gradientChecks(
      { ...law, theory: swapped },
      law.tables[0],
      tally,
      groupCount,
      levels,
    );
    expect(Math.min(...coordinatePValues)).toBeLessThan(LEVEL);
  });

  test('reject tallies in which a few counts moved to the neighbouring token', () => {
    const counts = tally.counts!.slice();
    const cell = counts.indexOf(Math.max(...counts));
    counts[cell] -= 1200;
    counts[cell + 1] += 1200;
    expect(Math.min(...countPValues(law, { ...tally, counts }, groupCount, LEVEL))).toBeLessThan(LEVEL);
  });

  test('reject second moments that are 3 % too large', () => {
    const second = tally.second!.map((value) => value + value / 33n);
    expect(Math.min(...secondPValues(law, { ...tally, second }, groupCount))).toBeLessThan(LEVEL);
  });
});

describe('the plan', () => {
  const plan = planRelation(readConfig({}));

  test('has eight problems of eight prompts: four horizons, two contexts, all three verifiers', () => {
    const problems = plan.problems.map(({ problem }) => problem);
    expect(new Set(problems.map(({ horizon, context }) => `${horizon} ${context}`)).size).toBe(8);
    expect(
      new Set(problems.flatMap(({ source }) => source.prompts.flatMap(({ accept }) => Object.keys(accept))))
        .size,
    ).toBe(3);
    expect(problems.map(({ prompts }) => prompts.length)).toEqual(Array(8).fill(8));
  });

  test('spaces success probabilities evenly in logit from 1e-4 to 1 - 1e-4', () => {
    for (const { laws } of plan.problems) {
      const logits = laws.map(({ theory }) => Math.log(theory.successProb / theory.failureProb));
      const steps = logits.slice(1).map((logit, i) => logit - logits[i]);
      expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(1e-3);
      expectRelative(laws[0].theory.successProb, 1e-4, 1e-3);
    }
  });

  test('says which cells are not defined, and why', () => {
    expect(plan.notDefined.map(({ estimator, k: attempts }) => `${estimator} ${attempts}`)).toEqual([
      'pkpo-loo 16',
      'pkpo-loo1 1',
      'ordergrad 16',
    ]);
  });

  test('gives each prompt the groups that its most demanding slope within the cap needs', () => {
    for (const { laws, groupCounts, problem } of plan.problems) {
      laws.forEach((law, i) => {
        const needed = law.tables.map((table) => neededGroups(table, plan.levels.slopes));
        expect(
          needed.every((groups) => groups <= groupCounts[i] || groups > 2 ** 20 / (n * problem.horizon)),
        ).toBe(true);
        expect(groupCounts[i] % 128).toBe(0);
      });
    }
  });
});

/** A sampler with a wrong comparison somewhere: here, every group loses its last trajectory's success. */
class ForgetfulSampler extends TwinEngine {
  override async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    for await (const event of super.sample(job)) {
      if (event.kind === 'chunks') {
        for (const { tally } of event.chunks) {
          const moved = Math.floor(tally.groups[2] / 50);
          tally.groups[1] += moved;
          tally.groups[2] -= moved;
        }
      }
      yield event;
    }
  }
}

describe('a whole run on the CPU twin', () => {
  const config = readConfig({ tokensPerPrompt: '131072', ks: '1,4', estimators: 'pkpo,rloo' });
  const run = (sampler: Engine, signal = new AbortController().signal): ReturnType<typeof runRelation> =>
    runRelation(lab(config, sampler, { signal, onProgress: () => undefined }));

  test('agrees, and sees every deliberate mistake that it has the power to see', async () => {
    const result = await run(new TwinEngine());
    expect(result.families.map(({ rejected }) => rejected)).toEqual([0, 0, 0, 0, 0]);
    expect(result.slopeCount.disagree).toBe(0);
    expect(result.slopeCount.agree).toBeGreaterThan(10);
    expect(result.controls.length).toBe(4);
    for (const { power, flagged } of result.controls) expect(flagged || power < REQUIRED_POWER).toBe(true);
    expect(result.controls.filter(({ power }) => power >= REQUIRED_POWER).length).toBeGreaterThanOrEqual(3);
  });

  test('leaves no comparison out: every family has as many as the plan has prompts, tables, ks and cells', async () => {
    const result = await run(new TwinEngine());
    const cells = relationProblems().flatMap(({ problem }) =>
      problem.prompts.map(({ masses }) => masses.length),
    );
    const tableCount = 3; // pkpo at two ks, rloo
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    const comparisons = Object.fromEntries(
      result.families.map((family) => [family.family, family.comparisons]),
    );
    expect(comparisons).toMatchObject({
      slopes: 64 * tableCount,
      coordinates: tableCount * sum(cells),
      passAtK: 64 * 2,
      counts: sum(cells.map((count) => (n + 1) * (1 + 2 * count))),
    });
  });

  test('disagrees with a sampler that miscounts one group in fifty', async () => {
    const result = await run(new ForgetfulSampler());
    expect(result.families.reduce((sum, { rejected }) => sum + rejected, 0)).toBeGreaterThan(0);
  });

  test('cut short, gives no verdict and reports what was finished', async () => {
    const controller = new AbortController();
    let seen = 0;
    const result = await runRelation(
      lab(config, new TwinEngine(), {
        signal: controller.signal,
        onProgress: ({ stage }) => {
          if (stage === 'sampling' && (seen += 1) === 12) controller.abort();
        },
      }),
    );
    expect(result.complete).toBe(false);
    expect(result.groupCount).toBeGreaterThan(0);
    const verdicts = result.problems.flatMap(({ prompts }) =>
      prompts.flatMap(({ slopes }) => slopes.map(({ verdict }) => verdict)),
    );
    expect(new Set(verdicts)).toEqual(new Set(['inconclusive']));
  });
});

describe('settings', () => {
  test('survive the URL, which names only what differs from the preset', () => {
    const config = readConfig({ preset: 'standard', seed: '9', ks: '1,3' });
    expect(configQuery(config)).toBe('?preset=standard&seed=9&ks=1,3');
    expect(configFromQuery(configQuery(config))).toEqual(config);
    const own = readConfig({ estimators: 'grpo:std=sample:eps=0.01,pkpo' });
    expect(configQuery(own)).toBe('?preset=quick&estimators=grpo:std=sample:eps=0.01,pkpo');
    expect(configFromQuery(configQuery(own))).toEqual(own);
  });

  test('refuse nonsense by name', () => {
    expect(() => readConfig({ groupSize: '1' })).toThrow(
      '--group-size: expected an integer in 2..128, got 1',
    );
    expect(() => configFromQuery('?estimators=pkpo,ppo')).toThrow(
      /URL parameter estimators: expected estimators among .*, got "ppo"/,
    );
    expect(() => readConfig({ groupSize: '4', ks: '5,6' })).toThrow(
      '--ks: expected at least one k <= n = 4, got 5,6',
    );
    expect(() => readConfig({ preset: 'fast' })).toThrow(
      '--preset: expected one of quick, standard, full, got "fast"',
    );
  });
});
