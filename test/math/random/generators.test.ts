import { describe, expect, test } from 'vitest';
import { philox4x32, type Words4 } from '../../../src/math/random/philox.ts';
import { streamCounter, seedKey, trajectoriesPerStream } from '../../../src/math/random/stream.ts';
import { xoshiro128 } from '../../../src/math/random/xoshiro.ts';
import { oracleText } from '../../oracle.ts';

describe('Philox4x32-10', () => {
  const vectors = oracleText('philox4x32-10.txt')
    .split('\n')
    .filter((line) => /^[0-9a-f]{8} /.test(line))
    .map((line) => line.split(/\s+/).map((word) => parseInt(word, 16)));

  test('gives the published answers', () => {
    expect(vectors.length).toBe(3);
    for (const words of vectors) {
      const counter = words.slice(0, 4) as unknown as Words4;
      expect(philox4x32(counter, [words[4], words[5]])).toEqual(words.slice(6, 10));
    }
  });
});

describe('xoshiro128**', () => {
  test('gives the reference sequence from state 1, 2, 3, 4', () => {
    // The reference C code's first outputs for that state.
    const next = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 4 }, next)).toEqual([11520, 0, 5927040, 70819200]);
  });

  test('leaves the all-zero state, which would repeat itself for ever', () => {
    const next = xoshiro128([0, 0, 0, 0]);
    expect(new Set(Array.from({ length: 100 }, next)).size).toBeGreaterThan(90);
  });
});

describe('streams', () => {
  test('hold max(1, min(n, floor(64 / T))) trajectories', () => {
    expect([
      trajectoriesPerStream(16, 8),
      trajectoriesPerStream(16, 1),
      trajectoriesPerStream(1024, 1),
      trajectoriesPerStream(5, 65),
      trajectoriesPerStream(8, 3),
    ]).toEqual([8, 16, 64, 1, 8]);
  });

  test('count group, block, prompt and experiment apart, to group 2^40 and seed 2^53 - 1', () => {
    expect(streamCounter(7, 3, 2 ** 40 - 1, 5)).toEqual([0xffffffff, 0x5ff, 3, 7]);
    expect(seedKey(2 ** 53 - 1)).toEqual([0xffffffff, 0x1fffff]);
  });
});
