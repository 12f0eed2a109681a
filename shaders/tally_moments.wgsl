// Adds a group's integer second moments S11, S10, S00 (src/engine/secondMoments.ts): one thread, one slice of a group's
// trajectories, each paired with itself and with all before it. A pair of trajectories in the same row adds
// 2^16 [same token] - A_i - A_j + B to the sum of its outcomes, twice where both have the same outcome.
//
// Tokens come packed, so one exclusive or compares 2 to 8 positions at once. Rows that every trajectory visits (all of
// them without context, the first one otherwise) need no pairing for A and B: their sums are linear in the trajectories.
//
// In:  tokens [word_count][n][group_count] packed, correct_bits, correct_counts, A [rows, V], B [rows].
// Out: second [128 batches][n + 1][3] for each prompt, 64-bit two's complement as two words.

override WORKGROUP_SIZE: u32;
override HAS_CONTEXT: bool;
override IS_NARROW: bool;      // one group's sums fit 32 bits: n^2 T < 2^14

@group(0) @binding(0) var<uniform> batch: Batch;

@group(1) @binding(0) var<storage, read> tokens: array<u32>;
@group(1) @binding(1) var<storage, read> correct_bits: array<u32>;
@group(1) @binding(2) var<storage, read> correct_counts: array<u32>;
@group(1) @binding(3) var<storage, read> token_mass: array<u32>; // A
@group(1) @binding(4) var<storage, read> collision: array<u32>;  // B

@group(2) @binding(0) var<storage, read_write> second: array<atomic<u32>>;

// The top bit of every lane in which a and b agree. low_bits: all bits of each lane but its top one.
fn equal_lanes(a: u32, b: u32, low_bits: u32) -> u32 {
  let difference = a ^ b;
  return ~(((difference & low_bits) + low_bits) | difference | low_bits);
}

// Sums of one group: the low word alone where 32 bits hold them. Its arithmetic wraps, and only the end has to fit.
fn add(a: vec2u, b: vec2u) -> vec2u {
  if (IS_NARROW) { return vec2u(a.x + b.x, 0u); }
  return wide_add(a, b);
}

fn subtract(a: vec2u, b: vec2u) -> vec2u {
  if (IS_NARROW) { return vec2u(a.x - b.x, 0u); }
  return wide_subtract(a, b);
}

fn product(a: u32, b: u32) -> vec2u {
  if (IS_NARROW) { return vec2u(a * b, 0u); }
  return wide_product(a, b);
}

fn from_signed(value: i32) -> vec2u {
  if (IS_NARROW) { return vec2u(bitcast<u32>(value), 0u); }
  return wide_from_signed(value);
}

