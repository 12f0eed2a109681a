/** What a library's file gives: the job on one backend, and from sums over groups to what is answered. */
import type { Answer, JobSpec, PeerFacts } from '../job.ts';

/** What a job found, before it is timed. */
export type Found = Pick<Answer, 'groupCount' | 'successProb' | 'gradient' | 'variance'>;

export interface LibraryJob {
  readonly facts: PeerFacts;
  run(batchCount: number): Promise<Found>;
}

/**
 * Groups that are drawn at once for every prompt. As many as WebGPU's buffers of 128 MiB hold, which is faster there in both
 * libraries; elsewhere 2^19 tokens, which stay nearer to the core.
 */
export const groupsPerBatch = (backend: string): number => (backend === 'webgpu' ? 256 : 64);

/** Sums over the groups of a job, as float32 arrays come back. */
export interface Sums {
  /** [prompts], correct trajectories */
  readonly correct: ArrayLike<number>;
  /** [prompts, horizon, vocab], of G */
  readonly gradient: ArrayLike<number>;
  /** [prompts, horizon, vocab], of G² */
  readonly square: ArrayLike<number>;
}

export function found(spec: JobSpec, groupCount: number, { correct, gradient, square }: Sums): Found {
  const cells = spec.horizon * spec.vocab;
  const mean = Array.from(gradient, (total) => total / groupCount);
  const variance = Array.from({ length: spec.promptCount }, (_, prompt) => {
    let total = 0;
    for (let cell = prompt * cells; cell < (prompt + 1) * cells; cell += 1) {
      total += square[cell] / groupCount - mean[cell] ** 2;
    }
    return total;
  });
  const trajectoryCount = groupCount * spec.groupSize;
  return {
    groupCount,
    successProb: Array.from(correct, (total) => total / trajectoryCount),
    gradient: mean,
    variance,
  };
}

/** Where each row's tokens begin in [0, 1), the first left out: [rows, vocab − 1]. */
export function thresholds({ probabilities, vocab }: JobSpec): Float32Array {
  const rowCount = probabilities.length / vocab;
  const starts = new Float32Array(rowCount * (vocab - 1));
  for (let row = 0; row < rowCount; row += 1) {
    let sum = 0;
    for (let token = 0; token < vocab - 1; token += 1) {
      sum += probabilities[row * vocab + token];
      starts[row * (vocab - 1) + token] = sum;
    }
  }
  return starts;
}
