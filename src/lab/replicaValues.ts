/** Exact values of all replicas of a segment, prompt by prompt. */
import type { TrainingSegment } from '../engine/training.ts';
import type { PolicyEvaluator, PolicyValue } from '../theory/trainedPolicy.ts';

/** [prompts][replicas]; empty where the segment has no theta */
export function replicaValues(
  { theta, replicaCount }: TrainingSegment,
  evaluator: PolicyEvaluator,
  promptCount: number,
): PolicyValue[][] {
  if (!theta) return [];
  const params = theta.length / replicaCount;
  return Array.from({ length: promptCount }, (_, x) =>
    Array.from({ length: replicaCount }, (_replica, replica) =>
      evaluator.evaluate(x, theta.subarray(replica * params, (replica + 1) * params)),
    ),
  );
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
