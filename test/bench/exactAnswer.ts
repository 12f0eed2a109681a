/** An answer to the peers' job without any deviation. */
import type { Expected } from '../../bench/peers/expected.ts';
import type { Answer } from '../../bench/peers/job.ts';

export const normSq = (laws: readonly { readonly mean: number }[]): number =>
  laws.reduce((sum, { mean }) => sum + mean * mean, 0);

/** What exact theory itself would answer. */
export function exactAnswer({ prompts }: Expected): Answer {
  return {
    groupCount: 4096,
    seconds: 1,
    cpuSeconds: 1,
    successProb: prompts.map(({ successProb }) => successProb),
    gradient: prompts.flatMap(({ coordinates }) => coordinates.map(({ mean }) => mean)),
    variance: prompts.map(({ squareMean, coordinates }) => squareMean - normSq(coordinates)),
  };
}
