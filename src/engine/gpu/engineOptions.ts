/** What can be chosen of a GPU engine, and what is chosen where nothing is said. */
import type { KernelChoice } from './sampling/wholeGroups/plan.ts';
import type { TrainingKernel } from './training/generatedKernel.ts';

/** How work is cut up. Tallies do not depend on it; tests vary it to prove that. */
export interface EngineOptions {
  readonly workgroupSize: number;
  /** aim of one submission */
  readonly submitMs: number;
  /** work between two readbacks, which is what a failure can cost */
  readonly chunkMs: number;
  /** overrides the plan's */
  readonly maxBatchGroups: number;
  /** whether whole groups go through one kernel, written for their shape */
  readonly kernels: KernelChoice;
  /** which kernel trains */
  readonly trainingKernel: TrainingKernel;
}

export const DEFAULT_ENGINE: EngineOptions = {
  workgroupSize: 64,
  submitMs: 50,
  chunkMs: 1000,
  maxBatchGroups: Infinity,
  kernels: 'auto',
  trainingKernel: 'auto',
};
