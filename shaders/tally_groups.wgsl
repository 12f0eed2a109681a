// Counts groups by their number of correct trajectories: one thread, one group.
// In:  outcomes [stream_count][2][group_count] bits.
// Out: correct_counts [group_count] = c and correct_bits [ceil(n / 32)][group_count], both read by the kernels of the
//      higher levels; groups [n + 1] for each prompt. Counters are 32 bits: the host empties them in time.

override WORKGROUP_SIZE: u32;

@group(0) @binding(0) var<uniform> batch: Batch;

@group(1) @binding(0) var<storage, read> outcomes: array<u32>;

@group(2) @binding(0) var<storage, read_write> correct_counts: array<u32>;
@group(2) @binding(1) var<storage, read_write> correct_bits: array<u32>;
@group(2) @binding(2) var<storage, read_write> groups: array<atomic<u32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn tally_groups(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.item_count) { return; }
  let group = batch.item_first + id.x;
  let group_count = batch.group_count;
  var correct = 0u;
  var word = 0u;      // bits gathered and not yet written
  var word_at = 0u;
  var fill = 0u;      // how many of its bits are taken
  for (var stream = 0u; stream < batch.stream_count; stream += 1u) {
    var left = min(batch.stream_length, batch.group_size - stream * batch.stream_length);
    for (var half = 0u; half < 2u; half += 1u) {
      let bits = outcomes[outcome_index(stream, half, group, group_count)];
      let bit_count = min(left, 32u);
      left -= bit_count;
      correct += countOneBits(bits);
      word |= bits << fill;
      if (fill + bit_count >= 32u) {
        correct_bits[correct_bits_index(word_at, group, group_count)] = word;
        word_at += 1u;
        word = select(0u, bits >> (32u - fill), fill > 0u);
        fill = fill + bit_count - 32u;
      } else {
        fill += bit_count;
      }
    }
  }
  if (fill > 0u) { correct_bits[correct_bits_index(word_at, group, group_count)] = word; }
  correct_counts[group] = correct;
  atomicAdd(&groups[batch.groups_first + correct], 1u);
}
