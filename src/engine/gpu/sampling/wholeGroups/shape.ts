/** The shape that a kernel of whole groups is written for, and how its tokens lie in words and tables. */

export type Search =
  /** bisection among thresholds in values, without a load: small vocabularies without context */
  | 'compare'
  /** one load gives the bucket's only threshold and the tokens below it */
  | 'packed'
  /** as shaders/lib/token.wgsl does it: for guides too small for packed entries */
  | 'bisect';

/** What the text of a kernel depends on; everything else is a value at run time. */
export interface WholeGroupShape {
  readonly vocab: number;
  readonly horizon: number;
  readonly groupSize: number;
  readonly streamLength: number;
  readonly level: 'groups' | 'moments' | 'full';
  /** what selects the row of a token: its position, the token before it, or a node of the chain of its class */
  readonly rows: 'position' | 'previous' | 'node';
  readonly search: Search;
  readonly guideBits: number;
  /** some bucket of a packed guide holds several thresholds */
  readonly hasCrowdedBuckets: boolean;
  /** some row has fewer thresholds than its vocabulary needs: its last tokens have no mass, or the vocabulary is no power of two */
  readonly hasSpareTokens: boolean;
  /** of the tokens, modulo a number; or an automaton, step by step */
  readonly verifier: 'sum' | 'table';
  /** how second moments come about: from pairs of trajectories, or from a histogram of the group */
  readonly moments: 'pairs' | 'histogram';
  /** where tokens are counted: at once in the counters of all, or in workgroup memory first */
  readonly counters: 'global' | 'workgroup';
  /** the sums of a group fit 32 bits */
  readonly isNarrow: boolean;
}

/** Digits of a joint index take so many bits at most. */
const JOINT_BITS = 8;
/** Tokens of four lanes a word leave one bit of each free. */
const BYTE_VOCAB = 128;

/** Bits of a token. */
export const tokenBitsOf = (vocab: number): number => Math.max(1, Math.ceil(Math.log2(vocab)));

/** How tokens lie in words, where they are kept: lanes with a free bit above each token. */
export function lanesOf({ vocab, horizon }: Pick<WholeGroupShape, 'vocab' | 'horizon'>): {
  readonly laneBits: number;
  readonly perWord: number;
  readonly wordCount: number;
  /** words of a kept trajectory: they are compared two at a time */
  readonly keptWords: number;
} {
  const laneBits = vocab <= BYTE_VOCAB ? 8 : 16;
  const perWord = 32 / laneBits;
  const wordCount = Math.ceil(horizon / perWord);
  return { laneBits, perWord, wordCount, keptWords: wordCount === 1 ? 1 : 2 * Math.ceil(wordCount / 2) };
}

/**
 * Tokens that share an index into the table of masses, so that one load serves several: `digits` neighbours make an index of
 * tokenBits bits each, and a table of `size` entries for each block of positions.
 */
export function jointMasses({ vocab, horizon }: Pick<WholeGroupShape, 'vocab' | 'horizon'>): {
  readonly digits: number;
  readonly size: number;
  readonly blockCount: number;
} {
  const bits = tokenBitsOf(vocab);
  const fitting = bits <= 2 ? 4 : 2 * bits <= JOINT_BITS ? 2 : 1;
  const digits = horizon === 1 ? 1 : fitting;
  return { digits, size: 2 ** (bits * digits), blockCount: Math.ceil(horizon / digits) };
}

export const keepsTokens = ({ level, moments }: WholeGroupShape): boolean =>
  level !== 'groups' && moments === 'pairs';
/** Positions that are written out at most; longer horizons go through a loop, so many at a time… */
export const MOST_POSITIONS = 16;
/** …but for those whose positions have thresholds or a histogram of their own, each by its number. */
export const MOST_OWN_POSITIONS = 32;

/** Whether positions go through a loop. */
export const loopsPositions = (shape: WholeGroupShape): boolean =>
  shape.horizon > MOST_POSITIONS &&
  shape.search !== 'compare' &&
  (shape.level === 'groups' || keepsTokens(shape));
/** Tokens of a group that are written out at most, with all its trajectories. */
const MOST_TOKENS = 32;

/** Whether a small group's trajectories are written out one after the other, so that its tokens are values and not in memory. */
export const isWrittenOut = (shape: WholeGroupShape): boolean =>
  keepsTokens(shape) &&
  shape.rows !== 'previous' &&
  shape.groupSize <= shape.streamLength &&
  shape.horizon <= MOST_POSITIONS &&
  shape.groupSize * shape.horizon <= MOST_TOKENS;

/** Cells of a policy without context, and of a group's histogram. */
export const cellCount = ({ vocab, horizon }: Pick<WholeGroupShape, 'vocab' | 'horizon'>): number =>
  vocab * horizon;

/** Cells that a policy's tokens are counted in. */
export const countedCells = (shape: Pick<WholeGroupShape, 'vocab' | 'horizon' | 'rows'>): number =>
  shape.rows === 'previous' ? (1 + (shape.horizon - 1) * shape.vocab) * shape.vocab : cellCount(shape);

/** The free bit above each token of a word. */
export const guardOf = ({ vocab }: Pick<WholeGroupShape, 'vocab'>): number => 2 ** tokenBitsOf(vocab);

/** A shape in words, for reports. */
export function kernelName({ search, level, moments, counters, rows }: WholeGroupShape): string {
  const parts = ['whole groups', search];
  if (level !== 'groups') parts.push(rows === 'previous' ? 'meetings' : moments);
  if (level === 'full') parts.push(`${counters} counters`);
  return parts.join(', ');
}
