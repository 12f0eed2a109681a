/** Which slices of 32 groups a dispatch draws; host side of `struct Slices` in shaders/lib/sliced.wgsl. */
import { SLICE_GROUPS } from '../../../../math/random/slicedStream.ts';
import type { GroupRange } from '../../../sampler.ts';
import type { StructSchema } from '../../../structs.ts';

export const slicesSchema = {
  name: 'Slices',
  fields: [
    ...(['seed_low', 'seed_high', 'draw_id', 'prompt'] as const),
    ...(['slice_low', 'slice_high', 'slice_count', 'slices_per_workgroup'] as const),
    ...(['first_lanes', 'last_lanes', 'groups_first'] as const),
  ],
} as const satisfies StructSchema<string>;

export type SlicesField = (typeof slicesSchema.fields)[number];

const ALL_LANES = 2 ** 32 - 1;
/** Slices that a thread takes in turn, at most. */
const MOST_ROUNDS = 64;
/** Workgroups of a dispatch that keep all processors at work to its end. */
const WANTED_WORKGROUPS = { software: 64, hardware: 8192 } as const;
/** Software adapters run four threads at once, and those without a slice cost them next to nothing. */
const SOFTWARE_THREADS = 4;

/** The slices that hold some groups. */
export function sliceCountOf({ firstGroup, groupCount }: Omit<GroupRange, 'prompt'>): number {
  return Math.ceil((firstGroup + groupCount) / SLICE_GROUPS) - Math.floor(firstGroup / SLICE_GROUPS);
}

/** Some of the slices that hold a range's groups, and of the first and the last of them the lanes that it asks for. */
export interface Slices {
  readonly first: number;
  readonly count: number;
  readonly firstLanes: number;
  readonly lastLanes: number;
}

/** @param skipped slices of the range before the first @param count slices */
export function slicesOf(
  { firstGroup, groupCount }: Omit<GroupRange, 'prompt'>,
  skipped: number,
  count: number,
): Slices {
  const first = Math.floor(firstGroup / SLICE_GROUPS) + skipped;
  const lastGroup = firstGroup + groupCount - 1;
  const isLast = first + count - 1 === Math.floor(lastGroup / SLICE_GROUPS);
  return {
    first,
    count,
    firstLanes: skipped === 0 ? (ALL_LANES << (firstGroup % SLICE_GROUPS)) >>> 0 : ALL_LANES,
    lastLanes: isLast ? ALL_LANES >>> (SLICE_GROUPS - 1 - (lastGroup % SLICE_GROUPS)) : ALL_LANES,
  };
}

/** Slices of a workgroup: enough to repay what a thread does last, few enough that no processor is idle. */
export function slicesPerWorkgroup(sliceCount: number, workgroupSize: number, isSoftware: boolean): number {
  const wanted = isSoftware ? WANTED_WORKGROUPS.software : WANTED_WORKGROUPS.hardware;
  const together = isSoftware ? SOFTWARE_THREADS : workgroupSize;
  const rounds = Math.max(1, Math.ceil(sliceCount / (wanted * together)));
  return Math.min(rounds * together, MOST_ROUNDS * workgroupSize);
}
