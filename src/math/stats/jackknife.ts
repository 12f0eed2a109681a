/**
 * Jackknife: the standard error of a smooth function of sums, from what it gives when each block is left out
 * (Quenouille 1956; Tukey 1958).
 *
 *   SE² = (B − 1)/B Σ_b (θ_(−b) − θ̄)²,   θ̄ the mean of the θ_(−b)
 *
 * Blocks must be independent and alike. (θ − truth)/SE is held against Student's t with B − 1 degrees of freedom.
 */
export interface JackknifeEstimate {
  readonly value: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/**
 * @param whole θ of all blocks
 * @param without θ without block b, for each b
 */
export function jackknife(whole: number, without: readonly number[]): JackknifeEstimate {
  const count = without.length;
  const mean = without.reduce((sum, value) => sum + value, 0) / count;
  const spread = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    value: whole,
    standardError: Math.sqrt(((count - 1) / count) * spread),
    degreesOfFreedom: count - 1,
  };
}
