import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tallyOverRange } from '../../../src/engine/collect.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { mergeTallyFiles } from '../../../src/engine/tallyFile.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { openEngine } from '../../browser.ts';
import { FIRST_GROUPS, PROBLEMS, slicedJob } from '../sliced/cases.ts';

let gpu: Engine;
const twin = new TwinEngine();
beforeAll(async () => {
  gpu = await openEngine();
});
afterAll(() => gpu.close());

const [, problem, groupSize] = PROBLEMS[5];

describe('sliced@1 on the GPU', () => {
  test('gives every known answer: planes of streams, and tokens at every threshold', async () => {
    const { caseCount, failures } = await gpu.selfTest(undefined, 'sliced@1');
    expect(failures).toEqual([]);
    expect(caseCount).toBeGreaterThan(100);
  });

  test('with `<` for `<=` fails at words equal to a threshold; with thinned planes at random words', async () => {
    const strict = await gpu.selfTest('strict-threshold', 'sliced@1');
    expect(strict.failures.length).toBeGreaterThan(10);
    expect(strict.failures.every((line) => line.startsWith('token of word'))).toBe(true);
    const thinned = await gpu.selfTest('thinned-planes', 'sliced@1');
    expect(thinned.failures.length).toBeGreaterThan(5);
    expect(thinned.failures.every((line) => line.startsWith('random words'))).toBe(true);
  });

  test.each(PROBLEMS)('counts as the twin does: %s', async (name, own, size) => {
    for (const firstGroup of FIRST_GROUPS) {
      const job = slicedJob(own, size, firstGroup, name.includes('where words fall') ? 1500 : 110);
      expect((await tallyOverRange(gpu, job)).sha256).toBe((await tallyOverRange(twin, job)).sha256);
    }
  });

  test('two halves, cut within a word, are the whole when merged', async () => {
    const halves = [
      { name: 'first', file: await tallyOverRange(gpu, slicedJob(problem, groupSize, 100, 333)) },
      { name: 'second', file: await tallyOverRange(gpu, slicedJob(problem, groupSize, 433, 268)) },
    ];
    expect(await mergeTallyFiles(halves)).toEqual(
      await tallyOverRange(gpu, slicedJob(problem, groupSize, 100, 601)),
    );
  });

  test('planes that lose half of their ones change the tally, the same on GPU and twin', async () => {
    const honest = slicedJob(problem, groupSize, 3, 500);
    const faulty = { ...honest, fault: 'thinned-planes' as const };
    const { sha256 } = await tallyOverRange(gpu, faulty);
    expect(sha256).toBe((await tallyOverRange(twin, faulty)).sha256);
    expect(sha256).not.toBe((await tallyOverRange(gpu, honest)).sha256);
  });
});

describe('its tally does not depend on how the work is cut', () => {
  const cuts = [
    { workgroupSize: 1 },
    { workgroupSize: 32, submitMs: 1 },
    { workgroupSize: 256, chunkMs: 1 },
    { maxBatchGroups: 1, submitMs: 2 },
    { maxBatchGroups: 7, chunkMs: 5 },
    { maxBatchGroups: 100 },
  ];
  test.each(cuts)('%o', async (engine) => {
    const sampler = await openEngine({ engine });
    try {
      const [, own, size] = PROBLEMS[3];
      const job = slicedJob(own, size, 7, 700);
      expect((await tallyOverRange(sampler, job)).sha256).toBe((await tallyOverRange(twin, job)).sha256);
    } finally {
      await sampler.close();
    }
  });
});
