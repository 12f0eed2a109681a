/** Sampling by classes: every engine draws the same trajectories, each of the outcome that it is to have. */
import { describe, expect, test } from 'vitest';
import { collectTallies, tallyOverRange } from '../../src/engine/collect.ts';
import { InputError } from '../../src/input/inputError.ts';
import { mergeTallyFiles, readTallyFile } from '../../src/engine/tallyFile.ts';
import { everyPrompt, givenOf, type Given, type SamplingJob } from '../../src/engine/sampler.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';
import { BATCH_COUNT, type Level } from '../../src/engine/tally.ts';
import { randomProblem } from '../problems.ts';
import { inlineEngine } from './cpu/inlineThreads.ts';
import { classShapes, job, shapes } from './shapes.ts';

const FIRST = 2 ** 32 - 50;
const [, mixedShape] = shapes[3];
const mixed = randomProblem(mixedShape);

const byClass = (
  given: Given,
  level: Level = 'full',
  groupSize = 6,
  groupCount = 60,
  fault?: SamplingJob['fault'],
): SamplingJob => ({
  ...job(mixed, groupSize, level, FIRST, groupCount),
  given,
  ...(fault ? { fault } : {}),
});

describe.each(classShapes())('every engine draws alike: %s', (_, problem, groupSize) => {
  const groupCount = 7;
  // The twin's second moments go by pairs; what is counted of a trajectory does not depend on how it was drawn.
  const level = groupSize > 64 || problem.vocab > 100 ? 'groups' : 'full';

  test.each([0, Math.floor(groupSize / 2), groupSize])('%i correct by design', async (given) => {
    const request: SamplingJob = { ...job(problem, groupSize, level, FIRST, groupCount), given };
    const twin = await tallyOverRange(new TwinEngine(), request);
    for (const form of ['simd', 'scalar'] as const)
      expect((await tallyOverRange(inlineEngine({ form }), request)).sha256).toBe(twin.sha256);
    // c designed is c counted, by the verifier itself.
    for (const { groups } of twin.prompts) {
      expect(groups.map(Number)).toEqual(
        Array.from({ length: groupSize + 1 }, (__, c) => (c === given ? groupCount : 0)),
      );
    }
  });
});

test.each(['groups', 'moments', 'full'] as const)(
  'all c in turn, level %s: 128 groups of each, one in each batch',
  async (level) => {
    const groupSize = 3;
    const request: SamplingJob = {
      ...job(mixed, groupSize, level, 0, BATCH_COUNT * (groupSize + 1)),
      given: 'each',
    };
    const [tally] = await collectTallies(new TwinEngine(), request);
    expect(Array.from(tally.groups)).toEqual([BATCH_COUNT, BATCH_COUNT, BATCH_COUNT, BATCH_COUNT]);
    expect((await collectTallies(inlineEngine(), request))[0]).toEqual(tally);
    const late: SamplingJob = { ...request, ranges: everyPrompt(mixed, 2 ** 33 + 77, 300) };
    expect(await collectTallies(inlineEngine(), late)).toEqual(await collectTallies(new TwinEngine(), late));
  },
);

test('each number of correct trajectories has its batch of groups, at any index', () => {
  for (const groupSize of [1, 16, 1024])
    for (const group of [0, 127, 128, 2 ** 32 - 1, 2 ** 32, 2 ** 40 - 1])
      expect(givenOf('each', groupSize, group)).toBe(Number((BigInt(group) / 128n) % BigInt(groupSize + 1)));
});

test('the trajectories of an outcome do not depend on how many others there are', async () => {
  // Of 6 and of 0: the words are the group's, so trajectory i is the same wherever its table is.
  const counts = async (given: number): Promise<number> => {
    const [tally] = await collectTallies(new TwinEngine(), byClass(given));
    return tally.counts!.reduce((sum, count) => sum + count, 0);
  };
  expect(await counts(6)).toBe(await counts(0));
});

test.each(['neighbour-state', 'swapped-tables', 'scaled-word', 'strict-threshold'] as const)(
  'plants the fault %s as the twin does',
  async (fault) => {
    const request = byClass(3, 'full', 6, 200, fault);
    const honest = await collectTallies(new TwinEngine(), byClass(3, 'full', 6, 200));
    const found = await collectTallies(inlineEngine(), request);
    expect(found).toEqual(await collectTallies(new TwinEngine(), request));
    if (fault !== 'strict-threshold') expect(found).not.toEqual(honest);
    if (fault === 'swapped-tables') expect(found[0].groups[3]).toBe(200);
  },
);

test('a fault of the tables cannot be planted where there are none', async () => {
  await expect(
    collectTallies(new TwinEngine(), { ...job(mixed, 6, 'full', 0, 10), fault: 'swapped-tables' }),
  ).rejects.toThrow('no conditional tables');
});

test('a tally file says what was given, holds it in its hash, and merges with its like only', async () => {
  const engine = inlineEngine();
  const part = (given: number, first: number, count: number): ReturnType<typeof tallyOverRange> =>
    tallyOverRange(engine, { ...job(mixed, 4, 'moments', first, count), given });
  const whole = await part(2, 0, 100);
  expect(whole).toMatchObject({ sampler: 'cdf@1/classes', given: 2, experiment: 0 });
  expect(whole.conditionalSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await readTallyFile(JSON.parse(JSON.stringify(whole)), 'tally.json')).toEqual(whole);
  await expect(readTallyFile({ ...whole, given: 3 }, 'tally.json')).rejects.toThrow('sha256');
  const halves = [
    { name: 'a', file: await part(2, 0, 40) },
    { name: 'b', file: await part(2, 40, 60) },
  ];
  expect(await mergeTallyFiles(halves)).toEqual(whole);
  await expect(mergeTallyFiles([halves[0], { name: 'c', file: await part(1, 40, 60) }])).rejects.toThrow(
    'c: given: expected 2, as in a, got 1',
  );
  const plain = await tallyOverRange(engine, job(mixed, 4, 'moments', 40, 60));
  await expect(mergeTallyFiles([halves[0], { name: 'd', file: plain }])).rejects.toThrow(InputError);
});
