/**
 * Self-consistency: maj@k, the chance that the most frequent answer of k samples is the correct one (Wang et al. 2022).
 * Ties are broken evenly: with m answers tied at the top, the correct one among them, it is chosen with chance 1/m.
 *
 * With N_a ~ Multinomial(k, p),
 *   maj@k = Σ_j Σ_m P(N_correct = j, m − 1 others have j, all the rest fewer) / m
 * computed answer by answer over (samples used, ties), each answer's count a binomial of what is left: sums of
 * products of probabilities, no cancellation.
 */
import { binomialProbabilities } from './binomial.ts';

/**
 * @param correctProb of the correct answer
 * @param otherProbs of every other answer; with correctProb they sum to 1
 * @param k ≥ 1 samples
 */
export function majorityAtK(correctProb: number, otherProbs: readonly number[], k: number): number {
  const others = otherProbs.filter((prob) => prob > 0);
  const correctCounts = binomialProbabilities(k, correctProb, 1 - correctProb);
  let total = 0;
  for (let j = 1; j <= k; j += 1) {
    if (correctCounts[j] === 0) continue;
    total += correctCounts[j] * winChance(others, k - j, j);
  }
  return total;
}

/** Chance to win with j votes where `rest` votes fall on the other answers. */
function winChance(others: readonly number[], rest: number, j: number): number {
  if (others.length === 0) return rest === 0 ? 1 : 0;
  const mostTies = Math.floor(rest / j);
  // states[left * (mostTies + 1) + ties]
  const width = mostTies + 1;
  let states = new Float64Array((rest + 1) * width);
  states[rest * width] = 1;
  let restProb = others.reduce((sum, prob) => sum + prob, 0);
  others.forEach((prob, index) => {
    const isLast = index === others.length - 1;
    const share = isLast ? 1 : Math.min(1, prob / restProb);
    const next = new Float64Array(states.length);
    for (let left = 0; left <= rest; left += 1) {
      const reached = states.subarray(left * width, (left + 1) * width);
      if (reached.every((chance) => chance === 0)) continue;
      const counts = isLast ? null : binomialProbabilities(left, share, 1 - share);
      const least = isLast ? left : 0;
      for (let count = least; count <= Math.min(left, j); count += 1) {
        const chance = counts ? counts[count] : 1;
        const tied = count === j ? 1 : 0;
        for (let ties = 0; ties + tied < width; ties += 1) {
          next[(left - count) * width + ties + tied] += reached[ties] * chance;
        }
      }
    }
    states = next;
    restProb -= prob;
  });
  let chance = 0;
  for (let ties = 0; ties < width; ties += 1) chance += states[ties] / (ties + 1);
  return chance;
}
