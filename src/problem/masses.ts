/**
 * A policy as integers. Each row of token probabilities becomes integer masses that sum to 2^32; from then on the
 * policy *is* masses / 2^32, in the kernels and in the theory alike, so there is no quantisation error to speak of.
 */
import { portableExp } from '../math/elementary.ts';

export const TOTAL_MASS = 2 ** 32;

/** Softmax of one row, summed in token order: exp(x − max) / Σ. */
export function softmax(logits: readonly number[]): Float64Array {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  const probabilities = Float64Array.from(logits, (logit) => portableExp(logit - largest));
  return normalise(probabilities);
}

/** Divides a row by its sum, taken in token order. */
export function normalise(weights: readonly number[] | Float64Array): Float64Array {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return Float64Array.from(weights, (weight) => weight / sum);
}

/**
 * Integer masses of one row (contract).
 *
 *   T_v = min(2^32, ⌊2^32 Σ_{w≤v} p_w + ½⌋), and 2^32 from the last token with p > 0 on;   m_v = T_v − T_{v−1}
 *
 * @param probabilities [vocab], summing to 1 up to rounding
 * @param masses receives [vocab] integers ≥ 0 that sum to 2^32
 */
export function writeMasses(probabilities: Float64Array, masses: Float64Array): void {
  let lastPositive = probabilities.length - 1;
  while (lastPositive > 0 && !(probabilities[lastPositive] > 0)) lastPositive -= 1;
  let cumulative = 0;
  let previous = 0;
  for (let v = 0; v < probabilities.length; v += 1) {
    cumulative += probabilities[v];
    const threshold =
      v >= lastPositive ? TOTAL_MASS : Math.min(TOTAL_MASS, Math.floor(TOTAL_MASS * cumulative + 0.5));
    masses[v] = threshold - previous;
    previous = threshold;
  }
}

/**
 * The token rule's table for one row: token = number of thresholds ≤ word.
 *
 * Stored are T_0 .. T_{L−2}, token L−1 being the last with positive mass; all of them are below 2^32.
 *
 * @param masses [vocab]; all 0 where the row is never entered
 * @param thresholds receives L − 1 numbers; the rest is left alone
 * @returns L − 1
 */
export function writeThresholds(masses: Float64Array, thresholds: Uint32Array): number {
  let last = masses.length - 1;
  while (last > 0 && masses[last] === 0) last -= 1;
  let cumulative = 0;
  for (let v = 0; v < last; v += 1) {
    cumulative += masses[v];
    thresholds[v] = cumulative;
  }
  return last;
}