// Exact in any order: whoever sees the low word wrap carries.
fn add_to_output(cell: u32, sum: vec2u) {
  if (all(sum == vec2u(0u))) { return; }
  let old = atomicAdd(&second[2u * cell], sum.x);
  atomicAdd(&second[2u * cell + 1u], sum.y + select(0u, 1u, old > 0xffffffffu - sum.x));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn tally_moments(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.item_count) { return; }
  let item = batch.item_first + id.x;
  let group_count = batch.group_count;
  let group = item % group_count;
  let slice = item / group_count;
  let n = batch.group_size;
  let vocab = batch.vocab;
  let horizon = batch.horizon;
  let row_first = batch.row_first;
  let token_bits = batch.token_bits;
  let tokens_per_word = batch.tokens_per_word;
  let word_count = batch.word_count;
  let token_mask = (1u << token_bits) - 1u;
  let low_bits = (0xffffffffu / token_mask) * (token_mask >> 1u);
  let lanes_in_last_word = horizon - (word_count - 1u) * tokens_per_word;
  let last_word_lanes = 0xffffffffu >> (32u - lanes_in_last_word * token_bits);
  let correct = correct_counts[group];

  var s11 = vec2u(0u);
  var s10 = vec2u(0u);
  var s00 = vec2u(0u);
  let slice_end = min(n, (slice + 1u) * batch.slice_length);
  for (var i = slice * batch.slice_length; i < slice_end; i += 1u) {
    let is_correct = (correct_bits[correct_bits_index(i >> 5u, group, group_count)] >> (i & 31u)) & 1u;

    var shared_mass = 0u;        // sum of A_i over the rows that every trajectory visits, <= 2^28
    var own = vec2u(0u);         // the rest of the pair (i, i)
    var with_correct = vec2u(0u);
    var with_wrong = vec2u(0u);
    var before_i = 0u;           // the word before, and its last token
    for (var word = 0u; word < word_count; word += 1u) {
      let word_i = tokens[token_word_index(word, i, group, n, group_count)];
      let lane_count = select(tokens_per_word, lanes_in_last_word, word + 1u == word_count);
      let valid_lanes = select(0xffffffffu, last_word_lanes, word + 1u == word_count);

      var row = row_first + word * tokens_per_word;
      var previous = before_i >> (32u - token_bits);
      var own_in_word = 0i;      // <= 8 * 2^17
      for (var lane = 0u; lane < lane_count; lane += 1u) {
        let token = (word_i >> (lane * token_bits)) & token_mask;
        if (HAS_CONTEXT) {
          let t = word * tokens_per_word + lane;
          if (t == 0u) {
            shared_mass = token_mass[row_first * vocab + token];
          } else {
            let own_row = row_first + 1u + (t - 1u) * vocab + previous;
            own_in_word += i32(collision[own_row]) - 2i * i32(token_mass[own_row * vocab + token]);
          }
          previous = token;
        } else {
          shared_mass += token_mass[row * vocab + token];
          row += 1u;
        }
      }
      own = add(own, from_signed(own_in_word + i32(lane_count << 16u)));

      // Same token by outcome of j, and (rows that depend on the token before) B - A_i - A_j of those that meet.
      // In one word: at most 8 n <= 2^13 matches, and sums below 2^30.
      var same_as_correct = 0u;
      var same = 0u;
      var met_correct = 0i;
      var met_wrong = 0i;
      for (var first_j = 0u; first_j < i; first_j += 32u) {
      let bits = correct_bits[correct_bits_index(first_j >> 5u, group, group_count)];
      let end_j = min(first_j + 32u, i);
      for (var j = first_j; j < end_j; j += 1u) {
        let word_j = tokens[token_word_index(word, j, group, n, group_count)];
        var equal = equal_lanes(word_i, word_j, low_bits) & valid_lanes;
        if (HAS_CONTEXT) {
          // Two trajectories share the row of a position when they agree in the token before; at t = 0 always.
          var agreed_before = 1u << (token_bits - 1u);
          if (word > 0u) {
            let before_j = tokens[token_word_index(word - 1u, j, group, n, group_count)];
            agreed_before = equal_lanes(before_i, before_j, low_bits) >> (32u - token_bits);
          }
          var met = ((equal << token_bits) | agreed_before) & valid_lanes & ~low_bits;
          equal &= met;
          if (word == 0u) { met &= ~(1u << (token_bits - 1u)); }
          while (met != 0u) {
            let lane = countTrailingZeros(met) / token_bits;
            met &= met - 1u;
            let t = word * tokens_per_word + lane;
            var context = before_i >> (32u - token_bits);
            if (lane > 0u) { context = (word_i >> ((lane - 1u) * token_bits)) & token_mask; }
            let met_row = row_first + 1u + (t - 1u) * vocab + context;
            let a_i = token_mass[met_row * vocab + ((word_i >> (lane * token_bits)) & token_mask)];
            let a_j = token_mass[met_row * vocab + ((word_j >> (lane * token_bits)) & token_mask)];
            let value = i32(collision[met_row]) - i32(a_i + a_j);
            if (((bits >> (j & 31u)) & 1u) == 1u) { met_correct += value; } else { met_wrong += value; }
          }
        }
        let matches = countOneBits(equal);
        same += matches;
        same_as_correct += select(0u, matches, ((bits >> (j & 31u)) & 1u) == 1u);
      }
      }
      let same_as_wrong = same - same_as_correct;
      with_correct = add(with_correct, add(vec2u(same_as_correct << 16u, 0u), from_signed(met_correct)));
      with_wrong = add(with_wrong, add(vec2u(same_as_wrong << 16u, 0u), from_signed(met_wrong)));
      before_i = word_i;
    }

    let wrong = n - correct;
    if (is_correct == 1u) {
      s11 = add(s11, add(own, add(with_correct, with_correct)));
      s11 = subtract(s11, product(shared_mass, 2u * correct));
      s11 = add(s11, product(batch.collision_sum, correct));
      s10 = add(s10, with_wrong);
      s10 = subtract(s10, product(shared_mass, wrong));
      s10 = add(s10, product(batch.collision_sum, wrong));
    } else {
      s00 = add(s00, add(own, add(with_wrong, with_wrong)));
      s00 = subtract(s00, product(shared_mass, 2u * wrong));
      s00 = add(s00, product(batch.collision_sum, wrong));
      s10 = add(s10, with_correct);
      s10 = subtract(s10, product(shared_mass, correct));
    }
  }

  // 2^32 is a multiple of 128: the low word of the group index is enough.
  let index = (batch.first_group_low + group) & 127u;
  let cell = batch.second_first + (index * (n + 1u) + correct) * 3u;
  if (IS_NARROW) {
    s11 = wide_from_signed(bitcast<i32>(s11.x));
    s10 = wide_from_signed(bitcast<i32>(s10.x));
    s00 = wide_from_signed(bitcast<i32>(s00.x));
  }
  add_to_output(cell, s11);
  add_to_output(cell + 1u, s10);
  add_to_output(cell + 2u, s00);
}
