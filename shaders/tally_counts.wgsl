// Counts tokens by c, outcome, row and token: one thread, one packed word's positions in all trajectories of one group.
// In:  tokens [word_count][n][group_count] packed, correct_bits, correct_counts [group_count].
// Out: counts [n + 1][2][row_count][V] for each prompt. Counters are 32 bits: the host empties them in time.

override WORKGROUP_SIZE: u32;
override HAS_CONTEXT: bool;

@group(0) @binding(0) var<uniform> batch: Batch;

@group(1) @binding(0) var<storage, read> tokens: array<u32>;
@group(1) @binding(1) var<storage, read> correct_bits: array<u32>;
@group(1) @binding(2) var<storage, read> correct_counts: array<u32>;

@group(2) @binding(0) var<storage, read_write> counts: array<atomic<u32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn tally_counts(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.item_count) { return; }
  let item = batch.item_first + id.x;
  let group_count = batch.group_count;
  let group = item % group_count;
  let word = item / group_count;
  let n = batch.group_size;
  let vocab = batch.vocab;
  let token_bits = batch.token_bits;
  let token_mask = (1u << token_bits) - 1u;
  let first_t = word * batch.tokens_per_word;
  let end_t = min(batch.horizon, first_t + batch.tokens_per_word);
  let wrong_first = batch.counts_first + 2u * correct_counts[group] * batch.row_count * vocab;
  let outcome_stride = batch.row_count * vocab;

  for (var first_i = 0u; first_i < n; first_i += 32u) {
    let bits = correct_bits[correct_bits_index(first_i >> 5u, group, group_count)];
    let end_i = min(first_i + 32u, n);
    for (var i = first_i; i < end_i; i += 1u) {
      let first = wrong_first + ((bits >> (i & 31u)) & 1u) * outcome_stride;
      var packed = tokens[token_word_index(word, i, group, n, group_count)];
      var previous = 0u;
      if (HAS_CONTEXT) {
        // In the first word this is the word itself; position 0 has no use for it.
        previous = tokens[token_word_index(max(word, 1u) - 1u, i, group, n, group_count)] >> (32u - token_bits);
      }
      for (var t = first_t; t < end_t; t += 1u) {
        let token = packed & token_mask;
        packed >>= token_bits;
        var row = t;
        if (HAS_CONTEXT) { row = select(1u + (t - 1u) * vocab + previous, 0u, t == 0u); }
        atomicAdd(&counts[first + row * vocab + token], 1u);
        previous = token;
      }
    }
  }
}
