// The uniform block of the update kernel: the shape of a run, and the replicas and steps that this dispatch handles.
// Written by src/engine/gpu/training/trainingBlock.ts; a test holds the two against each other, field by field.
// Fields named *_bits are f32 numbers as bits.
struct Training {
  vocab: u32,                // V
  horizon: u32,              // T
  row_count: u32,            // rows of one prompt's policy
  cell_count: u32,           // row_count * V: parameters of one block
  param_count: u32,          // parameters of a replica: cell_count for each block
  prompt_count: u32,
  batch_size: u32,           // prompts in a step; step s takes them in turn from s * batch_size on
  group_size: u32,           // n
  stream_length: u32,        // trajectories in a full stream
  seed_low: u32,
  seed_high: u32,
  draw_id: u32,
  replica_first: u32,        // number of the first replica in the state buffer
  replica_count: u32,        // replicas in it; also the innermost stride of every buffer
  item_first: u32,           // this dispatch trains replicas item_first .. item_first + item_count - 1 of the buffer
  item_count: u32,
  step_first: u32,           // and takes them through steps step_first .. step_first + step_count - 1
  step_count: u32,
  outcome_step: u32,         // step of the first row of the outcomes buffer
  rates_first: u32,          // place in `tables` of the rates of the first step
  blend_first: u32,          // place in `prompts` of the blends
  gradient_first: u32,       // slots of a replica's memory; theta stands at 0
  moments_first: u32,
  threshold_first: u32,
  largest_first: u32,
  count_first: u32,
  fork_first: u32,
  entropy_first: u32,
  trail_first: u32,
  inverse_temperature_bits: u32,
  inverse_batch_bits: u32,   // 1 / batch_size
  entropy_bonus_bits: u32,
  adam_decay_1_bits: u32,
  adam_decay_2_bits: u32,
  adam_gain_1_bits: u32,     // 1 - decay, from more digits than a difference of f32 has
  adam_gain_2_bits: u32,
  adam_epsilon_bits: u32,
  simko_share_bits: u32,     // mass of a correct target that is spread over the top tokens
  simko_top: u32,            // how many tokens it is spread over
  simko_penalty_bits: u32,   // factor of a wrong sample of the likeliest token
  simko_rank: u32,           // of T entropies in rising order, the quantile lies between this one and the next
  simko_between_bits: u32,   // and so far from the first of the two, 0 .. 1
}
