/** Two counts share a word: of correct trajectories below, of wrong ones above. A group has fewer than 2^16. */
export const LOW_HALF: u32 = 0xffff;
export const ONE_WRONG: u32 = 0x10000;
