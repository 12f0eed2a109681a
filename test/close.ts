/** Comparison of floating-point numbers with a tolerance that the test states and can defend. */
import { expect } from 'vitest';

/** Fails unless |actual − expected| ≤ relative × |expected|. */
export function expectRelative(actual: number | undefined | null, expected: number, relative: number): void {
  const error = Math.abs((actual ?? NaN) - expected);
  expect(
    error <= relative * Math.abs(expected),
    `${actual}, expected ${expected} within ${relative} of it`,
  ).toBe(true);
}
