import { describe, expect, test } from 'vitest';
import { runCrossover } from '../../src/experiments/crossover/run.ts';
import { firstGradients } from '../../src/experiments/updates/firstGradient.ts';
import { runObjectives } from '../../src/experiments/objectives/run.ts';
import { readConfig } from '../../src/lab/settings.ts';
import { trainJobs } from '../../src/lab/trainJobs.ts';
import { judge } from '../../src/lab/judge.ts';
import { teachingTables, trainedTables } from '../../src/lab/trainedTables.ts';
import type { LiveChart } from '../../src/lab/watcher.ts';
import { DeviceLostError } from '../../src/engine/gpu/adapter.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';
import { TwinTrainer } from '../../src/engine/twin/twinTrainer.ts';
import { ResilientEngine } from '../../src/engine/resilientEngine.ts';
import type { TrainingEvent, TrainingJob } from '../../src/engine/training.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { evenBandit } from '../../src/problem/workloads.ts';
import { FAMILY_LEVEL } from '../../src/math/stats/verdict.ts';
import { segmentsOf, trainingJob } from '../training.ts';
import { lab, watcher } from '../fakes.ts';

const bandit = compileProblem(evenBandit(4, 2, [0.4]));

describe('first gradients', () => {
  const { tables } = trainedTables(readConfig({ groupSize: '8', ks: '1,2,4' }), []);

  test('of every estimator agree with their exact law, shared parameters or not, and the flipped weight is seen', async () => {
    const { cells, controls } = await firstGradients(tables, 8, {
      trainer: new TwinTrainer(),
      watcher,
      seed: 5,
      drawIds: [0x70, 0x70 + 0xff],
      replicaCount: 2500,
    });
    expect(cells).toHaveLength(2 * tables.length);
    for (const { pValue } of cells) expect(pValue).toBeGreaterThan(FAMILY_LEVEL / cells.length);
    expect(controls.map(({ flagged, power }) => [flagged, power > 1 - 1e-6])).toEqual([[true, true]]);
  });

  /** A mutant need not be seen by all of them. */
  const few = tables.filter(({ estimatorId }) => ['rloo', 'grpo', 'pkpo'].includes(estimatorId));

  /** Weights as a kernel would have them that mixes up its tables' columns, or reads the wrong row. */
  const mutants: readonly (readonly [string, (job: TrainingJob) => TrainingJob])[] = [
    [
      'columns swapped',
      (job) => ({ ...job, weights: { correct: job.weights.wrong, wrong: job.weights.correct } }),
    ],
    [
      'one row off',
      (job) => ({
        ...job,
        weights: {
          correct: Array.from(job.weights.correct, (_, c) => job.weights.correct[Math.max(0, c - 1)]),
          wrong: Array.from(job.weights.wrong, (_, c) => job.weights.wrong[Math.max(0, c - 1)]),
        },
      }),
    ],
    ['summed over prompts', (job) => ({ ...job, optimiser: { kind: 'sgd', learningRate: 3 } })],
  ];
  test.each(mutants)('of a kernel with %s disagree', async (_, change) => {
    class Mutant extends TwinTrainer {
      override train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
        return super.train(change(job));
      }
    }
    const { cells } = await firstGradients(few, 8, {
      trainer: new Mutant(),
      watcher,
      seed: 5,
      drawIds: [0x70, 0x70 + 0xff],
      replicaCount: 2500,
    });
    expect(Math.min(...cells.map(({ pValue }) => pValue))).toBeLessThan(FAMILY_LEVEL / cells.length);
  });
});

describe('what is no number', () => {
  test('agrees with nothing, whatever else the family holds', async () => {
    class Broken extends TwinTrainer {
      override async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
        for await (const event of super.train(job)) {
          if (event.kind === 'segment') event.segment.theta?.fill(NaN, 0, 1);
          yield event;
        }
      }
    }
    const { tables } = trainedTables(readConfig({ groupSize: '4', ks: '1', estimators: 'rloo,maxrl' }), []);
    const { cells } = await firstGradients(tables, 4, {
      trainer: new Broken(),
      watcher,
      seed: 5,
      drawIds: [0x70, 0x70 + 0xff],
      replicaCount: 500,
    });
    expect(cells.map(({ pValue }) => pValue)).toEqual(cells.map(() => 0));
    const checks = [NaN, 1e-30, 0.5].map((pValue) => ({ pValue, verdict: 'agree' as const }));
    const judged = judge({ id: 'some', question: 'some checks' }, checks, 'complete');
    expect(checks.map((check) => judged.of(check).verdict)).toEqual(['disagree', 'disagree', 'agree']);
    expect(judged.summary.rejected).toBe(2);
  });
});

describe('tables of a training experiment', () => {
  test('take each estimator at the k nearest to n / 4 at which it is defined, and say what is left out', () => {
    const config = readConfig({ groupSize: '2', ks: '1,2', estimators: 'pkpo-loo1,ordergrad,rloo' });
    const { tables, notDefined } = trainedTables(config, []);
    expect(tables.map(({ estimatorId, k }) => [estimatorId, k])).toEqual([
      ['pkpo-loo1', 2],
      ['ordergrad', 1],
      ['rloo', null],
    ]);
    expect(notDefined).toEqual([]);
    const only = trainedTables(
      readConfig({ groupSize: '4', ks: '4', estimators: 'ordergrad,passk-training' }),
      [],
    );
    expect(only.notDefined.map(({ estimator }) => estimator)).toEqual(['ordergrad']);
    expect(teachingTables(only).notDefined.map(({ reason }) => reason)).toContain('all its weights are 0');
  });

  test('leave the control its power even where none of them has a weight to flip', async () => {
    const { tables } = trainedTables(readConfig({ groupSize: '8', ks: '1', estimators: 'nsr' }), []);
    const { controls } = await firstGradients(tables, 8, {
      trainer: new TwinTrainer(),
      watcher,
      seed: 5,
      drawIds: [0x70, 0x70 + 0xff],
      replicaCount: 2500,
    });
    expect(controls.map(({ flagged, power }) => [flagged, power > 1 - 1e-6])).toEqual([[true, true]]);
  });
});

