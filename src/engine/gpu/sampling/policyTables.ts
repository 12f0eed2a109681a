/**
 * A problem's policies as the kernels read them.
 */
import { writeThresholds } from '../../../problem/masses.ts';
import type { Problem } from '../../../problem/problem.ts';
import { roundedPolicy } from '../../secondMoments.ts';
import type { Level } from '../../tally.ts';

/** A guide has 8 buckets for each token of a power-of-two vocabulary… */
const GUIDE_BITS_BEYOND_VOCAB = 3;
/** …or fewer, where all guides together would need more entries than this. */
const MAX_GUIDE_ENTRIES = 2 ** 22;

export interface PolicyTables {
  /** [prompts * rowCount, vocab] */
  readonly thresholds: Uint32Array<ArrayBuffer>;
  /** [prompts * rowCount, 2^guideBits]: thresholds below the bucket, and inside it << 16 */
  readonly guide: Uint32Array<ArrayBuffer>;
  /** [prompts * rowCount, vocab], A; empty at level `groups` */
  readonly tokenMass: Uint32Array<ArrayBuffer>;
  /** [prompts * rowCount], B; empty at level `groups` */
  readonly collision: Uint32Array<ArrayBuffer>;
}

/** Buckets of a row's guide, as a power of two. */
export function guideBitsFor(vocab: number, rowCount: number): number {
  let bits = Math.ceil(Math.log2(vocab)) + GUIDE_BITS_BEYOND_VOCAB;
  while (bits > 0 && rowCount * 2 ** bits > MAX_GUIDE_ENTRIES) bits -= 1;
  return bits;
}

/**
 * Where the words of each bucket begin their search: bucket b holds the words from b 2^(32−bits) on.
 *
 * @param thresholds a row's, not decreasing
 * @param guide receives 2^bits entries
 */
export function writeGuide(thresholds: Uint32Array, thresholdCount: number, guide: Uint32Array): void {
  const bucketSize = 2 ** 32 / guide.length;
  let below = 0;
  for (let bucket = 0; bucket < guide.length; bucket += 1) {
    // A threshold at the bucket's first word is passed by all of its words.
    while (below < thresholdCount && thresholds[below] <= bucket * bucketSize) below += 1;
    let end = below;
    while (end < thresholdCount && thresholds[end] < (bucket + 1) * bucketSize) end += 1;
    guide[bucket] = below | ((end - below) << 16);
  }
}

export function policyTables(problem: Problem, level: Level): PolicyTables {
  const { vocab, rowCount, prompts } = problem;
  const rows = prompts.length * rowCount;
  const guideSize = 2 ** guideBitsFor(vocab, rows);
  const thresholds = new Uint32Array(rows * vocab);
  const guide = new Uint32Array(rows * guideSize);
  const hasMoments = level !== 'groups';
  const tokenMass = new Uint32Array(hasMoments ? rows * vocab : 0);
  const collision = new Uint32Array(hasMoments ? rows : 0);
  prompts.forEach((prompt, index) => {
    for (let row = 0; row < rowCount; row += 1) {
      const at = index * rowCount + row;
      const own = thresholds.subarray(at * vocab, (at + 1) * vocab);
      const thresholdCount = writeThresholds(prompt.masses.subarray(row * vocab, (row + 1) * vocab), own);
      writeGuide(own, thresholdCount, guide.subarray(at * guideSize, (at + 1) * guideSize));
    }
    if (!hasMoments) return;
    const rounded = roundedPolicy(problem, prompt);
    tokenMass.set(rounded.tokenMass, index * rowCount * vocab);
    collision.set(rounded.collision, index * rowCount);
  });
  return { thresholds, guide, tokenMass, collision };
}
