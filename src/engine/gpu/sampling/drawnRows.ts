/**
 * The rows that a job's tokens are drawn from, as the sampling kernel reads them: those of the policies, or by classes those
 * of the nodes of two chains a prompt.
 */
import { conditionalTables, OUTCOMES } from '../../../problem/conditional.ts';
import { writeThresholds } from '../../../problem/masses.ts';
import { tableFault, type SamplingJob } from '../../sampler.ts';

/** A guide has 8 buckets for each token of a power-of-two vocabulary… */
const GUIDE_BITS_BEYOND_VOCAB = 3;
/** …or fewer, where all guides together would need more entries than this. */
const MAX_GUIDE_ENTRIES = 2 ** 22;

export interface DrawnRows {
  readonly rowCount: number;
  /** [rowCount, vocab] */
  readonly masses: Float64Array;
  /** [rowCount, vocab], the row of the node that a token leads to; empty in plain sampling */
  readonly nextNode: Uint32Array<ArrayBuffer>;
  /** [prompts], where a prompt's nodes of wrong trajectories begin, and how many there are before those of correct ones */
  readonly nodes: readonly { readonly first: number; readonly count: number }[];
}

export function drawnRows({ problem, given, fault }: SamplingJob): DrawnRows {
  const { vocab, prompts } = problem;
  if (given === undefined) {
    const cells = problem.rowCount * vocab;
    const masses = new Float64Array(prompts.length * cells);
    prompts.forEach((prompt, index) => masses.set(prompt.masses, index * cells));
    return {
      rowCount: prompts.length * problem.rowCount,
      masses,
      nextNode: new Uint32Array(0),
      nodes: prompts.map(() => ({ first: 0, count: 0 })),
    };
  }
  const tables = prompts.map((prompt) => conditionalTables(problem, prompt, tableFault(fault)));
  const rowCount = tables.reduce((sum, { nodeCount }) => sum + 2 * nodeCount, 0);
  const masses = new Float64Array(rowCount * vocab);
  const nextNode = new Uint32Array(rowCount * vocab);
  let first = 0;
  const nodes = tables.map(({ nodeCount, masses: byOutcome, next }) => {
    const own = { first, count: nodeCount };
    for (const outcome of OUTCOMES) {
      masses.set(byOutcome[outcome] ?? [], first * vocab);
      for (let cell = 0; cell < next.length; cell += 1) nextNode[first * vocab + cell] = first + next[cell];
      first += nodeCount;
    }
    return own;
  });
  return { rowCount, masses, nextNode, nodes };
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

/** @returns thresholds [rows, vocab], and guides [rows, 2^guideBits]: thresholds below the bucket, and inside it << 16 */
export function thresholdTables(
  { rowCount, masses }: DrawnRows,
  vocab: number,
): { readonly thresholds: Uint32Array<ArrayBuffer>; readonly guide: Uint32Array<ArrayBuffer> } {
  const guideSize = 2 ** guideBitsFor(vocab, rowCount);
  const thresholds = new Uint32Array(rowCount * vocab);
  const guide = new Uint32Array(rowCount * guideSize);
  for (let row = 0; row < rowCount; row += 1) {
    const own = thresholds.subarray(row * vocab, (row + 1) * vocab);
    const thresholdCount = writeThresholds(masses.subarray(row * vocab, (row + 1) * vocab), own);
    writeGuide(own, thresholdCount, guide.subarray(row * guideSize, (row + 1) * guideSize));
  }
  return { thresholds, guide };
}
