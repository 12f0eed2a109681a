/** The text that the GPU gets, run here: WGSL of this kind is JavaScript but for its types. */
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Lines } from '../../../src/engine/gpu/sampling/sliced/planes.ts';
import {
  slicesOf,
  sliceCountOf,
  slicesPerWorkgroup,
} from '../../../src/engine/gpu/sampling/sliced/slices.ts';
import {
  countDeclarations,
  countText,
  tallyText,
} from '../../../src/engine/gpu/sampling/sliced/countText.ts';
import { stepsOf } from '../../../src/engine/gpu/sampling/sliced/thresholds.ts';
import {
  tokenText,
  type PlaneSource,
  type TokenBit,
} from '../../../src/engine/gpu/sampling/sliced/tokenText.ts';
import { automatonText, sumText } from '../../../src/engine/gpu/sampling/sliced/verifierText.ts';
import { drawWords } from '../../../src/engine/twin/slicedDraws.ts';
import { tokenOfWord } from '../../../src/engine/twin/tokenRule.ts';
import { openStream } from '../../../src/math/random/stream.ts';
import { compileAccept, type Accept } from '../../../src/problem/automaton.ts';
import { writeThresholds } from '../../../src/problem/masses.ts';
import { randomProblem } from '../../problems.ts';
import { PROBLEMS, ROWS } from './cases.ts';

/** Functions of shaders/lib/sliced.wgsl and of WGSL itself. */
const LIBRARY = {
  with_bit: (lanes: number, threshold: number, scale: number) =>
    Math.imul(threshold, scale) < 0 ? lanes : 0,
  passing: (greater: number, open: number) => greater | open,
  countOneBits: (lanes: number) => (lanes >>> 0).toString(2).replaceAll('0', '').length,
};

/** @returns the planes that expressions give after some lines */
function run(text: readonly string[], expressions: readonly string[], given: object): number[] {
  const script = [...text, `[${expressions.join(', ')}]`]
    .join('\n')
    .replace(/\b(0x[0-9a-f]+|\d+)u\b/g, '$1')
    .replace(/\bvar\b/g, 'let');
  return Array.from(runInNewContext(script, { ...LIBRARY, ...given }) as number[], (plane) => plane >>> 0);
}

/** Planes that a test hands over one by one. */
const handed: PlaneSource = {
  next: (name) => [`let ${name} = take();`],
  nextInLoop: (name) => [`let ${name} = take();`],
};

const bitsOf = (count: number): TokenBit[] =>
  Array.from({ length: count }, (_, bit) => (token: number) => (token >> bit) & 1);
const laneOf = (planes: readonly number[], lane: number): number =>
  planes.reduce((value, plane, bit) => value + ((plane >>> lane) & 1) * 2 ** bit, 0);

describe('the token rule in planes', () => {
  const next = openStream(11, 0, 0, 0, 0);
  const random = Array.from({ length: 30 }, (_, i): [string, readonly number[]] => {
    const thresholds = Array.from(
      { length: 1 + (next() % 31) },
      () => next() >>> (next() % 3 === 0 ? 0 : 20),
    );
    const ends = [...thresholds.sort((a, b) => a - b), 2 ** 32];
    return [`random thresholds ${i}`, ends.map((end, v) => end - (ends[v - 1] ?? 0))];
  });

  test.each([...Object.entries(ROWS), ...random])(
    'gives every word the token of the plain rule, and takes as many planes as the twin: %s',
    (_, masses) => {
      const thresholds = new Uint32Array(masses.length);
      const thresholdCount = writeThresholds(Float64Array.from(masses), thresholds);
      const row = { thresholds, thresholdCount };
      const own = [...thresholds.subarray(0, thresholdCount)];
      const near = own.flatMap((threshold) => [threshold - 1, threshold, threshold + 1]);
      const words = [0, 2 ** 32 - 1, ...near, ...Array.from({ length: 64 }, next)].filter(
        (word) => word >= 0 && word < 2 ** 32,
      );
      for (const upFront of [9, 14]) {
        const lines = new Lines();
        const bits = tokenText(lines, stepsOf(own), 't', upFront, handed, bitsOf(5));
        for (let first = 0; first < words.length; first += 32) {
          const lanes = words.slice(first, first + 32);
          const planeSource = (): { take: () => number; taken: () => number } => {
            let depth = 0;
            const take = (): number => {
              depth += 1;
              return lanes.reduce(
                (plane, word, lane) => plane + ((word >>> (32 - depth)) & 1) * 2 ** lane,
                0,
              );
            };
            return { take, taken: () => depth };
          };
          const source = planeSource();
          const planes = run(lines.text, bits, source);
          expect(lanes.map((_word, lane) => laneOf(planes, lane))).toEqual(
            lanes.map((word) => tokenOfWord(word, row)),
          );
          // Lanes without a word have word 0 here and there.
          const twin = planeSource();
          drawWords(twin.take, row, upFront);
          expect(source.taken()).toBe(twin.taken());
        }
      }
    },
  );
});

