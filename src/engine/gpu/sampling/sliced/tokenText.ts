/**
 * Text of the token rule for 32 words at once, for one row: planes of bits become planes that say of each lane whether its token
 * is among some tokens.
 *
 * The thresholds' first bits form a trie. Down to where a threshold is alone (a leaf), or the planes drawn up front end, each
 * node has the plane of the lanes that share its bits. Below, a lane has one threshold left, its own, so one chain compares all
 * lanes: the plane of their thresholds' bits is the union of the leaves that have a 1 there. Where several thresholds share
 * all bits up front, the second ones make a second chain, and so on. Planes beyond those up front are drawn in a loop while a lane
 * is open; few words enter it.
 *
 * Words that pass a threshold are those above its leaf, and those of the leaf that pass. The lanes above a leaf are a sum modulo 2
 * of nodes: a run of zeros on the way adds the node before it and the node after it. So every plane of tokens is such a sum.
 */
import { bitOf, branchesOf, type RowSteps, type Step } from './thresholds.ts';
import { ALL, andText, hex, NONE, orText, sumOf, xorText, type Lines, type PlaneSum } from './planes.ts';

/** Where planes come from. */
export interface PlaneSource {
  /** text after which `name` is the plane of a depth */
  readonly next: (name: string, depth: number) => readonly string[];
  /** text of the same in a loop, whose `depth` is a variable */
  readonly nextInLoop: (name: string) => readonly string[];
}

/** Of tokens, one bit: whether a token is among those that are asked for. */
export type TokenBit = (token: number) => number;

/** Thresholds that all share the bits of a node. */
interface Leaf {
  readonly depth: number;
  readonly equal: string;
  readonly above: PlaneSum;
  readonly steps: readonly Step[];
}

/** A threshold of a leaf. */
interface Member {
  readonly leaf: Leaf;
  readonly step: Step;
}

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
  const leaves: Leaf[] = [];
  const chain = new UpFrontChain(lines, tag);
  let nodes: readonly Leaf[] = [{ depth: 0, equal: ALL, above: new Set(), steps }];
  // A plane is used as soon as it is drawn: many that wait would not fit a processor's registers.
  for (let depth = 0; depth < upFront; depth += 1) {
    const plane = `plane_${tag}_${depth}`;
    lines.text.push(...source.next(plane, depth));
    chain.compare(plane, depth);
    nodes = nodes.flatMap((node) => childrenOf(lines, node, tag, plane));
    const isLeaf = ({ steps: own }: Leaf): boolean => own.length === 1 || depth === upFront - 1;
    const settled = nodes.filter(isLeaf);
    nodes = nodes.filter((node) => !isLeaf(node));
    leaves.push(...settled);
    chain.join(settled, depth + 1);
  }
  const chains = chainsOf(leaves);
  const passed = passedText(lines, chains, chain, tag, upFront, source);
  return bits.map((bit, index) => {
    const toggles = ({ below, above }: Step): boolean => bit(below) !== bit(above);
    const sums: PlaneSum[] = [new Set(bit(first) === 1 ? [ALL] : [])];
    for (const { above, steps: own } of leaves) for (const step of own) if (toggles(step)) sums.push(above);
    chains.forEach((members, rank) => {
      const turning = members.filter(({ step }) => toggles(step));
      if (turning.length === 0) return;
      const own = orText(turning.map(({ leaf }) => leaf.equal));
      const all = turning.length === members.length;
      const turned = all
        ? passed[rank]
        : lines.let(`turned_${tag}_${index}_${rank}`, `${passed[rank]} & (${own})`);
      sums.push(new Set([turned]));
    });
    return lines.let(`bit_${tag}_${index}`, xorText(sumOf(...sums)));
  });
}

/** The nodes below one that thresholds go through. */
function childrenOf(lines: Lines, { depth, equal, above, steps }: Leaf, tag: string, plane: string): Leaf[] {
  const { zeros, ones } = branchesOf(steps, depth);
  const name = `node_${tag}_${depth}_${steps[0]?.below}`;
  const children: Leaf[] = [];
  let right: string | null = null;
  if (ones.length > 0) {
    right = lines.let(`${name}_1`, andText(equal, plane));
    children.push({ depth: depth + 1, equal: right, above, steps: ones });
  }
  if (zeros.length > 0) {
    const left = lines.let(
      `${name}_0`,
      right !== null && equal !== ALL ? `${equal} ^ ${right}` : andText(equal, `~${plane}`),
    );
    const own = sumOf(above, new Set([equal]), new Set([left]));
    children.push({ depth: depth + 1, equal: left, above: own, steps: zeros });
  }
  return children;
}

/** One threshold of each leaf that has so many. */
function chainsOf(leaves: readonly Leaf[]): (readonly Member[])[] {
  const rankCount = leaves.reduce((most, { steps }) => Math.max(most, steps.length), 0);
  return Array.from({ length: rankCount }, (_, rank) =>
    leaves.filter(({ steps }) => rank < steps.length).map((leaf) => ({ leaf, step: leaf.steps[rank] })),
  );
}

/** @returns of each chain, the lanes of its leaves that pass their threshold */
function passedText(
  lines: Lines,
  chains: readonly (readonly Member[])[],
  started: UpFrontChain,
  tag: string,
  upFront: number,
  source: PlaneSource,
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
    ...source.nextInLoop('plane').map((line) => `  ${line}`),
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
class UpFrontChain {
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
  join(leaves: readonly Leaf[], depth: number): void {
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
