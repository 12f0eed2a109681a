/** Outcome words of a group, c below and the modes found above, and those of many replicas summed up. */
import { MAX_MODES, modeOfState } from '../problem/modes.ts';
import type { TrainingJob } from './training.ts';

/** Bits of the modes in an outcome word begin here, c below. */
export const MODE_BIT = 16;

/** What a correct trajectory of none of the modes adds to an outcome word. */
export const OTHER_CORRECT = 2 ** (MODE_BIT + MAX_MODES);

/** [prompts][states], what each final state adds to an outcome word: 0 where wrong, else a mode's bit. */
export function verdictBits(job: Pick<TrainingJob, 'problem' | 'modes'>): Uint32Array[] {
  return job.problem.prompts.map((prompt, index) =>
    Uint32Array.from(modeOfState(prompt, job.problem, job.modes[index] ?? []), (label) =>
      label === 0 ? 0 : label < 0 ? OTHER_CORRECT : 2 ** (MODE_BIT + label - 1),
    ),
  );
}

/** How many had which c, and how many found each mode. @param outcomes [groups, replicas]; a group is one prompt's in one step */
export function outcomeTallies(
  outcomes: Uint32Array,
  replicaCount: number,
  groupSize: number,
): { readonly correctCounts: Uint32Array<ArrayBuffer>; readonly modeCounts: Uint32Array<ArrayBuffer> } {
  const groups = outcomes.length / replicaCount;
  const correctCounts = new Uint32Array(groups * (groupSize + 1));
  const modeCounts = new Uint32Array(groups * MAX_MODES);
  for (let group = 0; group < groups; group += 1) {
    for (let replica = 0; replica < replicaCount; replica += 1) {
      const word = outcomes[group * replicaCount + replica];
      correctCounts[group * (groupSize + 1) + (word & 0xffff)] += 1;
      let found = (word >>> MODE_BIT) & (2 ** MAX_MODES - 1);
      for (let mode = 0; found !== 0; mode += 1) {
        modeCounts[group * MAX_MODES + mode] += found & 1;
        found >>>= 1;
      }
    }
  }
  return { correctCounts, modeCounts };
}
