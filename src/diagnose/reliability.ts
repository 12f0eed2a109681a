/**
 * What stands beside pass@k: whether all of k are right (pass^k), whether enough are (G-Pass@k), and what drawing with replacement
 * from the n at hand gives (best@k of some harnesses), which is no estimate without bias.
 */
import { unbiasedPassAtK } from '../math/passAtK.ts';
import type { CountClass } from './classes.ts';

export interface Reliability {
  /** mean of 1 − C(n−c, k)/C(n, k): without bias (Chen et al. 2107.03374) */
  readonly passAtK: number;
  /** mean of 1 − (1 − c/n)^k: k drawn with replacement from the n, as verl's best@k; it is at most pass@k */
  readonly bestAtK: number;
  /** mean of C(c, k)/C(n, k): all of k are right (Yao et al. 2406.12045) */
  readonly passHatK: number;
  /** by τ: at least ⌈τ k⌉ of k are right (Liu et al. 2412.13147, Eq 3) */
  readonly gPassAtK: Readonly<Record<string, number>>;
  /** 2/k Σ_i G-Pass@k of i/k, i = ⌈k/2⌉ + 1 .. k (their Eq 5) */
  readonly mGPassAtK: number;
}

const THRESHOLDS = [0.25, 0.5, 0.75, 1];

/** @param k at most every n */
export function reliabilityAt(classes: readonly CountClass[], k: number): Reliability {
  const problemCount = classes.reduce((sum, { problemCount: count }) => sum + count, 0);
  const mean = (of: (entry: CountClass) => number): number =>
    classes.reduce((sum, entry) => sum + entry.problemCount * of(entry), 0) / problemCount;
  const tails = new Map(classes.map((entry) => [entry, tailsOf(entry, k)]));
  const atLeast = (count: number): number => mean((entry) => tails.get(entry)?.[count] ?? 0);
  const half = Math.ceil(k / 2);
  const above = Array.from({ length: k - half }, (_, i) => half + 1 + i);
  return {
    passAtK: mean(({ n, correct }) => unbiasedPassAtK(n, correct, k)),
    bestAtK: mean(({ n, correct }) => 1 - (1 - correct / n) ** k),
    passHatK: atLeast(k),
    gPassAtK: Object.fromEntries(
      THRESHOLDS.map((threshold) => [
        String(threshold),
        atLeast(Math.max(1, Math.ceil(threshold * k - 1e-9))),
      ]),
    ),
    mGPassAtK: (2 / k) * above.reduce((sum, count) => sum + atLeast(count), 0),
  };
}

/** [k + 1]: chance that at least j of k drawn without replacement are right. */
function tailsOf({ n, correct }: CountClass, k: number): Float64Array {
  // Hypergeometric chances relative to the likeliest, so that none underflows before it must.
  const [least, most] = [Math.max(0, k - (n - correct)), Math.min(k, correct)];
  const chances = new Float64Array(k + 1);
  const ratio = (j: number): number => ((correct - j) / (j + 1)) * ((k - j) / (n - correct - k + j + 1));
  const peak = Math.min(most, Math.max(least, Math.floor(((k + 1) * (correct + 1)) / (n + 2))));
  chances[peak] = 1;
  for (let j = peak; j < most; j += 1) chances[j + 1] = chances[j] * ratio(j);
  for (let j = peak; j > least; j -= 1) chances[j - 1] = chances[j] / ratio(j - 1);
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  const tails = new Float64Array(k + 1);
  let sum = 0;
  for (let j = k; j >= 0; j -= 1) {
    sum += chances[j];
    tails[j] = sum / total;
  }
  return tails;
}
