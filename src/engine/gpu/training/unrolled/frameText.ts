/** What every generated update kernel begins with: its buffers, and the values of a run. */

export const headerText = `override WORKGROUP_SIZE: u32;

@group(0) @binding(0) var<uniform> training: Training;

@group(1) @binding(0) var<storage, read> base_logits: array<f32>; // [prompts, cells]
@group(1) @binding(1) var<storage, read> verifiers: array<u32>;   // as UnrolledVerifier says
@group(1) @binding(2) var<storage, read> prompts: array<u32>;     // [prompts, PROMPT_WORDS], then features [prompts, blocks]
@group(1) @binding(3) var<storage, read> tables: array<vec2f>;    // [n + 1] weights (correct, wrong), then rates

@group(2) @binding(0) var<storage, read_write> state: array<f32>;
@group(2) @binding(1) var<storage, read_write> outcomes: array<u32>; // c, and in the high half the modes found
@group(2) @binding(2) var<storage, read_write> masses: array<u32>;   // [prompts, cells][replica], 2^32 being 0xffffffff

const PROMPT_WORDS = 5u;
const INVERSE_TOTAL = 2.3283064365386963e-10; // 2^-32
const TOTAL = 4294967296.0;
const LEAST_LOGIT = -3.0e38;
const SIGNED_ZERO = -0x7fffffffi - 1i; // as_signed(0)
const HIGHEST = 0x80000000u;
const ALL = 0xffffffffu;
`;

export const trainingValues: readonly string[] = [
  'let item = training.item_first + id.x;',
  'let replica = training.replica_first + item;',
  'let replica_count = training.replica_count;',
  'let param_count = training.param_count;',
  'let group_size = training.group_size;',
  'let batch_size = training.batch_size;',
  'let prompt_count = training.prompt_count;',
  'let stream_length = training.stream_length;',
  'let stream_count = (group_size + stream_length - 1u) / stream_length;',
  'let key = vec2u(training.seed_low, training.seed_high);',
  'let draw_id = training.draw_id;',
  'let rates_first = training.rates_first;',
  'let step_first = training.step_first;',
  'let step_end = step_first + training.step_count;',
  'let outcome_step = training.outcome_step;',
  'let inverse_temperature = bitcast<f32>(training.inverse_temperature_bits);',
  'let factor = inverse_temperature * bitcast<f32>(training.inverse_batch_bits);',
  'let bonus = bitcast<f32>(training.entropy_bonus_bits);',
  'let decay_1 = bitcast<f32>(training.adam_decay_1_bits);',
  'let decay_2 = bitcast<f32>(training.adam_decay_2_bits);',
  'let gain_1 = bitcast<f32>(training.adam_gain_1_bits);',
  'let gain_2 = bitcast<f32>(training.adam_gain_2_bits);',
  'let epsilon = bitcast<f32>(training.adam_epsilon_bits);',
];
