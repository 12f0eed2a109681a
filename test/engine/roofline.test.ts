/** What bounds a kernel: its text's operations, and the share of its time that they would take alone. */
import { describe, expect, test } from 'vitest';
import { countOperations } from '../../src/engine/gpu/roofline/operations.ts';
import { countsOfGroup } from '../../src/engine/gpu/sampling/wholeGroups/wholeGroups.ts';
import type { WholeGroupShape } from '../../src/engine/gpu/sampling/wholeGroups/shape.ts';
import { rooflineOf } from '../../src/experiments/throughput/roofline.ts';

const LIBRARY = `
fn twice(x: u32) -> u32 { return x * 2u; }
// a + b * c in a comment
fn both(x: u32) -> u32 {
  for (var i = 0u; i < 4u; i += 1u) {
    y += twice(x) ^ x;
  }
  return guide[x];
}
`;
const ENTRY = `
@compute fn main() {
  let outside = a + b;
}
fn tally() {
  let before = thresholds[0u] + thresholds[1u];
  for (var at = thread; at < count; at += 64u) {
    let a = select(1u, 0u, x > y);
    for (var i = 0u; i < 16u; i += 2u) {
      kept[i] = both(a) + ~b;
    }
    for (var open = q >= 5u; open; open = false) {
      z = z * z;
    }
    atomicAdd(&groups[a], 1u);
    if (x != 0u) { atomicAdd(&groups[a + 1u], 1u); }
  }
  let after = c * d;
}
`;

describe('operations', () => {
  test('are counted with the trips of their loops and the functions that are called, and no more', () => {
    const counts = countOperations({
      files: [ENTRY, LIBRARY],
      entryPoint: 'tally',
      pass: 'at < count',
      trips: [['open', 0]],
    });
    // both: 4 of (+=, *, ^); the loop of 8 has + and ~ beside it. Once: select, >, !=, + of an index.
    expect(counts).toEqual({ operations: 4 + 8 * (2 + 4 * 3), loads: 8, privateAccesses: 8, atomics: 2 });
  });

  test('a text without the loop that is counted is refused', () => {
    expect(() =>
      countOperations({ files: [ENTRY], entryPoint: 'tally', pass: 'at < other', trips: [] }),
    ).toThrow(/no loop/);
  });

  test('of a kernel of whole groups: one load a token where tokens are looked up, none where they are compared', () => {
    const shape: WholeGroupShape = {
      ...{ vocab: 16, horizon: 8, groupSize: 16, streamLength: 8, level: 'groups', rows: 'position' },
      ...{ search: 'packed', guideBits: 10, hasCrowdedBuckets: false, hasSpareTokens: false },
      ...{ verifier: 'sum', moments: 'pairs', counters: 'global', isNarrow: true },
    };
    expect(countsOfGroup(shape)).toMatchObject({ loads: 128, privateAccesses: 0, atomics: 1 });
    expect(countsOfGroup({ ...shape, search: 'compare' })).toMatchObject({ loads: 0, atomics: 1 });
    // Two loads of joint masses for four tokens, two words kept and read again, 3 sums of 64 bits, a count for each token.
    expect(countsOfGroup({ ...shape, level: 'full' })).toMatchObject({
      loads: 128 + 64,
      privateAccesses: 3 * 32,
      atomics: 128 + 1 + 3 * 2,
    });
    expect(countsOfGroup({ ...shape, level: 'full' }).operations).toBeGreaterThan(
      countsOfGroup(shape).operations + 120 * 10,
    );
  });
});

test('what would take longest alone is what bounds a kernel', () => {
  const profile = {
    kernel: 'k',
    perToken: { operations: 50, loads: 1, privateAccesses: 0, atomics: 0.01 },
    ceilings: {
      operations: 1e10,
      loads: 1e8,
      privateAccesses: 1e8,
      atomics: 1e8,
      bytes: 1e9,
      dispatches: 1e4,
    },
  };
  const where = { engine: 'gpu', name: 'base', level: 'groups' } as const;
  const row = rooflineOf(profile, where, 1e7, 200, 4);
  expect(row.bound).toBe('loads');
  expect(row.fraction).toBeCloseTo(0.5);
  expect(row.shares.operations).toBeCloseTo(0.25);
  expect(row.shares.dispatches).toBeCloseTo(4 / 1e4 / 0.2);
  expect(row.tokensPerSecond).toBeCloseTo(5e7);
});
