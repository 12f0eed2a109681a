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

// Of masses up to 2^31, the most that a token has which is not the likeliest: as_float alone would make that one negative.
fn mass_as_float(mass: u32) -> f32 {
  return abs(as_float(mass));
}

// The nearest integer to a number from 0 to 2^31, half a unit rounded up; of larger ones anything. How many times it holds 2^16, and what
// is left, are read off the significands of sums: i32() of a float costs more, for it saturates. A token that is not the likeliest has
// half the mass at most.
fn rounded(x: f32) -> u32 {
  let high = bitcast<u32>(x + 0x1.8p39f) & 0xffffu;
  let low = floor(x - as_float(high) * 65536.0 + 0.5);
  return high * 65536u + bitcast<u32>(low + 0x1.8p23f) - 0x4b400000u;
}

// The sum of four lanes of a word, up to 255; and of two.
fn sum_of_bytes(bytes: u32) -> u32 {
  return (bytes * 0x01010101u) >> 24u;
}

fn sum_of_halves(halves: u32) -> u32 {
  return (halves & 0xffffu) + (halves >> 16u);
}

// Whether a sum leaves that remainder. Exact for sums below 2^20: the quotient is half a unit of 1 / modulus away from the next integer,
// far more than it is rounded by.
fn leaves(sum: u32, modulus: f32, per_modulus: f32, residue: f32) -> bool {
  let x = as_float(sum);
  return x - floor((x + 0.5) * per_modulus) * modulus == residue;
}
