/**
 * Prompts that share parameters. With logits base_x + Σ_f features[x][f] θ_f, the gradient with respect to block θ_f is
 * the mean over prompts of features[x][f] times the gradient with respect to the logits.
 *
 *   ∇ mean J_k = mean_x α_k(p_x) φ_x ⊗ ∇J_1(x)
 *
 * α_k(p_x) re-weights the prompts, so this is not a multiple of ∇ mean J_1: the per-prompt theorem (Yu 2025, Thm 3.1)
 * ends where prompts share parameters, and the two gradients can even oppose each other.
 */
import { passAtK, passAtKWeight } from './passAtK.ts';

export interface AggregateRow {
  readonly k: number;
  /** mean over prompts of J_k */
  readonly passAtK: number;
  /** |∇ mean J_k|² with respect to θ */
  readonly gradientNormSq: number;
  /** of ∇ mean J_k and ∇ mean J_1; null where either is zero */
  readonly cosine: number | null;
}

/**
 * @param prompts success probability and ∇J_1 [cells] of each
 * @param features [prompts][F]
 */
export function aggregateGradients(
  prompts: readonly { readonly successProb: number; readonly gradient: ArrayLike<number> }[],
  features: readonly (readonly number[])[],
  ks: readonly number[],
): AggregateRow[] {
  const first = meanGradient(prompts, features, 1);
  const firstNormSq = dot(first, first);
  return ks.map((k) => {
    const gradient = meanGradient(prompts, features, k);
    const gradientNormSq = dot(gradient, gradient);
    const scale = Math.sqrt(firstNormSq) * Math.sqrt(gradientNormSq);
    return {
      k,
      passAtK: prompts.reduce((sum, { successProb }) => sum + passAtK(successProb, k), 0) / prompts.length,
      gradientNormSq,
      cosine: scale > 0 ? Math.max(-1, Math.min(1, dot(first, gradient) / scale)) : null,
    };
  });
}

/** ∇ mean J_k: [F, cells] */
function meanGradient(
  prompts: readonly { readonly successProb: number; readonly gradient: ArrayLike<number> }[],
  features: readonly (readonly number[])[],
  k: number,
): Float64Array {
  const cells = prompts[0].gradient.length;
  const mean = new Float64Array(features[0].length * cells);
  prompts.forEach(({ successProb, gradient }, x) => {
    const weight = passAtKWeight(successProb, k) / prompts.length;
    features[x].forEach((feature, f) => {
      for (let j = 0; j < cells; j += 1) mean[f * cells + j] += weight * feature * gradient[j];
    });
  });
  return mean;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
