/**
 * Chains: below the leaves of a trie a lane has one threshold left, its own, so that one comparison does for all of them: the plane
 * of their thresholds' bits is the union of the leaves that have a 1 there. Where several thresholds share all bits up front, the second ones
 * make a second chain, and so on. Planes beyond those up front are drawn in a loop while a lane is open; few words enter it.
 */
import { hex, NONE, orText, type Lines } from './planes.ts';
import { bitOf, type Step } from './thresholds.ts';
import type { Node } from './trie.ts';

/** A threshold of a leaf. */
export interface Member {
  readonly leaf: Node;
  readonly step: Step;
}

/** One threshold of each leaf that has so many. */
export function chainsOf(leaves: readonly Node[]): (readonly Member[])[] {
  const rankCount = leaves.reduce((most, { steps }) => Math.max(most, steps.length), 0);
  return Array.from({ length: rankCount }, (_, rank) =>
    leaves.filter(({ steps }) => rank < steps.length).map((leaf) => ({ leaf, step: leaf.steps[rank] })),
  );
}

/** @returns of each chain, the lanes of its leaves that pass their threshold */
export function passedText(
  lines: Lines,
  chains: readonly (readonly Member[])[],
  started: UpFrontChain,
  tag: string,
  upFront: number,
  nextPlane: (name: string) => readonly string[],
): string[] {
  if (chains.length === 0) return [];
  const names = chains.map((_, rank) => ({ open: `open_${tag}_${rank}`, greater: `greater_${tag}_${rank}` }));
  chains.forEach((members, rank) => {
    const open = rank === 0 ? started.open : orText(members.map(({ leaf }) => leaf.equal));
    const greater = rank === 0 ? started.greater : NONE;
    lines.text.push(`var ${names[rank].open} = ${open}; var ${names[rank].greater} = ${greater};`);
  });
  const anyOpen = orText(names.map(({ open }) => open));
  lines.text.push(
    // Of this form compilers know that it ends: others get a counter of their own, which costs a fifth of a short row's time.
    `for (var depth = ${upFront}u; depth < 32u; depth += 1u) {`,
    `  if ((${anyOpen}) == 0u) { break; }`,
    ...nextPlane('plane').map((line) => `  ${line}`),
    '  let scale = 1u << depth;',
    ...chains.flatMap((members, rank) => {
      const { open, greater } = names[rank];
      const bits = members.map(({ leaf, step }) => `with_bit(${leaf.equal}, ${hex(step.threshold)}, scale)`);
      return [
        `  let decided_${rank} = ${open} & (plane ^ (${orText(bits)}));`,
        `  ${greater} |= decided_${rank} & plane; ${open} ^= decided_${rank};`,
      ];
    }),
    '}',
  );
  return names.map(({ open, greater }, rank) =>
    lines.let(`passed_${tag}_${rank}`, `passing(${greater}, ${open})`),
  );
}

/** The first thresholds of the leaves, compared together plane by plane while planes come without a loop. */
export class UpFrontChain {
  /** lanes whose bits are those of their leaf's threshold, and those that are greater */
  open = NONE;
  greater = NONE;
  readonly #lines: Lines;
  readonly #tag: string;
  readonly #members: Member[] = [];

  constructor(lines: Lines, tag: string) {
    this.#lines = lines;
    this.#tag = tag;
  }

  /** Leaves that share their first `depth` bits with what is left of their thresholds. */
  join(leaves: readonly Node[], depth: number): void {
    if (leaves.length === 0) return;
    this.#members.push(...leaves.map((leaf) => ({ leaf, step: leaf.steps[0] })));
    const joining = leaves.map(({ equal }) => equal);
    const open = this.open === NONE ? joining : [this.open, ...joining];
    this.open = this.#lines.let(`joined_${this.#tag}_${depth}`, orText(open));
  }

  compare(plane: string, depth: number): void {
    if (this.#members.length === 0) return;
    const ones = this.#members.filter(({ step }) => bitOf(step.threshold, depth) === 1);
    const zeros = this.#members.filter(({ step }) => bitOf(step.threshold, depth) === 0);
    const union = (part: readonly Member[]): string => orText(part.map(({ leaf }) => leaf.equal));
    const own = `${this.#tag}_${depth}`;
    if (zeros.length === 0) {
      this.open = this.#lines.let(`still_${own}`, `${this.open} & ${plane}`);
      return;
    }
    // The smaller half says which bit a lane's threshold has.
    const other =
      ones.length === 0
        ? plane
        : ones.length <= zeros.length
          ? `(${plane} ^ (${union(ones)}))`
          : `~(${plane} ^ (${union(zeros)}))`;
    const decided = this.#lines.let(`decided_${own}`, `${this.open} & ${other}`);
    const above = ones.length === 0 ? decided : `(${decided} & ${plane})`;
    this.greater = this.#lines.let(
      `above_${own}`,
      this.greater === NONE ? above : `${this.greater} | ${above}`,
    );
    this.open = this.#lines.let(`still_${own}`, `${this.open} ^ ${decided}`);
  }
}
