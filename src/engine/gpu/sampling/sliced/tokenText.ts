/**
 * Text of the token rule for 32 words at once, for one row: planes of bits become planes that say of each lane whether its token
 * is among some tokens.
 *
 * Words that pass a threshold are those above its leaf (trie.ts), and those of the leaf that pass (chain.ts). The former are a sum modulo 2
 * of nodes, so every plane of tokens is one: of the nodes that its thresholds add an odd number of times, and of what their chains pass.
 */
import { chainsOf, passedText, UpFrontChain } from './chain.ts';
import { ALL, orText, sumOf, xorText, type Lines, type PlaneSum } from './planes.ts';
import type { RowSteps, Step } from './thresholds.ts';
import { trieOf } from './trie.ts';

/** Where planes come from. */
export interface PlaneSource {
  /** text after which `name` is the plane of a depth */
  readonly next: (name: string, depth: number) => readonly string[];
  /** text of the same in a loop, whose `depth` is a variable */
  readonly nextInLoop: (name: string) => readonly string[];
}

/** Of tokens, one bit: whether a token is among those that are asked for. */
export type TokenBit = (token: number) => number;

/**
 * @param tag makes names of a position its own
 * @param upFront planes that are always drawn
 * @returns expressions of the planes asked for, one each
 */
export function tokenText(
  lines: Lines,
  { first, steps }: RowSteps,
  tag: string,
  upFront: number,
  source: PlaneSource,
  bits: readonly TokenBit[],
): string[] {
  const planeAt = (depth: number): string => `plane_${tag}_${depth}`;
  const layers = trieOf(steps, tag, upFront, planeAt);
  const chain = new UpFrontChain(lines, tag);
  // A plane is used as soon as it is drawn: many that wait would not fit a processor's registers.
  layers.forEach(({ named, leaves }, depth) => {
    lines.text.push(...source.next(planeAt(depth), depth));
    chain.compare(planeAt(depth), depth);
    for (const { name, expression } of named) lines.let(name, expression);
    chain.join(leaves, depth + 1);
  });
  const leaves = layers.flatMap((layer) => layer.leaves);
  const chains = chainsOf(leaves);
  const passed = passedText(lines, chains, chain, tag, upFront, source.nextInLoop);
  return bits.map((bit, index) => {
    const toggles = ({ below, above }: Step): boolean => bit(below) !== bit(above);
    const above = leaves.flatMap((leaf) => leaf.steps.filter(toggles).map(() => leaf.above));
    const within = chains.map((members, rank): PlaneSum => {
      const turning = members.filter(({ step }) => toggles(step));
      if (turning.length === 0) return new Set();
      if (turning.length === members.length) return new Set([passed[rank]]);
      const own = orText(turning.map(({ leaf }) => leaf.equal));
      return new Set([lines.let(`turned_${tag}_${index}_${rank}`, `${passed[rank]} & (${own})`)]);
    });
    const ofFirst: PlaneSum = new Set(bit(first) === 1 ? [ALL] : []);
    return lines.let(`bit_${tag}_${index}`, xorText(sumOf(ofFirst, ...above, ...within)));
  });
}
