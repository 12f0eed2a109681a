/** The kernel of whole groups before there is a GPU: which one is chosen, its tables, its text. */
import { describe, expect, test } from 'vitest';
import { everyPrompt, type SamplingJob } from '../../src/engine/sampler.ts';
import { LEVELS, type Level } from '../../src/engine/tally.ts';
import {
  groupsPerTicket,
  leastTokens,
  mostGroupsPerTicket,
  nearbyGroups,
  tokensOf,
  wholeGroupShape,
  type AdapterKind,
  type PlannedShape,
} from '../../src/engine/gpu/sampling/wholeGroups/plan.ts';
import { wholeGroupSource } from '../../src/engine/gpu/sampling/wholeGroups/source.ts';
import {
  isExactRemainder,
  jointMassTable,
  reciprocalOf,
  writePackedGuide,
} from '../../src/engine/gpu/sampling/wholeGroups/tables.ts';
import { CROWDED } from '../../src/engine/gpu/sampling/wholeGroups/tokenText.ts';
import { roundedTables } from '../../src/engine/gpu/sampling/roundedTables.ts';
import { jointMasses, tokenBitsOf } from '../../src/engine/gpu/sampling/wholeGroups/shape.ts';
import { openStream } from '../../src/math/random/stream.ts';
import { randomProblem, type Shape } from '../problems.ts';
import { shapes } from './shapes.ts';

const SOFTWARE: AdapterKind = { isSoftware: true, workgroupSize: 64 };
const HARDWARE: AdapterKind = { isSoftware: false, workgroupSize: 64 };
const SUM = { sum: { modulus: 5, residue: 2 } } as const;

function job(shape: Omit<Shape, 'accept'>, groupSize: number, level: Level): SamplingJob {
  const problem = randomProblem({ accept: SUM, ...shape });
  return { problem, groupSize, level, seed: 1, drawId: 0, ranges: everyPrompt(problem, 0, 1000) };
}
const planned = (own: SamplingJob, adapter: AdapterKind): PlannedShape | null =>
  wholeGroupShape(own, own.problem.prompts.length * own.problem.rowCount, adapter);

const BASE = { vocab: 16, horizon: 8, context: 'none' } as const;

describe('the plan of whole groups', () => {
  test('compares thresholds on software adapters, looks them up elsewhere and where they are many', () => {
    expect(planned(job(BASE, 16, 'groups'), SOFTWARE)).toMatchObject({ search: 'compare', moments: 'pairs' });
    expect(planned(job(BASE, 16, 'groups'), HARDWARE)).toMatchObject({ search: 'packed' });
    expect(planned(job({ ...BASE, vocab: 64 }, 16, 'full'), SOFTWARE)).toMatchObject({ search: 'packed' });
    expect(planned(job({ ...BASE, context: 'previous' }, 16, 'groups'), SOFTWARE)).toMatchObject({
      search: 'packed',
      rows: 'previous',
    });
  });

  test('pairs short groups and keeps a histogram of long ones', () => {
    expect(planned(job(BASE, 24, 'moments'), SOFTWARE)?.moments).toBe('pairs');
    expect(planned(job(BASE, 25, 'moments'), SOFTWARE)?.moments).toBe('histogram');
  });

  test('leaves to the separate kernels what a thread could not keep', () => {
    const inContext = (horizon: number, groupSize: number, level: Level): PlannedShape | null =>
      planned(job({ ...BASE, context: 'previous', horizon }, groupSize, level), SOFTWARE);
    expect(inContext(16, 16, 'full')).toMatchObject({ rows: 'previous', moments: 'pairs' });
    expect(inContext(16, 25, 'groups')).not.toBeNull();
    expect(inContext(16, 25, 'moments')).toBeNull();
    expect(inContext(17, 16, 'moments')).toBeNull();
    expect(planned(job({ ...BASE, vocab: 256 }, 64, 'moments'), SOFTWARE)).toBeNull();
    expect(planned(job({ ...BASE, vocab: 64 }, 64, 'moments'), SOFTWARE)).not.toBeNull();
    expect(planned(job({ ...BASE, vocab: 64 }, 64, 'moments'), HARDWARE)).toBeNull();
  });

  test('counts in workgroup memory on hardware, in tickets that no 16 bits overflow', () => {
    const shape = planned(job(BASE, 16, 'full'), HARDWARE)!;
    expect(shape.counters).toBe('workgroup');
    expect(planned(job(BASE, 16, 'full'), SOFTWARE)!.counters).toBe('global');
    // (n + 1) 2 T V counters of 16 bits beyond 16 KiB
    expect(planned(job({ ...BASE, vocab: 32 }, 24, 'full'), HARDWARE)!.counters).toBe('global');
    for (const groupSize of [1, 2, 16, 24]) {
      const most = mostGroupsPerTicket({ counters: 'workgroup', groupSize }, 64);
      expect(most % 64).toBe(0);
      expect(most * groupSize).toBeLessThan(2 ** 16);
      expect(most).toBeLessThanOrEqual(nearbyGroups(groupSize));
      expect(groupsPerTicket(1e9, { counters: 'workgroup', groupSize }, HARDWARE)).toBe(most);
    }
    expect(groupsPerTicket(10, shape, HARDWARE)).toBe(64);
  });

  test('weighs compilation against all that a caller says is to come', () => {
    const few = job(BASE, 16, 'groups');
    const many = { ...few, tokensAhead: 2 ** 40 };
    expect(tokensOf(job(BASE, 2, 'groups'))).toBeLessThan(leastTokens(few, true));
    expect(tokensOf(many)).toBeGreaterThan(leastTokens(many, false));
    const slow = job({ ...BASE, context: 'previous' }, 16, 'moments');
    expect(leastTokens(slow, true)).toBeLessThan(leastTokens({ ...slow, level: 'groups' }, true));
  });
});

