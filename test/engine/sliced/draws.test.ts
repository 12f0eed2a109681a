import { describe, expect, test } from 'vitest';
import { collectTallies, tallyOverRange } from '../../../src/engine/collect.ts';
import { mergeTallyFiles } from '../../../src/engine/tallyFile.ts';
import { drawWords } from '../../../src/engine/twin/slicedDraws.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { philox4x32 } from '../../../src/math/random/philox.ts';
import { openSlicedStream, planesUpFront, slicedCounter } from '../../../src/math/random/slicedStream.ts';
import { seedKey, streamCounter } from '../../../src/math/random/stream.ts';
import { xoshiro128 } from '../../../src/math/random/xoshiro.ts';
import { PROBLEMS, slicedJob } from './cases.ts';

const twin = new TwinEngine();
const ALL = 2 ** 32 - 1;
/** Seed 2^53 − 6, 100 groups from 2^32 − 50 on: the numbers of groups with c = 0, 1, … */
const PINNED_TALLIES: Readonly<Record<string, readonly number[]>> = {
  'one trajectory of one token': [26, 74],
  'sequences over rows with zeros, 32 trajectories': [
    ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 6, 2, 8, 9, 7, 14],
    ...[10, 16, 10, 5, 6, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ],
  'several streams, the last one shorter': [13, 23, 23, 23, 13, 5, 0, 0, 0, 0, 0, 0, 0],
  'an automaton with ways apart and together': [9, 25, 30, 26, 7, 2, 1, 0],
};
const row = (...thresholds: number[]): { thresholds: Uint32Array<ArrayBuffer>; thresholdCount: number } => ({
  thresholds: Uint32Array.from(thresholds),
  thresholdCount: thresholds.length,
});

describe('a stream of sliced@1', () => {
  test('is xoshiro128** from Philox, its counter (slice, stream + 2^23, prompt, experiment)', () => {
    const counter = [0xffffffff, 0x80000507, 3, 7] as const;
    expect(slicedCounter(7, 3, 2 ** 35 - 1, 5)).toEqual(counter);
    const expected = Array.from({ length: 40 }, xoshiro128(philox4x32(counter, seedKey(2 ** 53 - 1))));
    expect(Array.from({ length: 40 }, openSlicedStream(2 ** 53 - 1, 7, 3, 2 ** 35 - 1, 5))).toEqual(expected);
  });

  test('shares no counter with cdf@1, whatever the group and the block', () => {
    const blocks = [0, 1, 1023];
    const bitOf = ([, word]: readonly number[]): number => word >>> 31;
    expect(blocks.map((block) => bitOf(streamCounter(0, 0, 2 ** 40 - 1, block)))).toEqual([0, 0, 0]);
    expect(blocks.map((stream) => bitOf(slicedCounter(0, 0, 2 ** 35 - 1, stream)))).toEqual([1, 1, 1]);
  });

  test('begins with these planes', () => {
    const planes = Array.from({ length: 4 }, openSlicedStream(1, 0, 0, 0, 0));
    expect(planes.map((plane) => plane.toString(16))).toEqual([
      '40a20592',
      '85201c9f',
      'f117bb04',
      '8b079dff',
    ]);
  });

  test('draws 9 + ceil(log2 V) planes of each word up front', () => {
    expect([1, 2, 3, 16, 17, 32].map(planesUpFront)).toEqual([9, 10, 11, 13, 14, 14]);
  });
});

describe('words out of planes', () => {
  /** Planes of some words, lane by lane, and how many were asked for. */
  function planesOf(words: readonly number[]): { next: () => number; taken: () => number } {
    let depth = 0;
    return {
      next: () => {
        const bit = 2 ** (31 - depth);
        depth += 1;
        return words.reduce((plane, word, lane) => plane + (Math.floor(word / bit) % 2) * 2 ** lane, 0);
      },
      taken: () => depth,
    };
  }
  const others = (words: readonly number[]): number[] => [
    ...words,
    ...Array<number>(32 - words.length).fill(0),
  ];

  test('plane d holds bit 31 - d of every lane', () => {
    const words = Array.from({ length: 32 }, (_, lane) => (lane * 0x9e3779b9) % 2 ** 32);
    // A threshold in a lane's own last bits keeps all open to the end.
    expect([...drawWords(planesOf(words).next, row(words[9]), 10)]).toEqual(words);
  });

  test.each([
    ['no threshold is near', others([]), row(2 ** 31), 10],
    ['there is no threshold', others([]), row(), 10],
    ['0 is a threshold, which decides nothing', others([]), row(0, 2 ** 31), 10],
    ['a lane leaves the threshold at bit 9', others([0xaaaaa800]), row(0xaaaaaaaa), 23],
    ['the last lane does', [...others([]).slice(1), 0xaaaaa800], row(0xaaaaaaaa), 23],
    [
      'one of several thresholds is near',
      others([0xaaaaa800]),
      row(2 ** 30, 0xaaaaaaaa, 0xaaaaaaaa, ALL),
      23,
    ],
    ['a lane is a threshold', others([0, 0x12345678]), row(0x12345678), 32],
    ['a lane is one less', others([0, 0x12345677]), row(0x12345678), 29],
  ])('planes are drawn up front, and while a lane is open: %s', (_, words, thresholds, expected) => {
    const planes = planesOf(words);
    drawWords(planes.next, thresholds, 10);
    expect(planes.taken()).toBe(expected);
  });
});

describe('the twin of sliced@1', () => {
  test('gives the token of every word at a threshold; with `<` for `<=` only those equal to one are wrong', async () => {
    const { caseCount, failures } = await twin.selfTest(undefined, 'sliced@1');
    expect(failures).toEqual([]);
    expect(caseCount).toBeGreaterThan(100);
    expect((await twin.selfTest('strict-threshold', 'sliced@1')).failures.length).toBeGreaterThan(10);
  });

  test.each(Object.entries(PINNED_TALLIES))('keeps counting as it did: %s', async (name, expected) => {
    const [, problem, groupSize] = PROBLEMS.find(([known]) => known === name)!;
    const [tally] = await collectTallies(twin, slicedJob(problem, groupSize, 2 ** 32 - 50, 100));
    expect([...tally.groups].slice(0, expected.length)).toEqual(expected);
  });

  test('two halves, cut within a word, are the whole when merged', async () => {
    const [, problem, groupSize] = PROBLEMS[3];
    const tally = (first: number, count: number): ReturnType<typeof tallyOverRange> =>
      tallyOverRange(twin, slicedJob(problem, groupSize, first, count));
    const halves = [
      { name: 'first', file: await tally(100, 33) },
      { name: 'second', file: await tally(133, 68) },
    ];
    expect(await mergeTallyFiles(halves)).toEqual(await tally(100, 101));
  });

  test('is not merged with cdf@1', async () => {
    const [, problem, groupSize] = PROBLEMS[3];
    const { sampler: _, ...plain } = slicedJob(problem, groupSize, 0, 32);
    const files = [
      { name: 'a.json', file: await tallyOverRange(twin, slicedJob(problem, groupSize, 32, 32)) },
      { name: 'b.json', file: await tallyOverRange(twin, plain) },
    ];
    expect(files.map(({ file }) => file.sampler)).toEqual(['sliced@1', 'cdf@1']);
    await expect(mergeTallyFiles(files)).rejects.toThrow(
      /b.json: sampler: expected sliced@1, as in a.json, got cdf@1/,
    );
  });
});
