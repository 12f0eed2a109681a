/**
 * Text of counting: c of 32 groups in planes, one bit of c each, and what becomes of them when their trajectories are over.
 */
import { andText, Lines } from './planes.ts';

/** Groups up to this size have a counter in a variable for each c; of larger ones each lane is counted by itself. */
const MOST_NAMED = 64;

const planeCount = (groupSize: number): number => 1 + Math.floor(Math.log2(groupSize));
const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** c of each lane so far. */
export const countDeclarations = (groupSize: number): string[] => [
  indices(planeCount(groupSize))
    .map((b) => `var count_${b} = 0u;`)
    .join(' '),
];

/** Adds `correct`. */
export function countText(groupSize: number): string[] {
  const last = planeCount(groupSize) - 1;
  return indices(last + 1).map((b) => {
    const carry = b === 0 ? 'correct' : `carry_${b}`;
    const next = b === last ? '' : ` let carry_${b + 1} = count_${b} & ${carry};`;
    return `${next.trimStart()}${next ? ' ' : ''}count_${b} ^= ${carry};`;
  });
}

export interface TallyText {
  readonly before: readonly string[];
  /** `lanes` are those of groups that are asked for */
  readonly ofSlice: readonly string[];
  readonly after: readonly string[];
}

export function tallyText(groupSize: number): TallyText {
  const planes = planeCount(groupSize);
  if (groupSize > MOST_NAMED) {
    const c = indices(planes).map((b) => (b === 0 ? '(count_0 & 1u)' : `(count_${b} & 1u) * ${2 ** b}u`));
    return {
      before: [],
      ofSlice: [
        'for (var lane = 0u; lane < 32u; lane += 1u) {',
        `  atomicAdd(&groups[slices.groups_first + ${c.join(' + ')}], lanes & 1u);`,
        `  lanes >>= 1u; ${indices(planes)
          .map((b) => `count_${b} >>= 1u;`)
          .join(' ')}`,
        '}',
      ],
      after: [],
    };
  }
  return {
    before: [
      indices(groupSize + 1)
        .map((c) => `var with_${c} = 0u;`)
        .join(' '),
    ],
    ofSlice: decoded(groupSize, planes),
    after: indices(groupSize + 1).map((c) => `atomicAdd(&groups[slices.groups_first + ${c}u], with_${c});`),
  };
}

/** The lanes of each c, bit by bit from the highest. */
function decoded(groupSize: number, planes: number): string[] {
  const lines = new Lines();
  const visit = (bit: number, c: number, lanes: string): void => {
    if (c > groupSize) return;
    if (bit < 0) {
      lines.text.push(`with_${c} += countOneBits(${lanes});`);
      return;
    }
    const one = c + 2 ** bit;
    if (one > groupSize) {
      visit(bit - 1, c, lanes);
      return;
    }
    const set = lines.let(`lanes_${bit}_${one}`, andText(lanes, `count_${bit}`));
    visit(bit - 1, c, lines.let(`lanes_${bit}_${c}`, `${lanes} ^ ${set}`));
    visit(bit - 1, one, set);
  };
  visit(planes - 1, 0, 'lanes');
  return lines.text;
}
