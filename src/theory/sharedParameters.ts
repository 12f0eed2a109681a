/**
 * Gradients with respect to parameters that prompts share: Ḡ = mean_x φ_x ⊗ G_x, [F × cells]. Prompts are sampled
 * independently, so laws of their parts add up.
 */
import { directionLaw } from './estimatorTheory.ts';
import type { Problem } from '../problem/problem.ts';
import { scoreAlong, type PromptTheory } from './promptTheory.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import type { GroupLaw } from './promptLaw.ts';

/** [prompts][blocks]: features, or 1 at each prompt's own block where they share nothing. */
export function featuresOf({ features, prompts }: Problem): readonly (readonly number[])[] {
  return features ?? prompts.map((_, x) => prompts.map((_prompt, block) => (block === x ? 1 : 0)));
}

/** mean_x φ_x ⊗ gradient_x: [F × cells] */
export function aggregated(
  gradients: readonly Float64Array[],
  features: readonly (readonly number[])[],
): Float64Array {
  const cells = gradients[0].length;
  const mean = new Float64Array(features[0].length * cells);
  gradients.forEach((gradient, x) => {
    features[x].forEach((feature, f) => {
      for (let j = 0; j < cells; j += 1) mean[f * cells + j] += (feature * gradient[j]) / gradients.length;
    });
  });
  return mean;
}

export function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** y_x = Σ_f φ_xf D_f / P: what a direction D of the shared parameters is for one prompt's logits. */
export function promptDirection(
  direction: Float64Array,
  features: readonly (readonly number[])[],
  x: number,
  cells: number,
): Float64Array {
  return Float64Array.from({ length: cells }, (_, j) =>
    features[x].reduce((sum, feature, f) => sum + (feature * direction[f * cells + j]) / features.length, 0),
  );
}

/** Exact law of Ḡ·D for one group of every prompt, with the mean that the weights really have. */
export function sharedLaw(
  problem: Problem,
  solved: readonly PromptTheory[],
  features: readonly (readonly number[])[],
  direction: Float64Array,
  table: WeightTable,
): GroupLaw {
  let [mean, variance, bound] = [0, 0, 0];
  solved.forEach((theory, x) => {
    const own = promptDirection(direction, features, x, theory.gradient.length);
    const along = scoreAlong(problem, problem.prompts[x], own);
    const law = directionLaw(table, theory.successProb, theory.failureProb, along);
    mean += law.mean;
    variance += law.variance;
    bound += law.bound;
  });
  return { mean, variance, bound };
}
