/** Draw ids: the Philox counter's `experiment` word, which keeps the draws of jobs that share a seed apart. */

/** The ids that an experiment may use, ends included; a test holds those of all experiments disjoint. */
export type DrawIds = readonly [first: number, last: number];

/** The id of an experiment's job number `index`. @throws RangeError where the experiment has no such id left */
export function drawId([first, last]: DrawIds, index: number): number {
  const id = first + index;
  if (Number.isInteger(index) && index >= 0 && id <= last) return id;
  throw new RangeError(`draw id ${index}: expected 0..${last - first}, the ids from ${first} to ${last}`);
}
