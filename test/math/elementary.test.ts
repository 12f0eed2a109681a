import { describe, expect, test } from 'vitest';
import { portableExp, portableLog } from '../../src/math/elementary.ts';
import { sha256 } from '../../src/input/canonical.ts';
import { openStream } from '../../src/math/random/stream.ts';

/** Seeded numbers in [low, high]. */
function numbers(low: number, high: number, count: number): number[] {
  const next = openStream(4, 0, 0, 0, 0);
  return Array.from({ length: count }, () => low + ((high - low) * next()) / 2 ** 32);
}

describe('our own exp and log', () => {
  // The platform's functions are within 1 unit in the last place; ours within 1.5.
  const tolerance = 2.5 * Number.EPSILON;

  test('exp is right to about one unit in the last place from -700 to 700', () => {
    for (const x of [...numbers(-700, 700, 20_000), ...numbers(-1, 1, 20_000)]) {
      expect(Math.abs(portableExp(x) / Math.exp(x) - 1)).toBeLessThan(tolerance);
    }
  });

  test('log is right to about one unit in the last place, near 1 as well', () => {
    for (const x of [...numbers(0.5, 2, 20_000), ...numbers(1e-9, 1e9, 20_000), 1e-300, 1e300]) {
      expect(Math.abs(portableLog(x) - Math.log(x))).toBeLessThanOrEqual(tolerance * Math.abs(Math.log(x)));
    }
  });

  test('ends are exact: exp(0) = 1, exp(-800) = 0, log 1 = 0, log 0 = -Infinity', () => {
    expect([portableExp(0), portableExp(-800), portableExp(800)]).toEqual([1, 0, Infinity]);
    expect([portableLog(1), portableLog(0), portableLog(Infinity)]).toEqual([0, -Infinity, Infinity]);
  });

  test('their bits are pinned: one that differed would be another policy', async () => {
    const values = Float64Array.from([
      ...numbers(-40, 0, 5_000).map(portableExp),
      ...numbers(0, 9, 5_000).map(portableLog),
    ]);
    expect(await sha256(new Uint8Array(values.buffer))).toMatchInlineSnapshot(
      `"4773578659f9e2e78f82ac965ae10ff69c6fff402c489bf9a75b0d19f3943892"`,
    );
  });
});
