import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockRanges } from '../../../src/lab/sampleJobs.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { collectTallies, tallyOverRange } from '../../../src/engine/collect.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { everyPrompt, type SamplingJob } from '../../../src/engine/sampler.ts';
import { LEVELS } from '../../../src/engine/tally.ts';
import { mergeTallyFiles, type TallyFile } from '../../../src/engine/tallyFile.ts';
import { compileProblem } from '../../../src/problem/problem.ts';
import { parseProblem } from '../../../src/problem/problemFile.ts';
import { openEngine } from '../../browser.ts';
import { oracleJson, oracleText, ORACLE_TALLIES } from '../../oracle.ts';
import { randomProblem } from '../../problems.ts';
import { classShapes, job, shapes } from '../shapes.ts';

let gpu: Engine;
/** The same, made to take whole groups through one kernel wherever a shape allows it. */
let whole: Engine;
const cpu = new TwinEngine();
beforeAll(async () => {
  gpu = await openEngine();
  whole = await openEngine({ engine: { kernels: 'whole' } });
});
afterAll(async () => {
  await gpu.close();
  await whole.close();
});

describe('the GPU', () => {
  test('gives every known answer: random words, and tokens at every threshold', async () => {
    const { caseCount, failures } = await gpu.selfTest();
    expect(failures).toEqual([]);
    expect(caseCount).toBeGreaterThan(100);
  });

  test.each(ORACLE_TALLIES)('prints the reference tally of %s to the last bit', async (name) => {
    const reference = oracleJson<TallyFile>(`${name}.tally.json`);
    const problem = compileProblem(parseProblem(oracleText(`${name}.problem.json`), name));
    const { level, seed, experiment, groupSize, firstGroup, groupCount } = reference;
    const ranges = everyPrompt(problem, firstGroup, groupCount);
    const request = { problem, groupSize, level, seed, drawId: experiment, ranges };
    expect(await tallyOverRange(gpu, request)).toEqual(reference);
    expect(await tallyOverRange(whole, request)).toEqual(reference);
  });

  describe.each(shapes)('counts as the CPU twin does: %s', (_, shape, groupSize, groupCount) => {
    test.each(LEVELS)('level %s', async (level) => {
      const request = job(randomProblem(shape), groupSize, level, 2 ** 32 - 50, groupCount);
      expect((await tallyOverRange(gpu, request)).sha256).toBe((await tallyOverRange(cpu, request)).sha256);
    });
  });

  // Jobs of this size go through the separate kernels where nothing is forced.
  describe.each(shapes)(
    'counts as the CPU twin does, whole groups at once: %s',
    (_, shape, groupSize, groupCount) => {
      test.each(LEVELS)('level %s', async (level) => {
        const request = job(randomProblem(shape), groupSize, level, 2 ** 32 - 50, groupCount);
        expect((await tallyOverRange(whole, request)).sha256).toBe(
          (await tallyOverRange(cpu, request)).sha256,
        );
      });
    },
  );

  test('takes whole groups at once in most shapes, and says by which kernel', () => {
    const kernels = Object.keys(whole.timings().kernels);
    expect(kernels).toEqual(
      expect.arrayContaining([
        'whole groups, compare',
        'whole groups, packed',
        'whole groups, bisect',
        'whole groups, compare, pairs',
        'whole groups, bisect, pairs, global counters',
        'whole groups, compare, histogram, global counters',
        'whole groups, packed, histogram, global counters',
        'separate',
      ]),
    );
  });

  describe.each(classShapes())('draws by classes as the CPU twin does: %s', (_, problem, groupSize) => {
    test.each([0, Math.floor(groupSize / 2), groupSize])('%i correct by design', async (given) => {
      const request: SamplingJob = { ...job(problem, groupSize, 'full', 2 ** 32 - 3, 7), given };
      const twin = (await tallyOverRange(cpu, request)).sha256;
      expect((await tallyOverRange(gpu, request)).sha256).toBe(twin);
      expect((await tallyOverRange(whole, request)).sha256).toBe(twin);
    });
  });

  test('draws by classes with all c in turn, honestly and under every fault', async () => {
    const [[, problem]] = classShapes();
    for (const fault of [undefined, 'neighbour-state', 'swapped-tables', 'scaled-word'] as const) {
      const request: SamplingJob = {
        ...job(problem, 5, 'full', 2 ** 39 + 99, 800),
        given: 'each',
        ...(fault ? { fault } : {}),
      };
      const twin = await collectTallies(cpu, request);
      expect(await collectTallies(gpu, request)).toEqual(twin);
      expect(await collectTallies(whole, request)).toEqual(twin);
    }
  });

  test('keeps the sign of second moments that rounding makes negative', async () => {
    // A = 2^16 and B = 2^16 - 1: a lone correct trajectory has S11 = 2^16 - 2 A + B = -1.
    const problem = compileProblem({
      format: 'passk-problem@1',
      vocab: 2,
      horizon: 1,
      context: 'none',
      prompts: [{ id: 'p', probabilities: [[1 - 2 ** -17, 2 ** -17]], accept: { sequences: [[0]] } }],
    });
    for (const engine of [gpu, whole]) {
      const tally = await tallyOverRange(engine, job(problem, 1, 'moments', 0, 128));
      expect(tally.prompts[0].second![0]).toEqual([0, 1, '-1', '0', '0']);
      expect(tally.sha256).toBe((await tallyOverRange(cpu, job(problem, 1, 'moments', 0, 128))).sha256);
    }
  });

  test('hands over each range by itself, though those of a prompt follow each other', async () => {
    const problem = randomProblem(shapes[0][1]);
    const whole = job(problem, 6, 'moments', 0, 120);
    const blocks: SamplingJob = { ...whole, ranges: blockRanges(4, [30, 30]) };
    const sampled = { gpu: new Map<string, string>(), twin: new Map<string, string>() };
    for (const [name, sampler] of [
      ['gpu', gpu],
      ['twin', cpu],
    ] as const) {
      for await (const event of sampler.sample(blocks)) {
        if (event.kind !== 'chunks') continue;
        for (const { range, tally } of event.chunks) {
          expect(blocks.ranges).toContainEqual(range);
          sampled[name].set(JSON.stringify(range), [...tally.groups, ...tally.second!].join());
        }
      }
    }
    expect(sampled.gpu.size).toBe(8);
    expect(sampled.gpu).toEqual(sampled.twin);
  });

  test('two halves, merged, are the whole', async () => {
    const problem = randomProblem(shapes[0][1]);
    const whole = await tallyOverRange(gpu, job(problem, 6, 'full', 100, 301));
    const halves = [
      { name: 'second', file: await tallyOverRange(gpu, job(problem, 6, 'full', 250, 151)) },
      { name: 'first', file: await tallyOverRange(gpu, job(problem, 6, 'full', 100, 150)) },
    ];
    expect(await mergeTallyFiles(halves)).toEqual(whole);
  });
});

