// Samples trajectories and runs the verifier: one thread, one stream.
// In:  the policy as thresholds [prompts * row_count, V] with their guide, the verifiers as transition tables. By classes the
//      thresholds are those of two chains of nodes a prompt, of wrong trajectories and then of correct ones.
// Out: outcomes [stream_count][2][group_count] bits, and (STORES_TOKENS) packed tokens [word_count][n][group_count].
// Overrides are set by src/engine/gpu/sampling/sample.ts.

override WORKGROUP_SIZE: u32;
override STORES_TOKENS: bool; // false at level `groups`, which never looks at a token again
override HAS_CONTEXT: bool;   // rows depend on the previous token
override IS_BY_CLASS: bool;   // the first c trajectories of a group are correct by design, the others wrong

const EACH_IN_TURN = 0xffffffffu;
const BATCH_BITS = 7u;        // 128 batches

@group(0) @binding(0) var<uniform> batch: Batch;

@group(1) @binding(0) var<storage, read> thresholds: array<u32>; // [prompts * row_count, V]
@group(1) @binding(1) var<storage, read> guide: array<u32>;      // [prompts * row_count, 2^guide_bits]
@group(1) @binding(2) var<storage, read> next_state: array<u32>; // [states, V] for each verifier
@group(1) @binding(3) var<storage, read> accepting: array<u32>;  // [states] for each verifier
@group(1) @binding(4) var<storage, read> next_node: array<u32>;  // [2 * nodes, V] for each prompt; unused in plain sampling

// c of a group by design; its index has 40 bits.
fn given_of(group_low: u32, group_high: u32, group_size: u32) -> u32 {
  if (batch.given != EACH_IN_TURN) { return batch.given; }
  let kinds = group_size + 1u;
  let high = (group_high % kinds) * ((1u << (32u - BATCH_BITS)) % kinds);
  return (high + (group_low >> BATCH_BITS) % kinds) % kinds;
}

@group(2) @binding(0) var<storage, read_write> outcomes: array<u32>;
@group(2) @binding(1) var<storage, read_write> tokens: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn sample(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.item_count) { return; }
  let item = batch.item_first + id.x;
  let group_count = batch.group_count;
  let group = item % group_count;
  let stream = item / group_count;
  let vocab = batch.vocab;
  let horizon = batch.horizon;
  let guide_bits = batch.guide_bits;
  let row_first = batch.row_first;
  let next_first = batch.next_first;
  let group_size = batch.group_size;
  let token_bits = batch.token_bits;
  let tokens_per_word = select(horizon, batch.tokens_per_word, STORES_TOKENS);
  let start_state = batch.start_state;

  let group_low = batch.first_group_low + group;
  let group_high = batch.first_group_high + select(0u, 1u, group_low < group);
  let counter = vec4u(group_low, group_high | (stream << 8u), batch.prompt, batch.draw_id);
  var generator = seed_generator(philox4x32(counter, vec2u(batch.seed_low, batch.seed_high)));

  let first_trajectory = stream * batch.stream_length;
  let trajectory_count = min(batch.stream_length, group_size - first_trajectory);
  let given = given_of(group_low, group_high, group_size);
  var outcome_low = 0u;
  var outcome_high = 0u;
  for (var i = 0u; i < trajectory_count; i += 1u) {
    var state = start_state;
    var row = row_first;
    var node = batch.node_first + select(0u, batch.node_count, first_trajectory + i < given);
    var store_at = token_word_index(0u, first_trajectory + i, group, group_size, group_count);
    // At level `groups` a "word" is the whole trajectory and is not stored.
    for (var first_t = 0u; first_t < horizon; first_t += tokens_per_word) {
      let end_t = min(first_t + tokens_per_word, horizon);
      var packed = 0u;
      var shift = 0u;
      for (var t = first_t; t < end_t; t += 1u) {
        let word = next_word(&generator);
        let token = token_of_word(word, select(row, node, IS_BY_CLASS), vocab, guide_bits);
        if (IS_BY_CLASS) { node = next_node[node * vocab + token]; }
        state = next_state[next_first + state * vocab + token];
        if (STORES_TOKENS) {
          packed |= token << shift;
          shift += token_bits;
        }
        if (HAS_CONTEXT) {
          row = row_first + 1u + t * vocab + token;
        } else {
          row += 1u;
        }
      }
      if (STORES_TOKENS) {
        tokens[store_at] = packed;
        store_at += group_size * group_count;
      }
    }
    let bit = accepting[batch.state_first + state] << (i & 31u);
    outcome_low |= select(bit, 0u, i >= 32u);
    outcome_high |= select(0u, bit, i >= 32u);
  }
  outcomes[outcome_index(stream, 0u, group, group_count)] = outcome_low;
  outcomes[outcome_index(stream, 1u, group, group_count)] = outcome_high;
}
