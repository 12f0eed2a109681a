/** What the kernel of whole groups reads of a job's problem: thresholds, guides, verifiers, joint masses. */
import { writeThresholds } from '../../../../problem/masses.ts';
import type { Automaton } from '../../../../problem/automaton.ts';
import type { Problem } from '../../../../problem/problem.ts';
import type { DrawnRows } from '../drawnRows.ts';
import { writeGuide } from '../drawnRows.ts';
import type { RoundedTables } from '../roundedTables.ts';
import { jointMasses, tokenBitsOf, type Search } from './shape.ts';
import { CROWDED } from './tokenText.ts';

/** Orders u32 words as signed numbers. */
const SIGN = 0x80000000;

export interface SearchTables {
  /** [rows, V] */
  readonly thresholds: Uint32Array<ArrayBuffer>;
  /** [rows, 2^guideBits]; one entry where nothing is looked up */
  readonly guide: Uint32Array<ArrayBuffer>;
  readonly hasCrowdedBuckets: boolean;
  readonly hasSpareTokens: boolean;
}

export function searchTables(
  { rowCount, masses }: Pick<DrawnRows, 'rowCount' | 'masses'>,
  vocab: number,
  search: Search,
  guideBits: number,
): SearchTables {
  const thresholds = new Uint32Array(vocab);
  const rows = function* (): Generator<Row> {
    for (let row = 0; row < rowCount; row += 1) {
      const own = masses.subarray(row * vocab, (row + 1) * vocab);
      yield { thresholds, thresholdCount: writeThresholds(own, thresholds) };
    }
  };
  return tablesOf(rows(), rowCount, vocab, search, guideBits);
}

interface Row {
  readonly thresholds: Uint32Array;
  readonly thresholdCount: number;
}

/** The same from thresholds, for known answers: rows may be shorter than the vocabulary. */
export function thresholdTablesOf(
  rows: readonly Row[],
  vocab: number,
  search: Search,
  guideBits: number,
): SearchTables {
  return tablesOf(rows, rows.length, vocab, search, guideBits);
}

function tablesOf(
  rows: Iterable<Row>,
  rowCount: number,
  vocab: number,
  search: Search,
  guideBits: number,
): SearchTables {
  const thresholds = new Uint32Array(rowCount * vocab);
  const guide = new Uint32Array(search === 'compare' ? 1 : rowCount * 2 ** guideBits);
  let hasCrowdedBuckets = false;
  let hasSpareTokens = false;
  let row = 0;
  for (const { thresholds: given, thresholdCount } of rows) {
    const own = thresholds.subarray(row * vocab, (row + 1) * vocab);
    own.set(given.subarray(0, thresholdCount));
    const part = guide.subarray(row * 2 ** guideBits, (row + 1) * 2 ** guideBits);
    if (search === 'compare') {
      for (let v = 0; v < vocab - 1; v += 1) own[v] = v < thresholdCount ? own[v] ^ SIGN : SIGN - 1;
      own[vocab - 1] = thresholdCount;
      if (thresholdCount < 2 ** tokenBitsOf(vocab) - 1) hasSpareTokens = true;
    } else if (search === 'bisect') writeGuide(own, thresholdCount, part);
    else if (writePackedGuide(own, thresholdCount, vocab, part)) hasCrowdedBuckets = true;
    row += 1;
  }
  return { thresholds, guide, hasCrowdedBuckets, hasSpareTokens };
}

/**
 * Bucket b holds the words from b 2^(32−bits) on. Its entry is (low bits of its threshold) 2^tokenBits + (tokens below); 2^(32−bits)
 * stands for no threshold; of several there is the number, above CROWDED. A threshold at the bucket's first word has low
 * bits 0, which every word of the bucket passes.
 *
 * @returns whether a bucket holds several
 */
