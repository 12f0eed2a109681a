/**
 * Streams of `sliced@1`: how random words are laid out where 32 groups are drawn at once (part of the sampler id).
 *
 * A slice is the groups 32 b .. 32 b + 31 of one prompt, and lane i of a word is group 32 b + i. A stream holds consecutive
 * trajectories of a slice, as many as a stream of `cdf@1` does; its words are a pure function of (seed, drawId, prompt, slice,
 * stream). They are used trajectory by trajectory, position by position, plane by plane: plane d is one word, whose lane i is
 * bit 31 − d of the word that group 32 b + i draws its token by. The first `planesUpFront` planes of a position are always
 * drawn. Another follows while a lane is open: while its bits so far are those of a threshold of the row other than 0. All 32
 * lanes count, whichever groups are asked for. Bits that were not drawn decide nothing.
 */
import { philox4x32, type Words4 } from './philox.ts';
import { seedKey, streamCounter } from './stream.ts';
import { xoshiro128 } from './xoshiro.ts';

/** Groups that are drawn at once: bits of a word. */
export const SLICE_GROUPS = 32;
export const WORD_BITS = 32;
/** No stream of `cdf@1` has this bit in its counter, so equal seeds give the two samplers different words. */
const SLICED_STREAM = 2 ** 23;
/**
 * Beyond the bits that tell V tokens apart: with so many, a lane of 32 is still open one time in 16 or less, and of 128, which software
 * adapters draw together, one in four or less. There 7 to 10 are as fast; wider machines want more.
 */
const PLANES_BEYOND_VOCAB = 9;

/** Planes that are drawn of every word, 9 + ⌈log2 V⌉: a loop for so many bits would be entered nearly every time. */
export function planesUpFront(vocab: number): number {
  return PLANES_BEYOND_VOCAB + Math.ceil(Math.log2(vocab));
}

/** The Philox counter of a stream. @param slice ⌊group / 32⌋ @param stream of the slice, from 0 on */
export function slicedCounter(drawId: number, prompt: number, slice: number, stream: number): Words4 {
  return streamCounter(drawId, prompt, slice, SLICED_STREAM + stream);
}

/** The planes of one stream, one after the other. */
export function openSlicedStream(
  seed: number,
  drawId: number,
  prompt: number,
  slice: number,
  stream: number,
): () => number {
  return xoshiro128(philox4x32(slicedCounter(drawId, prompt, slice, stream), seedKey(seed)));
}
