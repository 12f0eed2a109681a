/**
 * Prompts that share parameters. With logits base_x + Σ_f features[x][f] θ_f, the gradient with respect to block θ_f is
 * the mean over prompts of features[x][f] times the gradient with respect to the logits.
 *
 *   ∇ mean J_k = mean_x α_k(p_x) φ_x ⊗ ∇J_1(x)
 *
 * α_k(p_x) re-weights the prompts, so this is not a multiple of ∇ mean J_1: the per-prompt theorem (Yu 2025, Thm 3.1)
 * ends where prompts share parameters, and the two gradients can even oppose each other.
 */
import { passAtK, passAtKWeight } from '../math/passAtK.ts';

export interface AggregatePrompt {
  readonly successProb: number;
  /** where it is known better than float64 p says */
  readonly failureProb?: number;
  /** ∇J_1: [cells] */
  readonly gradient: ArrayLike<number>;
}

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
 * @param features [prompts][F]
 */
export function aggregateGradients(
  prompts: readonly AggregatePrompt[],
  features: readonly (readonly number[])[],
  ks: readonly number[],
): AggregateRow[] {
  const first = meanGradient(prompts, features, 1);
  return ks.map((k) => {
    const gradient = meanGradient(prompts, features, k);
    const meanPassAtK = prompts.reduce(
      (sum, { successProb, failureProb }) => sum + passAtK(successProb, k, failureProb),
      0,
    );
    const size = dot(gradient.direction, gradient.direction);
    const scale = Math.sqrt(dot(first.direction, first.direction)) * Math.sqrt(size);
    return {
      k,
      passAtK: meanPassAtK / prompts.length,
      gradientNormSq: size * gradient.scale * gradient.scale,
      cosine: scale > 0 ? Math.max(-1, Math.min(1, dot(first.direction, gradient.direction) / scale)) : null,
    };
  });
}

/** ∇ mean J_k as scale × direction [F, cells], the direction's largest entry being 1: its square cannot over- or underflow. */
function meanGradient(
  prompts: readonly AggregatePrompt[],
  features: readonly (readonly number[])[],
  k: number,
): { readonly scale: number; readonly direction: Float64Array } {
  const cells = prompts[0].gradient.length;
  const featureScale = largest(features.flat());
  const mean = new Float64Array(features[0].length * cells);
  if (featureScale === 0) return { scale: 0, direction: mean };
  prompts.forEach(({ successProb, failureProb, gradient }, x) => {
    const weight = passAtKWeight(successProb, k, failureProb) / prompts.length;
    features[x].forEach((feature, f) => {
      for (let j = 0; j < cells; j += 1)
        mean[f * cells + j] += weight * (feature / featureScale) * gradient[j];
    });
  });
  const size = largest(mean);
  return { scale: size * featureScale, direction: size > 0 ? mean.map((value) => value / size) : mean };
}

function largest(values: readonly number[] | Float64Array): number {
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  return size;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
