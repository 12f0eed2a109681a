/** Outcomes of many replicas summed up: how many had which c, and how many found each mode. */
import { MAX_MODES } from '../problem/modes.ts';
import { MODE_BIT } from './gpu/training/trainingTables.ts';

/** @param outcomes [groups, replicas]; a group is one prompt's in one step */
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
