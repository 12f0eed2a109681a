/**
 * Whether what `sliced@1` draws has the law of the policy: c of a group binomial, with the exact J1; groups of a word apart; planes new
 * each time. Fixed seeds; each test would raise a false alarm once in 10^4 seeds, and rejects a mutant at once.
 */
import { describe, expect, test } from 'vitest';
import { collectTallies } from '../../../src/engine/collect.ts';
import type { Fault } from '../../../src/engine/sampler.ts';
import { drawWords } from '../../../src/engine/twin/slicedDraws.ts';
import { tokenOfWord } from '../../../src/engine/twin/tokenRule.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { openSlicedStream, planesUpFront } from '../../../src/math/random/slicedStream.ts';
import { compileProblem } from '../../../src/problem/problem.ts';
import { sum } from '../../../src/problem/workloads.ts';
import { solvePrompt } from '../../../src/theory/promptTheory.ts';
import { ROWS, slicedJob } from './cases.ts';

/** |z| of a false alarm of 10^-4, two-sided. */
const LIMIT = 3.89;
/** A mutant counts as rejected beyond any doubt. */
const REJECTED = 8;

/** Chi-square as a normal deviate (Wilson & Hilferty 1931); cells that expect fewer than 5 are put together with the next. */
function chiSquareZ(counts: readonly number[], expected: readonly number[]): number {
  const cells: [count: number, expected: number][] = [[0, 0]];
  counts.forEach((count, i) => {
    const last = cells[cells.length - 1];
    last[0] += count;
    last[1] += expected[i];
    if (last[1] >= 5) cells.push([0, 0]);
  });
  const [restCount, restExpected] = cells.pop()!;
  cells[cells.length - 1][0] += restCount;
  cells[cells.length - 1][1] += restExpected;
  const freedom = cells.length - 1;
  const chiSquare = cells.reduce((total, [count, mean]) => total + (count - mean) ** 2 / mean, 0);
  return (Math.cbrt(chiSquare / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
}

describe('c of a group', () => {
  const n = 16;
  const groupCount = 20_000;
  const problem = compileProblem(
    sum({ vocab: 8, horizon: 4, context: 'none', successProbs: [0.3], seed: 16 }, 5, 2),
  );
  const { successProb: p } = solvePrompt(problem, problem.prompts[0]);
  const deviations = async (fault?: Fault): Promise<{ mean: number; law: number }> => {
    const job = { ...slicedJob(problem, n, 11, groupCount), ...(fault ? { fault } : {}) };
    const [{ groups }] = await collectTallies(new TwinEngine(), job);
    const correct = groups.reduce((total, count, c) => total + count * c, 0);
    const trials = n * groupCount;
    // SE of J1: sqrt(p (1 − p) / 320 000) = 0.0008.
    const mean = (correct / trials - p) / Math.sqrt((p * (1 - p)) / trials);
    const law = Array.from({ length: n + 1 }, (_, c) => {
      let ways = 1;
      for (let i = 0; i < c; i += 1) ways *= (n - i) / (i + 1);
      return groupCount * ways * p ** c * (1 - p) ** (n - c);
    });
    return { mean, law: chiSquareZ([...groups], law) };
  };

  test('is binomial with the exact J1', async () => {
    const { mean, law } = await deviations();
    expect(Math.abs(mean)).toBeLessThan(LIMIT);
    expect(Math.abs(law)).toBeLessThan(LIMIT);
  });

  test('is neither where planes lose half of their ones', async () => {
    const { mean, law } = await deviations('thinned-planes');
    expect(Math.abs(mean)).toBeGreaterThan(REJECTED);
    expect(law).toBeGreaterThan(REJECTED);
  });
});

describe('tokens of words', () => {
  const crowded = ROWS['thresholds that share all bits up front'];
  const even = ROWS['as many tokens as there may be, alike'];

  /** Tokens of one row, [words, 32], from a stream that something is done to. */
  function tokens(
    row: readonly number[],
    wordCount: number,
    changed: (next: () => number) => () => number = (next) => next,
  ): number[][] {
    const ends = row.slice(0, -1).map((_, v) => row.slice(0, v + 1).reduce((total, mass) => total + mass, 0));
    const own = { thresholds: Uint32Array.from(ends), thresholdCount: ends.length };
    const next = changed(openSlicedStream(3, 0, 0, 0, 0));
    return Array.from({ length: wordCount }, () =>
      Array.from(drawWords(next, own, planesUpFront(row.length)), (word) => tokenOfWord(word, own)),
    );
  }

  const frequencies = (drawn: readonly number[][], vocab: number): number[] =>
    Array.from({ length: vocab }, (_, v) => drawn.flat().filter((token) => token === v).length);

  test.each([
    ['alike', even],
    ['whose thresholds share all bits up front', crowded],
  ])('are as often as their masses say: %s', (_, row) => {
    // 128 000 tokens
    const drawn = tokens(row, 4000);
    const expected = row.map((mass) => (128_000 * mass) / 2 ** 32);
    expect(chiSquareZ(frequencies(drawn, row.length), expected)).toBeLessThan(LIMIT);
  });

  test('are not where each plane is used twice', () => {
    const twice = (next: () => number): (() => number) => {
      let plane: number | null = null;
      return () => {
        const again = plane;
        plane = again === null ? next() : null;
        return again ?? plane!;
      };
    };
    const expected = even.map((mass) => (128_000 * mass) / 2 ** 32);
    expect(chiSquareZ(frequencies(tokens(even, 4000, twice), 32), expected)).toBeGreaterThan(REJECTED);
  });

  /** Pairs of lanes 16 apart with equal tokens: 64 000 of them, one in 32; SE 44 pairs. */
  const meetings = (drawn: readonly number[][]): number => {
    const pairs = 16 * drawn.length;
    const equal = drawn.reduce(
      (total, word) => total + word.filter((token, lane) => lane < 16 && token === word[lane + 16]).length,
      0,
    );
    return (equal - pairs / 32) / Math.sqrt((pairs / 32) * (1 - 1 / 32));
  };

  test('do not depend on those of other lanes', () => {
    expect(Math.abs(meetings(tokens(even, 4000)))).toBeLessThan(LIMIT);
  });

  test('do where half a word is used for both halves', () => {
    const halved = (next: () => number) => (): number => {
      const low = next() & 0xffff;
      return (low | (low << 16)) >>> 0;
    };
    expect(meetings(tokens(even, 4000, halved))).toBeGreaterThan(REJECTED);
  });
});
