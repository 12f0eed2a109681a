// 64-bit integers as vec2u (low word, high word), two's complement where signed. WGSL has no u64.

// High 32 bits of a 32x32-bit product, from 16-bit halves; each partial sum is at most 0xffff * 0xffff + 0xffff, so
// nothing overflows.
fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle_a = a_high * b_low + ((a_low * b_low) >> 16u);
  let middle_b = a_low * b_high + (middle_a & 0xffffu);
  return a_high * b_high + (middle_a >> 16u) + (middle_b >> 16u);
}

fn wide_product(a: u32, b: u32) -> vec2u {
  return vec2u(a * b, multiply_high(a, b));
}

fn wide_from_signed(value: i32) -> vec2u {
  return vec2u(bitcast<u32>(value), select(0u, 0xffffffffu, value < 0));
}

fn wide_add(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + select(0u, 1u, low < a.x));
}

fn wide_subtract(a: vec2u, b: vec2u) -> vec2u {
  return vec2u(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}
