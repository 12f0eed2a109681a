/**
 * xoshiro128**: the fast stateful generator inside a stream (Blackman & Vigna 2021, "Scrambled linear pseudorandom
 * number generators"). A state of four zeros never leaves itself; it is replaced by (1, 0, 0, 0).
 */
import type { Words4 } from './philox.ts';

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** @returns a function that gives the next u32 word at each call */
export function xoshiro128(seed: Words4): () => number {
  let [s0, s1, s2, s3] = seed;
  if ((s0 | s1 | s2 | s3) === 0) s0 = 1;
  return () => {
    const word = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return word;
  };
}
