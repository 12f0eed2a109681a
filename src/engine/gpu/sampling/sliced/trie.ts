/**
 * The trie of a row's thresholds by their first bits, down to where each is alone or the planes drawn up front end: which planes of
 * lanes there are to be named, and which leaves they end in. Structure only; what becomes of it is text elsewhere.
 */
import { ALL, andText, sumOf, type PlaneSum } from './planes.ts';
import { bitOf, type Step } from './thresholds.ts';

/** Thresholds that share all bits of a node: lanes with these bits are on either side of them. */
export interface Node {
  /** bits that are shared */
  readonly depth: number;
  /** the plane of the lanes that have these bits */
  readonly equal: string;
  /** the lanes that are above all of the node's words, as a sum of planes */
  readonly above: PlaneSum;
  readonly steps: readonly Step[];
}

/** What a plane of bits, once drawn, makes known. */
export interface Layer {
  readonly named: readonly { readonly name: string; readonly expression: string }[];
  readonly leaves: readonly Node[];
}

/** @returns a layer for each plane up front */
export function trieOf(
  steps: readonly Step[],
  tag: string,
  upFront: number,
  planeAt: (depth: number) => string,
): Layer[] {
  let open: readonly Node[] = [{ depth: 0, equal: ALL, above: new Set(), steps }];
  return Array.from({ length: upFront }, (_, depth) => {
    const families = open.map((node) => childrenOf(node, tag, planeAt(depth)));
    const children = families.flatMap((family) => family.children);
    const isLeaf = (node: Node): boolean => node.steps.length === 1 || depth === upFront - 1;
    open = children.filter((node) => !isLeaf(node));
    return { named: families.flatMap(({ named }) => named), leaves: children.filter(isLeaf) };
  });
}

/** The nodes below one that thresholds go through. A run of zeros on the way to one adds the node before it and the node after it. */
function childrenOf(
  { depth, equal, above, steps }: Node,
  tag: string,
  plane: string,
): { readonly children: Node[]; readonly named: { name: string; expression: string }[] } {
  const children: Node[] = [];
  const named: { name: string; expression: string }[] = [];
  const nameOf = (bit: 0 | 1, expression: string): string => {
    // The first plane itself is the node of its ones.
    if (expression === plane) return plane;
    const name = `node_${tag}_${depth}_${steps[0]?.below}_${bit}`;
    named.push({ name, expression });
    return name;
  };
  const ones = steps.filter(({ threshold }) => bitOf(threshold, depth) === 1);
  const zeros = steps.filter(({ threshold }) => bitOf(threshold, depth) === 0);
  const right = ones.length > 0 ? nameOf(1, andText(equal, plane)) : null;
  if (right !== null) children.push({ depth: depth + 1, equal: right, above, steps: ones });
  if (zeros.length > 0) {
    const isRest = right !== null && equal !== ALL;
    const left = nameOf(0, isRest ? `${equal} ^ ${right}` : andText(equal, `~${plane}`));
    const own = sumOf(above, new Set([equal]), new Set([left]));
    children.push({ depth: depth + 1, equal: left, above: own, steps: zeros });
  }
  return { children, named };
}