describe('verifiers in planes', () => {
  /** Tokens of 32 lanes, and the planes of them that are asked for. */
  const accepted = (accept: Accept, vocab: number, horizon: number, seed: number): [number[], number[]] => {
    const next = openStream(seed, 1, 0, 0, 0);
    const tokens = Array.from({ length: 32 }, () => Array.from({ length: horizon }, () => next() % vocab));
    const automaton = compileAccept(accept, vocab, horizon);
    const plain = tokens.map((own) =>
      own.reduce((state, token) => automaton.next[state * vocab + token], automaton.start),
    );
    const lines = new Lines();
    const planesOf = (t: number, bits: readonly TokenBit[]): string[] =>
      bits.map((bit, index) => {
        const plane = tokens.reduce((sum, own, lane) => sum + bit(own[t]) * 2 ** lane, 0);
        return lines.let(`bit_${t}_${index}`, `${plane}u + 0u`);
      });
    const shape = { vocab, horizon };
    const correct =
      'sum' in accept
        ? sumText(lines, accept.sum, shape, planesOf)
        : automatonText(lines, automaton, shape, planesOf);
    const [plane] = run(lines.text, [correct], {});
    return [tokens.map((_, lane) => (plane >>> lane) & 1), plain.map((state) => automaton.accepting[state])];
  };

  test.each([1, 2, 3, 5, 8, 13, 63, 64])('sums modulo %i', (modulus) => {
    for (const [vocab, horizon] of [
      [1, 1],
      [2, 1],
      [2, 17],
      [5, 4],
      [16, 8],
      [32, 3],
    ]) {
      for (let seed = 0; seed < 20; seed += 1) {
        const residue = seed % modulus;
        const [got, expected] = accepted({ sum: { modulus, residue } }, vocab, horizon, seed);
        expect(got).toEqual(expected);
      }
    }
  });

  test.each(PROBLEMS)('automata and sequences: %s', (_, problem) => {
    const { accept } = problem.source.prompts[0];
    for (let seed = 0; seed < 20; seed += 1) {
      const [got, expected] = accepted(accept, problem.vocab, problem.horizon, seed);
      expect(got).toEqual(expected);
    }
  });

  test('ways that part and meet again accept some and not others', () => {
    const problem = randomProblem({
      vocab: 3,
      horizon: 3,
      context: 'none',
      accept: {
        sequences: [
          [0, 0, 1],
          [0, 2, 1],
          [1, 0, 1],
          [2, 2, 2],
        ],
      },
    });
    const [got, expected] = accepted(problem.source.prompts[0].accept, 3, 3, 4);
    expect(got).toEqual(expected);
    expect(new Set(expected)).toEqual(new Set([0, 1]));
  });
});

describe('c in planes', () => {
  test.each([1, 2, 3, 31, 32, 33, 64, 65, 1023, 1024])('of groups of %i, those asked for', (groupSize) => {
    const next = openStream(groupSize, 2, 0, 0, 0);
    const lanes = next();
    const outcomes = Array.from({ length: groupSize }, (_, i) => (i % 3 === 0 ? 2 ** 32 - 1 : next()));
    const expected = new Array<number>(groupSize + 1).fill(0);
    for (let lane = 0; lane < 32; lane += 1) {
      if (((lanes >>> lane) & 1) === 0) continue;
      expected[outcomes.reduce((c, plane) => c + ((plane >>> lane) & 1), 0)] += 1;
    }
    const groups = new Array<number>(groupSize + 1).fill(0);
    const { before, ofSlice, after } = tallyText(groupSize);
    const script = [
      ...before,
      ...countDeclarations(groupSize),
      'for (const correct of outcomes) {',
      ...countText(groupSize),
      '}',
      'var lanes = asked;',
      ...ofSlice,
      ...after,
    ].map((line) => line.replace(/&groups\[(.*)\], /, '$1, ').replaceAll('>>=', '>>>='));
    const atomicAdd = (cell: number, count: number): void => void (groups[cell] += count);
    run(script, [], { outcomes, asked: lanes, atomicAdd, slices: { groups_first: 0 } });
    expect(groups).toEqual(expected);
  });
});

describe('slices of a range', () => {
  test.each([
    [0, 32, 0xffffffff, 0xffffffff, 1],
    [5, 3, 0xffffffe0, 0x000000ff, 1],
    [31, 2, 0x80000000, 0x00000001, 2],
    [2 ** 37 - 1, 33, 0x80000000, 0xffffffff, 2],
    [2 ** 40 - 64, 64, 0xffffffff, 0xffffffff, 2],
  ])('from group %d on, %i of them', (firstGroup, groupCount, firstLanes, lastLanes, count) => {
    const range = { firstGroup, groupCount };
    expect(sliceCountOf(range)).toBe(count);
    const first = Math.floor(firstGroup / 32);
    expect(slicesOf(range, 0, count)).toEqual({ first, count, firstLanes, lastLanes });
  });

  test('cut into pieces ask for the same groups', () => {
    const range = { firstGroup: 75, groupCount: 101 };
    const pieces = [slicesOf(range, 0, 1), slicesOf(range, 1, 2), slicesOf(range, 3, 1)];
    expect(pieces.map(({ first, count }) => [first, count])).toEqual([
      [2, 1],
      [3, 2],
      [5, 1],
    ]);
    expect(pieces.map(({ firstLanes, lastLanes }) => [firstLanes, lastLanes])).toEqual([
      [0xfffff800, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0x0000ffff],
    ]);
  });

  test('fill workgroups with what threads do together: four on software, all on hardware', () => {
    const counts = [1, 64 * 4 + 1, 8192 * 64 + 1, 1e9];
    expect(counts.map((count) => slicesPerWorkgroup(count, 64, true))).toEqual([4, 8, 4096, 4096]);
    expect(counts.map((count) => slicesPerWorkgroup(count, 64, false))).toEqual([64, 64, 128, 4096]);
  });
});
