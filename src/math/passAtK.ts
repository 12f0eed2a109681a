/**
 * The scalar laws of pass@k: what k attempts do to a success probability, to its gradient, and how a finite sample
 * estimates it. Forms that keep full relative precision from p = 1e-300 to p = 1 and k to 1e6.
 */

/** Throws unless 0 ≤ p ≤ 1 and k is an integer ≥ 1. */
function checkArguments(successProb: number, k: number): void {
  if (!(successProb >= 0 && successProb <= 1)) {
    throw new RangeError(`successProb: expected a number in [0, 1], got ${successProb}`);
  }
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`k: expected an integer >= 1, got ${k}`);
}

/** log(1 − p), from whichever of p and q = 1 − p has the digits. */
function logFailure(successProb: number, failureProb: number | undefined): number {
  return failureProb !== undefined && successProb > 0.5 ? Math.log(failureProb) : Math.log1p(-successProb);
}

/**
 * Chance that at least one of k independent attempts succeeds.
 *
 *   J_k = 1 − (1 − p)^k = −expm1(k log1p(−p))
 *
 * @param successProb p in [0, 1]
 * @param k attempts, integer ≥ 1
 * @param failureProb 1 − p where it is known better than float64 p says, as near p = 1
 * @throws RangeError naming the argument
 */
export function passAtK(successProb: number, k: number, failureProb?: number): number {
  checkArguments(successProb, k);
  if (k === 1) return successProb;
  return -Math.expm1(k * logFailure(successProb, failureProb));
}

/**
 * Factor that turns the pass@1 gradient of one prompt into its pass@k gradient.
 *
 *   ∇J_k = α_k(p) ∇J_1      α_k(p) = k (1 − p)^(k−1)
 *
 * By the chain rule (Yu 2025, arXiv 2511.16231, Thm 3.1). Per prompt only: a mean over prompts with different p does
 * not commute with it.
 *
 * @param failureProb as in `passAtK`
 * @returns α_k in [0, k]
 * @throws RangeError naming the argument
 */
export function passAtKWeight(successProb: number, k: number, failureProb?: number): number {
  checkArguments(successProb, k);
  if (k === 1) return 1;
  return k * Math.exp((k - 1) * logFailure(successProb, failureProb));
}

/**
 * What k attempts add to one: J_k − J_1 = δ − δ^k = δ (1 − δ^(k−1)), δ = 1 − p.
 *
 * It vanishes at both ends and is largest at p = 1 − k^(−1/(k−1)).
 *
 * @throws RangeError naming the argument
 */
export function passAtKGap(successProb: number, k: number): number {
  checkArguments(successProb, k);
  if (k === 1) return 0;
  return (1 - successProb) * -Math.expm1((k - 1) * Math.log1p(-successProb));
}

/**
 * The unbiased estimator of pass@k from c successes among n samples (Chen et al. 2021, arXiv 2107.03374, Eq 1).
 *
 *   ρ(n, c, k) = 1 − C(n−c, k) / C(n, k)
 *
 * The ratio is a product of min(c, k) factors, multiplied directly while it is short and summed as log1p otherwise.
 *
 * @param sampleCount n ≥ k
 * @param correctCount c in 0..n
 * @throws RangeError naming the argument; for k > n no unbiased estimator exists
 */
export function unbiasedPassAtK(sampleCount: number, correctCount: number, k: number): number {
  if (!Number.isInteger(sampleCount) || sampleCount < 1) {
    throw new RangeError(`sampleCount: expected an integer >= 1, got ${sampleCount}`);
  }
  if (!Number.isInteger(correctCount) || correctCount < 0 || correctCount > sampleCount) {
    throw new RangeError(`correctCount: expected an integer in 0..${sampleCount}, got ${correctCount}`);
  }
  if (!Number.isInteger(k) || k < 1 || k > sampleCount) {
    throw new RangeError(
      `k: expected an integer in 1..${sampleCount} (no unbiased estimator exists for k > n), got ${k}`,
    );
  }
  if (correctCount > sampleCount - k) return 1;
  // C(n−c, k)/C(n, k) = Π_{i<min} (1 − max/(n−i)): symmetric in c and k, so take the shorter product.
  const shorter = Math.min(correctCount, k);
  const longer = Math.max(correctCount, k);
  let logRatio = 0;
  for (let i = 0; i < shorter; i += 1) logRatio += Math.log1p(-longer / (sampleCount - i));
  return -Math.expm1(logRatio);
}
