/** What a job needs of an adapter, decided before anything is allocated. */
import { describe, expect, test } from 'vitest';
import { planJob } from '../../src/engine/gpu/sampling/plan.ts';
import { checkJob, everyPrompt, type SamplingJob } from '../../src/engine/sampler.ts';
import type { Level } from '../../src/engine/tally.ts';
import { InputError } from '../../src/input/inputError.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { needle } from '../../src/problem/workloads.ts';

const ROOMY = { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 };

function job(vocab: number, horizon: number, groupSize: number, level: Level): SamplingJob {
  const problem = compileProblem(
    needle({ vocab, horizon, context: 'none', successProbs: [0.1, 0.2, 0.3], seed: 1 }),
  );
  return { problem, groupSize, level, seed: 1, drawId: 0, ranges: everyPrompt(problem, 0, 1000) };
}

describe('a plan', () => {
  test.each([
    [16, 4],
    [17, 8],
    [256, 8],
    [257, 16],
  ])('packs tokens of a vocabulary of %d into %d bits', (vocab, bits) => {
    const { tokenBits, tokensPerWord } = planJob(job(vocab, 8, 4, 'moments'), ROOMY);
    expect([tokenBits, tokensPerWord]).toEqual([bits, 32 / bits]);
  });

  test('covers a group with its streams and its slices exactly', () => {
    for (const [horizon, n] of [
      [1, 1],
      [1, 64],
      [1, 65],
      [8, 16],
      [64, 3],
      [100, 1024],
    ]) {
      const plan = planJob(job(3, horizon, n, 'moments'), ROOMY);
      expect(plan.streamLength * (plan.streamCount - 1)).toBeLessThan(n);
      expect(plan.streamLength * plan.streamCount).toBeGreaterThanOrEqual(n);
      expect(plan.sliceLength * (plan.sliceCount - 1)).toBeLessThan(n);
      expect(plan.sliceLength * plan.sliceCount).toBeGreaterThanOrEqual(n);
    }
  });

  test('keeps every counter of a chunk below 2^32', () => {
    for (const level of ['groups', 'moments', 'full'] as const) {
      const { maxChunkGroups } = planJob(job(4, 4, 1000, level), ROOMY);
      expect(maxChunkGroups * 1000).toBeLessThan(2 ** 32);
    }
  });

  test('refuses what the adapter cannot hold in one line that says what would', () => {
    const small = { maxStorageBufferBindingSize: 1024, maxBufferSize: 1024 };
    expect(() => planJob(job(64, 16, 8, 'full'), small)).toThrow(InputError);
    expect(() => planJob(job(64, 16, 8, 'full'), small)).toThrow(
      /this adapter: expected storage bindings of/,
    );
  });
});

test('counters beyond the contract are refused on every engine, naming the level that fits', () => {
  expect(() => checkJob(job(4096, 4, 1024, 'full'))).toThrow(
    /at most 64\.0 MiB of token counters per prompt.*ask for --level moments/,
  );
  expect(() => checkJob(job(4096, 4, 1024, 'moments'))).not.toThrow();
});
