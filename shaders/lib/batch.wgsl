// The uniform block of every tally kernel: one batch of groups of one prompt, and the items of it that this dispatch
// handles. Written by src/engine/gpu/sampling/batch.ts; a test holds the two against each other, field by field.
struct Batch {
  vocab: u32,             // V
  horizon: u32,           // T
  row_count: u32,         // rows of one prompt's policy
  guide_bits: u32,        // a row's guide has 2^guide_bits buckets
  group_size: u32,        // n
  stream_length: u32,     // trajectories in a full stream
  stream_count: u32,      // streams in a group
  token_bits: u32,        // bits of a packed token: 4, 8 or 16
  tokens_per_word: u32,   // 32 / token_bits
  word_count: u32,        // packed words of a trajectory: ceil(T / tokens_per_word)
  seed_low: u32,
  seed_high: u32,
  draw_id: u32,
  prompt: u32,            // prompt index in the problem file
  first_group_low: u32,   // index of the batch's first group, 40 bits
  first_group_high: u32,
  group_count: u32,       // groups in the batch; also the innermost stride of the scratch arrays
  item_first: u32,        // this dispatch does items item_first .. item_first + item_count - 1
  item_count: u32,
  row_first: u32,         // the prompt's first row in the policy tables
  node_first: u32,        // by classes: the prompt's first node of wrong trajectories
  node_count: u32,        // and how many there are, before those of correct ones
  given: u32,             // c of every group by design, or all of them in turn
  next_first: u32,        // its verifier's first entry in next_state
  state_first: u32,       // its verifier's first entry in accepting
  start_state: u32,
  collision_sum: u32,     // sum of B over the rows that every trajectory visits
  slice_length: u32,      // trajectories that one item of tally_moments pairs up
  groups_first: u32,      // the prompt's first counter in each output
  second_first: u32,
  counts_first: u32,
}

// Scratch arrays are laid out with the group innermost: neighbouring threads hold neighbouring groups.

// Packed tokens, [word_count][n][group_count].
fn token_word_index(word: u32, trajectory: u32, group: u32, group_size: u32, group_count: u32) -> u32 {
  return (word * group_size + trajectory) * group_count + group;
}

// Two words of outcome bits for each stream, [stream_count][2][group_count]; bit i is trajectory i of the stream.
fn outcome_index(stream: u32, word: u32, group: u32, group_count: u32) -> u32 {
  return (stream * 2u + word) * group_count + group;
}

// Outcome bits of a group in one run, [ceil(n / 32)][group_count].
fn correct_bits_index(word: u32, group: u32, group_count: u32) -> u32 {
  return word * group_count + group;
}