describe('a run that is cut short', () => {
  test('keeps the segments handed over before, and says that it is not complete', async () => {
    const controller = new AbortController();
    const job = trainingJob(bandit, { stepCount: 200, snapshotSteps: [50, 100, 150, 200], replicaCount: 20 });
    const ends: number[] = [];
    const totals = await trainJobs(
      [job, job],
      new TwinTrainer(),
      { signal: controller.signal, onProgress: () => undefined },
      (index, { endStep }) => {
        ends.push(index * 1000 + endStep);
        if (endStep === 100) controller.abort();
      },
    );
    expect(ends).toEqual([50, 100]);
    expect(totals).toMatchObject({ complete: false, groupCount: 20 * 100, tokenCount: 20 * 100 * 8 });
  });
});

describe('a chart of what is known so far', () => {
  test('is asked for about once a second', async () => {
    class Slow extends TwinTrainer {
      override async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
        for await (const event of super.train(job)) {
          await new Promise((resolve) => setTimeout(resolve, 300));
          yield event;
        }
      }
    }
    const steps = [1, 2, 3, 4, 5, 6, 7, 8];
    const job = trainingJob(bandit, { stepCount: 8, snapshotSteps: steps, replicaCount: 2 });
    const charts: (LiveChart | undefined)[] = [];
    const chart: LiveChart = { title: 't', x: 'step', y: 'y', series: [] };
    await trainJobs(
      [job],
      new Slow(),
      { ...watcher, onProgress: ({ live }) => charts.push(live) },
      () => undefined,
      () => chart,
    );
    expect(charts).toHaveLength(8);
    expect(charts.filter((drawn) => drawn === chart).length).toBe(2);
  });
});

describe('a trainer whose host dies', () => {
  test('begins anew and hands over each segment once, as an undisturbed run would', async () => {
    const job = trainingJob(bandit, { stepCount: 40, snapshotSteps: [0, 10, 20, 30, 40], replicaCount: 10 });
    let deaths = 0;
    class Mortal extends TwinEngine {
      override async *train(own: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
        for await (const event of super.train(own)) {
          if (event.kind === 'segment' && event.segment.endStep === 20 + 10 * deaths && deaths < 2) {
            deaths += 1;
            throw new DeviceLostError('gone');
          }
          yield event;
        }
      }
    }
    const engine = await ResilientEngine.start(
      () => Promise.resolve(new Mortal()),
      (error) => error instanceof DeviceLostError,
    );
    expect(await segmentsOf(engine, job)).toEqual(await segmentsOf(new TwinTrainer(), job));
    expect(engine.recoveryCount).toBe(2);
  });
});

describe('experiments on the CPU twin', () => {
  const config = readConfig({ estimators: 'rloo,pkpo-loo1', groupSize: '8', ks: '1,4' });

  test('objectives: every objective has all its snapshots, and pass@1 rises', async () => {
    const result = await runObjectives(lab(config, new TwinEngine()));
    expect(result.complete).toBe(true);
    for (const { curves, modeCount } of result.workloads) {
      expect(curves.map(({ objective }) => objective)).toEqual([
        'rloo',
        'pkpo-loo1 k=4',
        'grpo + entropy bonus',
        'grpo + SimKO',
      ]);
      for (const { points } of curves) {
        expect(points).toHaveLength(11);
        expect(points[10].passAt1.median).toBeGreaterThan(points[0].passAt1.median + 0.2);
        expect(points[10].modes.median).toBeLessThanOrEqual(modeCount);
        for (const { passAt1, passAtK, entropy } of points) {
          expect(passAt1.low).toBeLessThanOrEqual(passAt1.high);
          expect(passAtK.median).toBeGreaterThanOrEqual(passAt1.median);
          expect(entropy.median).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });

  test('crossover: with shared parameters pass@1 training loses at large k, without it never', async () => {
    const { curves, complete } = await runCrossover(lab(config, new TwinEngine()));
    expect(complete).toBe(true);
    const find = (workload: string, objective: string): (typeof curves)[number] => {
      const found = curves.find((curve) => curve.workload === workload && curve.objective === objective);
      if (!found) throw new Error(`no ${workload} ${objective}`);
      return found;
    };
    const habit = find('one habit', 'rloo');
    expect(habit.overtaken.value).toBe(1);
    expect(habit.overtakesAtK?.median).toBeGreaterThan(1);
    expect(habit.points[0].trained.median).toBeGreaterThan(habit.points[0].initial);
    const last = habit.points.at(-1);
    expect(last?.trained.high).toBeLessThan(last?.initial ?? 0);
    expect(find('nothing shared', 'rloo').overtaken.value).toBe(0);
    // At k = 1 a majority is the sample itself.
    expect(habit.points[0].initialMajority).toBeCloseTo(habit.points[0].initial, 12);
  });
});