describe('the tally does not depend on how the work is cut', () => {
  const cuts = [
    { workgroupSize: 1 },
    { workgroupSize: 32, submitMs: 1 },
    { workgroupSize: 256, chunkMs: 1 },
    { maxBatchGroups: 1, submitMs: 2 },
    { maxBatchGroups: 7, chunkMs: 5 },
    { kernels: 'whole', workgroupSize: 1 },
    { kernels: 'whole', workgroupSize: 32, submitMs: 1 },
    { kernels: 'whole', workgroupSize: 256, chunkMs: 1, maxBatchGroups: 7 },
  ] as const;
  const jobs = cuts.flatMap((engine) =>
    (['none', 'previous'] as const).map((context) => ({ engine, context })),
  );
  test.each(jobs)('$engine, context $context', async ({ engine, context }) => {
    const sampler = await openEngine({ engine });
    try {
      const problem = randomProblem({
        vocab: 6,
        horizon: 9,
        context,
        accept: { sum: { modulus: 3, residue: 0 } },
      });
      const request = job(problem, 'kernels' in engine ? 20 : 40, 'full', 7, 400);
      expect((await tallyOverRange(sampler, request)).sha256).toBe(
        (await tallyOverRange(cpu, request)).sha256,
      );
    } finally {
      await sampler.close();
    }
  });
});

describe('planted faults are seen', () => {
  test('`<` for `<=` in the kernel fails at words equal to a threshold, and only there', async () => {
    const { failures } = await gpu.selfTest('strict-threshold');
    for (const search of ['compare', 'packed', 'bisect']) {
      expect(failures.filter((failure) => failure.includes(`search '${search}'`)).length).toBeGreaterThan(10);
    }
    expect(failures.filter((failure) => !failure.includes('search')).length).toBeGreaterThan(10);
    expect((await cpu.selfTest('strict-threshold')).failures.length).toBeGreaterThan(10);
  });

  test('scaled words change the tally, the same on GPU and CPU', async () => {
    const honest = job(randomProblem(shapes[0][1]), 8, 'groups', 0, 500);
    const faulty = { ...honest, fault: 'scaled-word' as const };
    const faultyHash = (await tallyOverRange(gpu, faulty)).sha256;
    expect((await tallyOverRange(whole, faulty)).sha256).toBe(faultyHash);
    expect(faultyHash).toBe((await tallyOverRange(cpu, faulty)).sha256);
    expect(faultyHash).not.toBe((await tallyOverRange(gpu, honest)).sha256);
  });
});
