import { describe, expect, test } from 'vitest';
import { collectTallies } from '../../../src/engine/collect.ts';
import { everyPrompt, type SamplingJob } from '../../../src/engine/sampler.ts';
import { transitionsOf } from '../../../src/engine/slicedLimits.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { decodeJob, encodeJob } from '../../../src/engine/worker/wire.ts';
import { compileAccept, type Accept } from '../../../src/problem/automaton.ts';
import { randomProblem } from '../../problems.ts';
import { inlineEngine } from '../cpu/inlineThreads.ts';
import { slicedJob } from './cases.ts';

const shape = { vocab: 4, horizon: 3, context: 'none', accept: { sum: { modulus: 3, residue: 1 } } } as const;
const plain = slicedJob(randomProblem(shape), 4, 0, 40);
const of = (changes: Partial<Parameters<typeof randomProblem>[0]>): SamplingJob =>
  slicedJob(randomProblem({ ...shape, ...changes }), 4, 0, 40);
const automaton = (states: number): Accept => ({
  automaton: {
    start: 0,
    accept: [0],
    next: Array.from({ length: states }, (_, s) => Array.from({ length: 32 }, (_v, v) => (s + v) % states)),
  },
});

describe('sliced@1 is refused in one line', () => {
  const refused: [name: string, job: SamplingJob, message: RegExp][] = [
    [
      'at level moments',
      { ...plain, level: 'moments' },
      /sliced@1: level: expected groups, got moments; ask for/,
    ],
    ['at level full', { ...plain, level: 'full' }, /level: expected groups, got full/],
    ['with context', of({ context: 'previous' }), /context: expected none, got previous/],
    ['given the outcome', { ...plain, given: 2 }, /given: expected nothing, .* got 2/],
    ['beyond 32 tokens', of({ vocab: 33 }), /vocab: expected at most 32, got 33/],
    ['beyond 32 positions', of({ vocab: 2, horizon: 33 }), /horizon: expected at most 32, got 33/],
    ['with too many thresholds', of({ vocab: 32, horizon: 9 }), /at most 256, got 279/],
    [
      'with a large modulus',
      of({ accept: { sum: { modulus: 65, residue: 0 } } }),
      /modulus of prompt p0: .* got 65/,
    ],
    [
      'with a large automaton',
      of({ vocab: 32, accept: automaton(16) }),
      /transitions of .* prompt p0, .* at most 256, got/,
    ],
    ['for many prompts', of({ promptCount: 17 }), /prompts: expected at most 16, got 17/],
  ];
  test.each(refused)('%s', async (_, job, message) => {
    await expect(collectTallies(new TwinEngine(), job)).rejects.toThrow(message);
  });

  test('by the CPU engine, which says which engines have it', async () => {
    const engine = inlineEngine();
    await expect(collectTallies(engine, plain)).rejects.toThrow(
      /sampler sliced@1: expected an engine that has it: gpu or twin, got cpu; ask for --engine gpu/,
    );
    await engine.close();
  });
});

describe('sliced@1', () => {
  test('takes what is just within its limits', async () => {
    const jobs = [
      of({ vocab: 32, horizon: 8, promptCount: 1 }),
      of({ vocab: 2, horizon: 32, accept: { sum: { modulus: 64, residue: 0 } } }),
      of({ promptCount: 16 }),
    ];
    for (const job of jobs) {
      const [tally] = await collectTallies(new TwinEngine(), job);
      expect(tally.groups.reduce((total, count) => total + count, 0)).toBe(40);
    }
  });

  test('counts the prompts that are sampled, not all there are', async () => {
    const job = of({ promptCount: 17 });
    const ranges = everyPrompt(job.problem, 0, 40).slice(1);
    await expect(collectTallies(new TwinEngine(), { ...job, ranges })).resolves.toHaveLength(17);
  });

  test('crosses the wire', () => {
    expect(decodeJob(structuredClone(encodeJob(plain))).sampler).toBe('sliced@1');
  });

  test('has no fault that is another sampler’s, and lends none', async () => {
    const { sampler: _, ...other } = plain;
    const sampled = (job: SamplingJob): Promise<unknown> => collectTallies(new TwinEngine(), job);
    await expect(sampled({ ...plain, fault: 'scaled-word' })).rejects.toThrow(/sliced@1 has nothing/);
    await expect(sampled({ ...other, fault: 'thinned-planes' })).rejects.toThrow(/cdf@1 has nothing/);
  });
});

describe('transitions of a verifier', () => {
  test('of sequences are the steps of those sequences alone', () => {
    const accept = {
      sequences: [
        [0, 1, 2],
        [0, 2, 2],
      ],
    };
    const found = transitionsOf(compileAccept(accept, 3, 3), 3, 3);
    expect(found.map((own) => own.map(({ tokens }) => [...tokens]))).toEqual([[[0]], [[1], [2]], [[2], [2]]]);
  });

  test('leave out states that nothing is accepted from', () => {
    const accept = {
      automaton: {
        start: 0,
        accept: [1],
        next: [
          [0, 2],
          [1, 1],
          [2, 2],
        ],
      },
    };
    expect(transitionsOf(compileAccept(accept, 2, 3), 2, 3)).toEqual([[], [], []]);
  });
});
