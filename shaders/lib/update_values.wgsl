// Numbers as the generated update kernels take them: on software adapters there are instructions for signed numbers only, and
// conversions and comparisons of unsigned ones cost several times as much.

// In the same order, but signed.
fn as_signed(word: u32) -> i32 {
  return bitcast<i32>(word ^ 0x80000000u);
}

// Of integers below 2^31.
fn as_float(word: u32) -> f32 {
  return f32(bitcast<i32>(word));
}

// Of numbers from 0 to 2^31; larger ones become 2^31, or about that. A token that is not the likeliest has half the mass at most.
fn rounded(x: f32) -> u32 {
  return bitcast<u32>(i32(x + 0.5));
}

// Four trajectories share a word, with a byte below 0x80 for each.

// A 1 in each byte that is the same in both.
fn equal_bytes(a: u32, b: u32) -> u32 {
  return ((0x80808080u - (a ^ b)) >> 7u) & 0x01010101u;
}

// Of sums up to 255.
fn sum_of_bytes(bytes: u32) -> u32 {
  return (bytes * 0x01010101u) >> 24u;
}

// The same for two trajectories, with a half below 0x8000 for each.
fn equal_halves(a: u32, b: u32) -> u32 {
  return ((0x80008000u - (a ^ b)) >> 15u) & 0x00010001u;
}

fn sum_of_halves(halves: u32) -> u32 {
  return (halves & 0xffffu) + (halves >> 16u);
}

// A 1 in each of 2 or 4 lanes that hold a trajectory.
fn exists_in(lanes: u32, packed: u32) -> u32 {
  return select(0x00010001u - equal_halves(packed, 0x7fff7fffu), 0x01010101u - equal_bytes(packed, 0x7f7f7f7fu), lanes == 4u);
}

// 0x7f in the bytes of trajectories first .. first + 3 that are not below `length`.
fn missing_lanes(length: u32, first: u32) -> u32 {
  return select(0u, 0x7fu, first >= length) + select(0u, 0x7f00u, first + 1u >= length)
    + select(0u, 0x7f0000u, first + 2u >= length) + select(0u, 0x7f000000u, first + 3u >= length);
}

// Exact for sums below 2^20: the quotient is half a unit of 1 / modulus away from the next integer, far more than it is rounded by.
fn remainder(sum: u32, modulus: u32, per_modulus: f32) -> u32 {
  return sum - u32(i32((f32(bitcast<i32>(sum)) + 0.5) * per_modulus)) * modulus;
}