export function writePackedGuide(
  thresholds: Uint32Array,
  thresholdCount: number,
  vocab: number,
  guide: Uint32Array,
): boolean {
  const bucketSize = 2 ** 32 / guide.length;
  const unit = 2 ** tokenBitsOf(vocab);
  let isCrowded = false;
  let below = 0;
  for (let bucket = 0; bucket < guide.length; bucket += 1) {
    let end = below;
    while (end < thresholdCount && thresholds[end] < (bucket + 1) * bucketSize) end += 1;
    const inside = end - below;
    if (inside > 1) isCrowded = true;
    const low = inside === 1 ? thresholds[below] - bucket * bucketSize : bucketSize;
    guide[bucket] = inside > 1 ? CROWDED + inside * unit + below : low * unit + below;
    below = end;
  }
  return isCrowded;
}

/**
 * What tokens are weighed by where rows depend on them (contextText.ts): [prompts, rows, V], A in the first row of a prompt and
 * 2A − B in the others.
 */
export function meetingMassTable(
  { vocab, rowCount }: Problem,
  { tokenMass, collision }: RoundedTables,
): Uint32Array<ArrayBuffer> {
  return tokenMass.map((mass, cell) => {
    const row = Math.floor(cell / vocab);
    return row % rowCount === 0 ? mass : 2 * mass - collision[row];
  });
}

/** Sums of A over neighbouring tokens: [prompts, blocks, joint indices]. */
export function jointMassTable(
  { vocab, horizon, prompts }: Problem,
  { tokenMass }: RoundedTables,
): Uint32Array<ArrayBuffer> {
  const { digits, size, blockCount } = jointMasses({ vocab, horizon });
  const bits = tokenBitsOf(vocab);
  const table = new Uint32Array(prompts.length * blockCount * size);
  const mask = 2 ** bits - 1;
  for (let at = 0, prompt = 0; prompt < prompts.length; prompt += 1) {
    for (let block = 0; block < blockCount; block += 1, at += size) {
      const last = Math.min(horizon, (block + 1) * digits);
      for (let t = block * digits, shift = 0; t < last; t += 1, shift += bits) {
        const row = (prompt * horizon + t) * vocab;
        for (let index = 0; index < size; index += 1) {
          const token = (index >> shift) & mask;
          if (token < vocab) table[at + index] += tokenMass[row + token];
        }
      }
    }
  }
  return table;
}

export interface AutomatonTables {
  readonly words: Uint32Array<ArrayBuffer>;
  /** [prompts] */
  readonly nextFirst: readonly number[];
  readonly acceptingFirst: readonly number[];
  readonly nextNodeFirst: number;
}

/** All distinct verifiers, transitions and then verdicts, and the nodes of classes after them. */
export function automatonTables({ prompts }: Problem, nextNode: Uint32Array): AutomatonTables {
  const distinct = [...new Set(prompts.map(({ automaton }) => automaton))];
  const sizes = distinct.map(({ next, stateCount }) => next.length + stateCount);
  const nextNodeFirst = sizes.reduce((sum, size) => sum + size, 0);
  const words = new Uint32Array(nextNodeFirst + nextNode.length);
  const first = new Map<Automaton, number>();
  let at = 0;
  distinct.forEach((automaton, index) => {
    first.set(automaton, at);
    words.set(automaton.next, at);
    words.set(automaton.accepting, at + automaton.next.length);
    at += sizes[index];
  });
  words.set(nextNode, nextNodeFirst);
  const nextFirst = prompts.map(({ automaton }) => first.get(automaton)!);
  return {
    words,
    nextFirst,
    acceptingFirst: prompts.map(({ automaton }, index) => nextFirst[index] + automaton.next.length),
    nextNodeFirst,
  };
}

/** 2^16 / modulus, rounded up: the factor that `remainder` in whole_groups.wgsl divides by. */
export const reciprocalOf = (modulus: number): number => Math.ceil(2 ** 16 / modulus);

/** Whether `remainder` is right for every sum of tokens up to `greatest`. */
export function isExactRemainder(modulus: number, greatest: number): boolean {
  const reciprocal = reciprocalOf(modulus);
  if (greatest * reciprocal >= 2 ** 32) return false;
  // total reciprocal / 2^16 exceeds total / modulus by total e / (2^16 modulus), e = reciprocal modulus − 2^16, and may not
  // reach the next whole number, which is at least 1 / modulus away.
  return greatest * (reciprocal * modulus - 2 ** 16) < 2 ** 16;
}
