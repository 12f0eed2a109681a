// What the generated kernels of sliced@1 are told, and the parts of them that no policy changes. The struct is written by
// src/engine/gpu/sampling/sliced/slices.ts; a test holds it against it, field by field. The including file declares
// `slices: Slices`.

// Slices of 32 groups of one prompt; of the first and the last some groups may not be asked for.
struct Slices {
  seed_low: u32,
  seed_high: u32,
  draw_id: u32,
  prompt: u32,               // prompt index in the problem file
  slice_low: u32,            // index of the first slice, 35 bits
  slice_high: u32,
  slice_count: u32,
  slices_per_workgroup: u32,
  first_lanes: u32,          // lanes that are asked for: of the first slice
  last_lanes: u32,           // and of the last, which may be the same
  groups_first: u32,         // the prompt's first counter
}

// In the counter of every stream of sliced@1, and of no stream of cdf@1.
const SLICED_STREAM = 0x800000u;

// The last step of a word (xoshiro128**): 9 times the rotated product.
fn finished(rotated: u32) -> u32 {
  return rotated * 9u;
}

// The lanes, where a threshold has a 1 at a depth; scale is 2^depth. Its sign says so: comparing costs less than shifting.
fn with_bit(lanes: u32, threshold: u32, scale: u32) -> u32 {
  return select(0u, lanes, bitcast<i32>(threshold * scale) < 0);
}

// Lanes that pass their threshold: their bits are greater, or all of them are drawn and equal.
fn passing(greater: u32, open: u32) -> u32 {
  return greater | open;
}

// Lanes of a slice whose groups are asked for.
fn lanes_of(slice: u32) -> u32 {
  return select(0xffffffffu, slices.first_lanes, slice == 0u) &
    select(0xffffffffu, slices.last_lanes, slice == slices.slice_count - 1u);
}
