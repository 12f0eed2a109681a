/**
 * Streams: how random words are laid out over trajectories (part of the sampler id `cdf@1`; contract).
 *
 * A stream is a block of consecutive trajectories of one group. Its words are a pure function of
 * (seed, drawId, prompt, group, block), so any thread of any dispatch on any device may compute any block.
 */
import { philox4x32, type Words4 } from './philox.ts';
import { xoshiro128 } from './xoshiro.ts';

export const SAMPLER_ID = 'cdf@1';
/** Trajectories given their outcome (problem/conditional.ts), drawn by the same words. */
export const CLASS_SAMPLER_ID = 'cdf@1/classes';
/** 32 groups at once, from planes of bits (slicedStream.ts). */
export const SLICED_SAMPLER_ID = 'sliced@1';
export const SAMPLER_IDS = [SAMPLER_ID, CLASS_SAMPLER_ID, SLICED_SAMPLER_ID] as const;
export type SamplerId = (typeof SAMPLER_IDS)[number];
/** Group indices fit 40 bits: the high 8 share a counter word with the block. */
export const MAX_GROUP_INDEX = 2 ** 40;
export const MAX_SEED = Number.MAX_SAFE_INTEGER;

/** Words a stream aims at: long enough to pay for its seeding, short enough to spread a group over threads. */
const WORDS_PER_STREAM = 64;

/** B = max(1, min(n, ⌊64 / T⌋)) trajectories in a stream; the last one of a group may hold fewer. */
export function trajectoriesPerStream(groupSize: number, horizon: number): number {
  return Math.max(1, Math.min(groupSize, Math.floor(WORDS_PER_STREAM / horizon)));
}

/** The Philox key: seed low, seed high. */
export function seedKey(seed: number): readonly [number, number] {
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/** The Philox counter of a stream. */
export function streamCounter(drawId: number, prompt: number, group: number, block: number): Words4 {
  const groupHigh = Math.floor(group / 2 ** 32);
  return [group >>> 0, (groupHigh | (block << 8)) >>> 0, prompt, drawId];
}

/** The generator of one stream. */
export function openStream(
  seed: number,
  drawId: number,
  prompt: number,
  group: number,
  block: number,
): () => number {
  return xoshiro128(philox4x32(streamCounter(drawId, prompt, group, block), seedKey(seed)));
}
