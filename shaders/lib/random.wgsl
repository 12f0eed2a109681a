// Random words: Philox4x32-10 seeds a stream, xoshiro128** runs it. The same words as src/math/random, bit for bit.
// Needs wide.wgsl.
// Salmon et al. 2011; Blackman & Vigna 2021.

fn philox4x32(counter: vec4u, key: vec2u) -> vec4u {
  const multiplier_0 = 0xd2511f53u;
  const multiplier_1 = 0xcd9e8d57u;
  var c = counter;
  var k = key;
  var round = 0u;
  loop { // round < 10u; round += 1u
    let high_0 = multiply_high(multiplier_0, c.x);
    let high_1 = multiply_high(multiplier_1, c.z);
    c = vec4u(high_1 ^ c.y ^ k.x, multiplier_1 * c.z, high_0 ^ c.w ^ k.y, multiplier_0 * c.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
    continuing { round += 1u; break if round >= 10u; }
  }
  return c;
}

// A state of four zeros never leaves itself.
fn seed_generator(seed: vec4u) -> vec4u {
  return select(seed, vec4u(1u, 0u, 0u, 0u), all(seed == vec4u(0u)));
}

fn rotate_left(word: u32, bits: u32) -> u32 {
  return (word << bits) | (word >> (32u - bits));
}

fn next_word(state: ptr<function, vec4u>) -> u32 {
  let s = *state;
  let z = s.z ^ s.x;
  let w = s.w ^ s.y;
  *state = vec4u(s.x ^ w, s.y ^ z, z ^ (s.y << 9u), rotate_left(w, 11u));
  return rotate_left(s.y * 5u, 7u) * 9u;
}
