import { describe, expect, test } from 'vitest';
import { tallyOverRange } from '../../../src/engine/collect.ts';
import { HostLostError } from '../../../src/engine/resilientEngine.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { mergeTallyFiles } from '../../../src/engine/tallyFile.ts';
import { compileProblem } from '../../../src/problem/problem.ts';
import { parseProblem } from '../../../src/problem/problemFile.ts';
import { ORACLE_TALLIES, oracleJson, oracleText } from '../../oracle.ts';
import { everyPrompt } from '../../../src/engine/sampler.ts';
import type { TallyFile } from '../../../src/engine/tallyFile.ts';
import { randomProblem } from '../../problems.ts';
import { segmentsOf, trainingJob } from '../../training.ts';
import { job, shapes } from '../shapes.ts';
import { inlineEngine, inlineThread, type InlineThread } from './inlineThreads.ts';

const problem = randomProblem(shapes[0][1]);

describe('the CPU engine', () => {
  test.each(['simd', 'scalar'] as const)(
    'gives every known answer, %s, and not under a fault',
    async (form) => {
      const engine = inlineEngine({ form });
      const { caseCount, failures } = await engine.selfTest();
      expect([failures, caseCount > 100]).toEqual([[], true]);
      expect((await engine.selfTest('strict-threshold')).failures.length).toBeGreaterThan(0);
    },
  );

  test.each(ORACLE_TALLIES)('prints the reference tally of %s to the last bit', async (name) => {
    const reference = oracleJson<TallyFile>(`${name}.tally.json`);
    const own = compileProblem(parseProblem(oracleText(`${name}.problem.json`), name));
    const { level, seed, experiment, groupSize, firstGroup, groupCount } = reference;
    const ranges = everyPrompt(own, firstGroup, groupCount);
    const request = { problem: own, groupSize, level, seed, drawId: experiment, ranges };
    expect(await tallyOverRange(inlineEngine(), request)).toEqual(reference);
  });

  test.each([1, 2, 3])(
    'counts alike on %i threads; halves of two engines, merged, are the whole',
    async (count) => {
      const whole = await tallyOverRange(new TwinEngine(), job(problem, 6, 'full', 100, 301));
      const engine = inlineEngine({ threadCount: count });
      expect(await tallyOverRange(engine, job(problem, 6, 'full', 100, 301))).toEqual(whole);
      const halves = [
        { name: 'a', file: await tallyOverRange(engine, job(problem, 6, 'full', 250, 151)) },
        { name: 'b', file: await tallyOverRange(new TwinEngine(), job(problem, 6, 'full', 100, 150)) },
      ];
      expect(await mergeTallyFiles(halves)).toEqual(whole);
    },
  );

  test.each(['strict-threshold', 'scaled-word'] as const)(
    'plants the fault %s as the twin does',
    async (fault) => {
      const faulty = { ...job(problem, 6, 'full', 0, 200), fault };
      const honest = await tallyOverRange(new TwinEngine(), job(problem, 6, 'full', 0, 200));
      const found = await tallyOverRange(inlineEngine(), faulty);
      expect(found).toEqual(await tallyOverRange(new TwinEngine(), faulty));
      if (fault === 'scaled-word') expect(found.sha256).not.toBe(honest.sha256);
    },
  );
});

describe('threads that die', () => {
  /** Threads of which each dies some turns after its start, until enough have. */
  function mortal(deaths: number, afterMs: number): { spawn: () => InlineThread; spawned: () => number } {
    let left = deaths;
    let count = 0;
    return {
      spawned: () => count,
      spawn: () => {
        const thread = inlineThread();
        count += 1;
        if (left > 0) {
          left -= 1;
          setTimeout(() => thread.kill(), afterMs);
        }
        return thread;
      },
    };
  }

  test('are replaced, and the tally is the undisturbed one', async () => {
    const request = job(problem, 64, 'moments', 0, 40_000);
    const undisturbed = await tallyOverRange(inlineEngine(), request);
    const { spawn, spawned } = mortal(2, 30);
    expect(await tallyOverRange(inlineEngine({ spawn }), request)).toEqual(undisturbed);
    expect(spawned()).toBe(4);
  });

  test('after a tally is handed over, and before its task is done: it is counted once', async () => {
    const request = job(problem, 64, 'moments', 0, 40_000);
    const undisturbed = await tallyOverRange(inlineEngine(), request);
    let deaths = 0;
    const spawn = (): InlineThread => {
      const thread = inlineThread();
      return {
        ...thread,
        listen: (receive) =>
          thread.listen((event) => {
            receive(event);
            if (event.kind !== 'tally' || deaths >= 2) return;
            deaths += 1;
            thread.kill();
          }),
      };
    };
    expect(await tallyOverRange(inlineEngine({ spawn }), request)).toEqual(undisturbed);
    expect(deaths).toBe(2);
  });

  test('are replaced in training, and every segment comes once', async () => {
    const request = trainingJob(problem, {
      ...{ stepCount: 60, snapshotSteps: [0, 20, 60], replicaCount: 1000, groupSize: 40 },
    });
    const undisturbed = await segmentsOf(inlineEngine(), request);
    const { spawn } = mortal(2, 60);
    expect(await segmentsOf(inlineEngine({ spawn }), request)).toEqual(undisturbed);
  });

  test('one after the other end the job', async () => {
    const { spawn } = mortal(100, 1);
    await expect(
      tallyOverRange(inlineEngine({ spawn }), job(problem, 64, 'moments', 0, 40_000)),
    ).rejects.toThrow(HostLostError);
  });
});

test('a job that is left stops its threads within a slice, and the next one begins at once', async () => {
  const engine = inlineEngine();
  const long = job(problem, 64, 'full', 0, 10_000_000);
  for await (const event of engine.sample(long)) if (event.kind === 'progress') break;
  const start = performance.now();
  const next = await tallyOverRange(engine, job(problem, 6, 'full', 0, 100));
  expect(next).toEqual(await tallyOverRange(new TwinEngine(), job(problem, 6, 'full', 0, 100)));
  // Ten million groups would take minutes; a limit of a second holds on a loaded machine, too.
  expect(performance.now() - start).toBeLessThan(5000);
});
