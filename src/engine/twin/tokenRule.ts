/** The token rule (contract), as directly as it can be said. */
import { writeThresholds } from '../../problem/masses.ts';
import type { TokenRow } from '../selfTestCases.ts';

/** The number of thresholds ≤ word. */
export function tokenOfWord(word: number, { thresholds, thresholdCount }: TokenRow): number {
  let token = 0;
  while (token < thresholdCount && thresholds[token] <= word) token += 1;
  return token;
}

/** @param masses [rows, vocab] */
export function tokenRowsOf(masses: ArrayLike<number>, vocab: number): TokenRow[] {
  return Array.from({ length: masses.length / vocab }, (_, row) => {
    const thresholds = new Uint32Array(vocab);
    const own = Float64Array.from({ length: vocab }, (_value, v) => masses[row * vocab + v]);
    return { thresholds, thresholdCount: writeThresholds(own, thresholds) };
  });
}
