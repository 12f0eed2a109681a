/**
 * Self-consistency: maj@k, the chance that the most frequent answer of k samples is the correct one (Wang et al. 2022).
 * Ties are broken evenly: with m answers tied at the top, the correct one among them, it is chosen with chance 1/m.
 *
 *   maj@k = Σ_j Σ_m P(N_correct = j, m − 1 others have j, all the rest fewer) / m
 *
 * where by the multinomial law, with r = k − j samples left for the others,
 *   P(…) = C(k, j) p_c^j r! [x^r] Π_a Σ_{i ≤ j} (p_a x)^i / i!
 * the factors i = j being counted as ties. Sums of products of what is ≥ 0: nothing cancels.
 */

/** Powers and factorials of more samples than this would leave float64. */
export const MAX_MAJORITY_K = 128;

/**
 * @param correctProb of the correct answer
 * @param otherProbs of every other answer; with correctProb they sum to 1
 * @param k 1 .. MAX_MAJORITY_K samples
 * @throws RangeError for another k
 */
export function majorityAtK(correctProb: number, otherProbs: readonly number[], k: number): number {
  if (!Number.isInteger(k) || k < 1 || k > MAX_MAJORITY_K) {
    throw new RangeError(`maj@k: expected k of 1 .. ${MAX_MAJORITY_K}, got ${k}`);
  }
  const others = otherProbs.filter((prob) => prob > 0);
  let total = 0;
  // C(k, j) (k − j)! p^j = k! p^j / j!, and k! is shared out over the others' factors as they are multiplied.
  for (let j = 1; j <= k; j += 1) {
    const left = k - j;
    if (left > others.length * j) continue;
    const win = winWeight(others, left, j);
    if (win > 0) total += win * fallingTerm(correctProb, k, j);
  }
  return Math.min(1, total);
}

/** k!/j! p^j / r!, r = k − j: the binomial coefficient with its power. */
function fallingTerm(prob: number, k: number, j: number): number {
  let term = 1;
  for (let i = 1; i <= j; i += 1) term *= (prob * (k - j + i)) / i;
  return term;
}

/** r! [x^r] Π_a Σ_{i ≤ j} (p_a x)^i / i!, each term divided by its number of answers at the top. */
function winWeight(others: readonly number[], rest: number, j: number): number {
  const width = Math.floor(rest / j) + 1;
  // weights[used * width + ties] = used! [x^used] of the product so far
  let weights = new Float64Array((rest + 1) * width);
  weights[0] = 1;
  for (const prob of others) {
    const next = new Float64Array(weights.length);
    for (let used = 0; used <= rest; used += 1) {
      // (used + i)! / (used! i!) p^i
      let factor = 1;
      for (let i = 0; i <= Math.min(j, rest - used); i += 1) {
        if (i > 0) factor *= (prob * (used + i)) / i;
        const tied = i === j ? 1 : 0;
        for (let ties = 0; ties + tied < width; ties += 1) {
          next[(used + i) * width + ties + tied] += weights[used * width + ties] * factor;
        }
      }
    }
    weights = next;
  }
  let sum = 0;
  for (let ties = 0; ties < width; ties += 1) sum += weights[rest * width + ties] / (ties + 1);
  return sum;
}
