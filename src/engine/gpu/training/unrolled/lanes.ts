/** Four trajectories in a word: a byte each, below 0x80, so that their highest bits are free for what a comparison finds. */

export const LANES = 4;

/** Above every token: in the lanes of trajectories that do not exist, which no row and no sequence has. */
export const NO_TOKEN = 0x7f;

const EACH = 0x01010101;

/** A word with a byte in all four lanes. */
export const inAll = (byte: number): string => `0x${(byte * EACH).toString(16)}u`;
