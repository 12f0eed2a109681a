/** Policies that estimators are drawn at: one for each J1, or those of a problem file. */
import { compileProblem, type Problem } from '../../problem/problem.ts';
import { evenBandit } from '../../problem/workloads.ts';
import { solvePrompt, type PromptTheory } from '../../theory/promptTheory.ts';

/** A policy, or one for each J1. */
export interface PolicyFamily {
  readonly id: string;
  /** only one J1 where it is a file's */
  readonly probs: readonly number[] | 'any';
  readonly at: (successProb: number) => PromptTheory;
}

/** Arms of which some are correct, all correct ones alike and all wrong ones. */
export function banditFamily(arms: number, correctArms: number): PolicyFamily {
  const known = new Map<number, PromptTheory>();
  return {
    id: `${arms} arms, ${correctArms} correct`,
    probs: 'any',
    at: (successProb) => {
      const found = known.get(successProb);
      if (found) return found;
      const problem = compileProblem(evenBandit(arms, correctArms, [successProb]));
      const solved = solvePrompt(problem, problem.prompts[0]);
      known.set(successProb, solved);
      return solved;
    },
  };
}

/** The prompts of a problem, by their J1. */
export function problemFamily(id: string, problem: Problem): PolicyFamily {
  const solved = problem.prompts
    .map((prompt) => solvePrompt(problem, prompt))
    .sort((a, b) => a.successProb - b.successProb);
  const nearest = (successProb: number): PromptTheory =>
    solved.reduce((best, theory) =>
      Math.abs(theory.successProb - successProb) < Math.abs(best.successProb - successProb) ? theory : best,
    );
  return { id, probs: solved.map((theory) => theory.successProb), at: nearest };
}

/** The family that experiment `variance` samples. */
export const MEASURED_FAMILY = banditFamily(6, 2);
export const FAMILIES: readonly PolicyFamily[] = [
  MEASURED_FAMILY,
  banditFamily(16, 1),
  banditFamily(16, 8),
  banditFamily(64, 1),
];