describe('a packed guide', () => {
  /** The token rule of the kernel, in numbers. */
  const tokenOf = (word: number, guide: Uint32Array, vocab: number, thresholds: Uint32Array): number => {
    const unit = 2 ** tokenBitsOf(vocab);
    const bucketSize = 2 ** 32 / guide.length;
    const entry = guide[Math.floor(word / bucketSize)];
    const below = entry % unit;
    if (entry >= CROWDED) {
      const inside = Math.floor((entry - CROWDED) / unit);
      return below + thresholds.slice(below, below + inside).filter((threshold) => threshold <= word).length;
    }
    return below + ((word % bucketSize) * unit + (unit - 1) >= entry ? 1 : 0);
  };

  test('gives the token of every word at and beside a threshold, crowded or not', () => {
    const next = openStream(3, 0, 0, 0, 0);
    let crowdedRows = 0;
    for (let round = 0; round < 200; round += 1) {
      const vocab = 2 + (next() % 40);
      // Some equal, some at the first and the last word of a bucket.
      const thresholds = Uint32Array.from({ length: vocab - 1 }, () =>
        round % 2 === 0 ? next() : (next() >>> 24) * 2 ** 24 + (next() % 3) - 1,
      ).sort();
      const bits = tokenBitsOf(vocab) + 3 + (round % 4);
      const guide = new Uint32Array(2 ** bits);
      if (writePackedGuide(thresholds, thresholds.length, vocab, guide)) crowdedRows += 1;
      const words = [...thresholds].flatMap((threshold) => [threshold - 1, threshold, threshold + 1]);
      for (const word of [0, 2 ** 32 - 1, next(), ...words].filter((w) => w >= 0 && w < 2 ** 32)) {
        expect(tokenOf(word, guide, vocab, thresholds)).toBe(
          thresholds.filter((threshold) => threshold <= word).length,
        );
      }
    }
    expect(crowdedRows).toBeGreaterThan(20);
    expect(crowdedRows).toBeLessThan(200);
  });
});

describe('tables', () => {
  test('a remainder by a reciprocal is right wherever the check says so', () => {
    for (const modulus of [1, 2, 3, 5, 7, 10, 64, 1000, 4099]) {
      let greatest = 0;
      while (greatest < 70_000 && isExactRemainder(modulus, greatest)) {
        const quotient = Math.floor((greatest * reciprocalOf(modulus)) / 2 ** 16);
        expect(greatest - quotient * modulus).toBe(greatest % modulus);
        greatest += 1;
      }
      expect(greatest).toBeGreaterThan(15);
    }
    // 7 · 9363 = 65541: five too many, so a sum of 13107 and more may be wrong.
    expect(isExactRemainder(7, 13_107)).toBe(true);
    expect(isExactRemainder(7, 13_108)).toBe(false);
  });

  test('joint masses are the sums of their tokens, and of nothing beyond the horizon', () => {
    const problem = randomProblem({ vocab: 5, horizon: 3, context: 'none', accept: SUM, promptCount: 2 });
    const rounded = roundedTables(problem, 'moments');
    const { digits, size, blockCount } = jointMasses(problem);
    expect([digits, size, blockCount]).toEqual([2, 64, 2]);
    const joint = jointMassTable(problem, rounded);
    const at = (prompt: number, t: number, v: number): number => rounded.tokenMass[(prompt * 3 + t) * 5 + v];
    expect(joint[(1 * 2 + 0) * 64 + 3 + 4 * 8]).toBe(at(1, 0, 3) + at(1, 1, 4));
    expect(joint[(1 * 2 + 1) * 64 + 2]).toBe(at(1, 2, 2));
  });
});

describe('the text', () => {
  test('is the same for the same shape, and says in its first line what it is for', () => {
    for (const [, shape, groupSize] of shapes) {
      for (const level of LEVELS) {
        const own = { ...job(BASE, groupSize, level), problem: randomProblem(shape) };
        const plan = planned(own, SOFTWARE);
        if (plan === null) continue;
        const whole = { ...plan, hasCrowdedBuckets: true, hasSpareTokens: true };
        const text = wholeGroupSource(whole);
        expect(wholeGroupSource(whole)).toBe(text);
        expect(text.split('\n')[0]).toContain(`V = ${shape.vocab}, T = ${shape.horizon}, n = ${groupSize}`);
      }
    }
  });
});
