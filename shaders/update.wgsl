// Trains replicas: one thread takes one replica through many steps, and never meets another. A step draws a group of n
// trajectories for each prompt of its batch, weights them by c, and moves theta along the gradient estimate.
// In:  base logits [prompts, cells]; verifiers; prompts with their verifier and the parameter blocks they use; the
//      estimator's weights by c, and the rates of each step.
// Out: state [theta, then Adam's moments][replica]; outcomes [step][prompt of the batch][replica]; masses.
// Overrides are set by src/engine/gpu/training/update.ts. Memory is in lib/memory_workgroup.wgsl or lib/memory_storage.wgsl.

override WORKGROUP_SIZE: u32;
override HAS_CONTEXT: bool;       // rows depend on the previous token
override IS_SHARED: bool;         // prompts use blocks of parameters by features; else each has its own block
override IS_ADAM: bool;
override HAS_ENTROPY_BONUS: bool;
override IS_SIMKO: bool;
override WRITES_MASSES: bool;     // hands over the masses of each prompt's last group

@group(0) @binding(0) var<uniform> training: Training;

@group(1) @binding(0) var<storage, read> base_logits: array<f32>; // [prompts, cells]
@group(1) @binding(1) var<storage, read> verifiers: array<u32>;   // transition tables [states, V] and verdicts [states]
@group(1) @binding(2) var<storage, read> prompts: array<u32>;     // [prompts, PROMPT_WORDS], then blends [block, feature]
@group(1) @binding(3) var<storage, read> tables: array<vec2f>;    // [n + 1] weights (correct, wrong), then rates

@group(2) @binding(0) var<storage, read_write> state: array<f32>;
@group(2) @binding(1) var<storage, read_write> outcomes: array<u32>; // c, and in the high half the modes found
@group(2) @binding(2) var<storage, read_write> masses: array<u32>;   // [prompts, cells][replica], 2^32 being 0xffffffff

const PROMPT_WORDS = 5u; // next_first, verdict_first, start_state, blend_first, blend_end
const INVERSE_TOTAL = 2.3283064365386963e-10; // 2^-32
const TOTAL = 4294967296.0;

// This thread's place in the memory.
var<private> place: u32;
var<private> stride: u32;

fn load(slot: u32) -> u32 { return memory[slot * stride + place]; }
fn load_float(slot: u32) -> f32 { return bitcast<f32>(memory[slot * stride + place]); }
fn store(slot: u32, value: u32) { memory[slot * stride + place] = value; }
fn store_float(slot: u32, value: f32) { memory[slot * stride + place] = bitcast<u32>(value); }

@compute @workgroup_size(WORKGROUP_SIZE)
fn update(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  if (id.x >= training.item_count) { return; }
  let item = training.item_first + id.x;
  place = memory_place(thread, item);
  stride = memory_stride();
  let param_count = training.param_count;
  let replica_count = training.replica_count;
  for (var i = 0u; i < param_count; i += 1u) {
    store_float(i, state[i * replica_count + item]);
    if (IS_ADAM) {
      store_float(training.moments_first + i, state[(param_count + i) * replica_count + item]);
      store_float(training.moments_first + param_count + i, state[(2u * param_count + i) * replica_count + item]);
    }
  }

  let step_end = training.step_first + training.step_count;
  for (var step = training.step_first; step < step_end; step += 1u) {
    if (IS_SHARED) {
      for (var i = 0u; i < param_count; i += 1u) { store_float(training.gradient_first + i, 0.0); }
    }
    let rate = tables[training.rates_first + step];
    for (var b = 0u; b < training.batch_size; b += 1u) {
      let prompt = (step * training.batch_size + b) % training.prompt_count;
      write_policy(prompt);
      let outcome = sample_group(prompt, step, training.replica_first + item);
      let outcome_row = (step - training.outcome_step) * training.batch_size + b;
      outcomes[outcome_row * replica_count + item] = outcome;
      learn(prompt, outcome & 0xffffu, rate);
      if (WRITES_MASSES) { hand_over_masses(prompt, item); }
    }
    if (IS_SHARED) {
      for (var i = 0u; i < param_count; i += 1u) { take_step(i, load_float(training.gradient_first + i), rate); }
    }
  }

  for (var i = 0u; i < param_count; i += 1u) {
    state[i * replica_count + item] = load_float(i);
    if (IS_ADAM) {
      state[(param_count + i) * replica_count + item] = load_float(training.moments_first + i);
      state[(2u * param_count + i) * replica_count + item] = load_float(training.moments_first + param_count + i);
    }
  }
}

// A row as integers: m_v = round(2^32 exp(x_v - max) / Z), and the likeliest token takes what is left of 2^32. Stored
// are the prefix sums of all other tokens; the words from the last of them on are the likeliest token's, so a word
// falls on the first v whose prefix sum exceeds it, or else on the likeliest.
fn write_policy(prompt: u32) {
  let vocab = training.vocab;
  let inverse_temperature = bitcast<f32>(training.inverse_temperature_bits);
  let base_first = prompt * training.cell_count;
  let own_first = prompt * training.cell_count;
  for (var row = 0u; row < training.row_count; row += 1u) {
    let cell_first = row * vocab;
    let thresholds = training.threshold_first + cell_first;
    let counts = training.count_first + cell_first;
    var greatest = -3.0e38;
    var likeliest = 0u;
    for (var v = 0u; v < vocab; v += 1u) {
      var x = base_logits[base_first + cell_first + v];
      if (IS_SHARED) {
        x += blended(prompt, cell_first + v);
      } else {
        x += load_float(own_first + cell_first + v);
      }
      x *= inverse_temperature;
      store_float(thresholds + v, x);
      store(counts + v, 0u);
      if (IS_SIMKO) { store(training.fork_first + cell_first + v, 0u); }
      likeliest = select(likeliest, v, x > greatest);
      greatest = max(greatest, x);
    }
    var total = 0.0;
    for (var v = 0u; v < vocab; v += 1u) {
      let share = exp(load_float(thresholds + v) - greatest);
      store_float(thresholds + v, share);
      total += share;
    }
    let scale = TOTAL / total;
    var sum = 0u;
    for (var v = 0u; v < vocab; v += 1u) {
      let mass = u32(round(load_float(thresholds + v) * scale));
      sum += select(mass, 0u, v == likeliest);
      store(thresholds + v, sum);
    }
    store(training.largest_first + row, likeliest);
    if (IS_SIMKO) { store_float(training.entropy_first + row, row_entropy(row)); }
  }
}

// sum_f feature_f theta_f of the blocks that the prompt uses.
fn blended(prompt: u32, cell: u32) -> f32 {
  var x = 0.0;
  let blend_end = prompts[prompt * PROMPT_WORDS + 4u];
  for (var i = prompts[prompt * PROMPT_WORDS + 3u]; i < blend_end; i += 1u) {
    let blend = training.blend_first + 2u * i;
    x += bitcast<f32>(prompts[blend + 1u]) * load_float(prompts[blend] * training.cell_count + cell);
  }
  return x;
}

// The policy of a token: its mass / 2^32.
fn policy_of(row: u32, v: u32) -> f32 {
  let thresholds = training.threshold_first + row * training.vocab;
  let sum = load(thresholds + v);
  let before = select(0u, load(thresholds + max(v, 1u) - 1u), v > 0u);
  let others = load(thresholds + training.vocab - 1u);
  let left = select(f32(0u - others), TOTAL, others == 0u);
  return select(f32(sum - before), left, v == load(training.largest_first + row)) * INVERSE_TOTAL;
}

fn row_entropy(row: u32) -> f32 {
  var entropy = 0.0;
  for (var v = 0u; v < training.vocab; v += 1u) {
    let policy = policy_of(row, v);
    entropy -= policy * log(max(policy, INVERSE_TOTAL));
  }
  return entropy;
}

// Draws a group and counts its tokens: correct trajectories in the low half of a word, wrong ones in the high half.
// Returns c, and in the high half which modes were found.
fn sample_group(prompt: u32, step: u32, replica: u32) -> u32 {
  let vocab = training.vocab;
  let horizon = training.horizon;
  let group_size = training.group_size;
  let next_first = prompts[prompt * PROMPT_WORDS];
  let verdict_first = prompts[prompt * PROMPT_WORDS + 1u];
  let start_state = prompts[prompt * PROMPT_WORDS + 2u];
  // Group index step * 2^20 + replica, 40 bits.
  let group_low = (step << 20u) | replica;
  let group_high = step >> 12u;
  var generator = vec4u(0u);
  var left_in_stream = 0u;
  var stream = 0u;
  var correct_count = 0u;
  var found = 0u;
  for (var i = 0u; i < group_size; i += 1u) {
    if (left_in_stream == 0u) {
      let counter = vec4u(group_low, group_high | (stream << 8u), prompt, training.draw_id);
      generator = seed_generator(philox4x32(counter, vec2u(training.seed_low, training.seed_high)));
      left_in_stream = training.stream_length;
      stream += 1u;
    }
    left_in_stream -= 1u;
    var automaton = start_state;
    var row = 0u;
    for (var t = 0u; t < horizon; t += 1u) {
      let token = token_of_word(next_word(&generator), row, vocab);
      automaton = verifiers[next_first + automaton * vocab + token];
      store(training.trail_first + t, row * vocab + token);
      row = select(row + 1u, 1u + t * vocab + token, HAS_CONTEXT);
    }
    // A bit of the high half for each mode; 0 is wrong.
    let verdict = verifiers[verdict_first + automaton];
    let is_correct = verdict != 0u;
    correct_count += select(0u, 1u, is_correct);
    found |= verdict;
    let one = select(0x10000u, 1u, is_correct);
    var fork_entropy = 0.0;
    if (IS_SIMKO) { fork_entropy = fork_threshold(); }
    for (var t = 0u; t < horizon; t += 1u) {
      let cell = load(training.trail_first + t);
      let at = training.count_first + cell;
      store(at, load(at) + one);
      if (IS_SIMKO) {
        let is_fork = load_float(training.entropy_first + cell / vocab) >= fork_entropy;
        let fork = training.fork_first + cell;
        store(fork, load(fork) + select(0u, one, is_fork));
      }
    }
  }
  return correct_count | found;
}

// The number of prefix sums <= word; all of them means the likeliest token.
fn token_of_word(word: u32, row: u32, vocab: u32) -> u32 {
  let thresholds = training.threshold_first + row * vocab;
  var token = 0u;
  var end = vocab;
  while (token < end) {
    let middle = (token + end) >> 1u;
    let passed = load(thresholds + middle) <= word;
    token = select(token, middle + 1u, passed);
    end = select(middle, end, passed);
  }
  return select(token, load(training.largest_first + row), token == vocab);
}

// The entropy from which on a token of the trajectory in the trail is a forking one: a quantile of their entropies.
fn fork_threshold() -> f32 {
  let horizon = training.horizon;
  let vocab = training.vocab;
  var below = 0.0;
  var above = 0.0;
  for (var t = 0u; t < horizon; t += 1u) {
    let entropy = load_float(training.entropy_first + load(training.trail_first + t) / vocab);
    var rank = 0u;
    for (var other = 0u; other < horizon; other += 1u) {
      let others = load_float(training.entropy_first + load(training.trail_first + other) / vocab);
      rank += select(0u, 1u, others < entropy || (others == entropy && other < t));
    }
    below = select(below, entropy, rank == training.simko_rank);
    above = select(above, entropy, rank == min(training.simko_rank + 1u, horizon - 1u));
  }
  return below + bitcast<f32>(training.simko_between_bits) * (above - below);
}

// The gradient estimate of a group: sum_i w_i (onehot - policy) / temperature over its visited rows, from counts.
fn learn(prompt: u32, correct_count: u32, rate: vec2f) {
  let vocab = training.vocab;
  let weights = tables[correct_count];
  let factor = bitcast<f32>(training.inverse_temperature_bits) * bitcast<f32>(training.inverse_batch_bits);
  for (var row = 0u; row < training.row_count; row += 1u) {
    let cell_first = row * vocab;
    let thresholds = training.threshold_first + cell_first;
    let likeliest = load(training.largest_first + row);
    var row_counts = 0u;
    var fork_counts = 0u;
    for (var v = 0u; v < vocab; v += 1u) {
      row_counts += load(training.count_first + cell_first + v);
      if (IS_SIMKO) { fork_counts += load(training.fork_first + cell_first + v); }
    }
    var row_weight = weights.x * f32(row_counts & 0xffffu) + weights.y * f32(row_counts >> 16u);
    var penalty = 0.0;
    var top_share = 0.0;
    var top_mass = 0u;
    var top_token = 0u;
    if (IS_SIMKO) {
      let penalised = load(training.fork_first + cell_first + likeliest) >> 16u;
      penalty = weights.y * (bitcast<f32>(training.simko_penalty_bits) - 1.0) * f32(penalised);
      row_weight += penalty;
      let spread = bitcast<f32>(training.simko_share_bits);
      top_share = weights.x * spread * f32(fork_counts & 0xffffu) / f32(training.simko_top);
      let least = least_of_top(row);
      top_mass = least.x;
      top_token = least.y;
    }
    var bonus = 0.0;
    var entropy = 0.0;
    if (HAS_ENTROPY_BONUS) {
      let visits = f32((row_counts & 0xffffu) + (row_counts >> 16u)) / f32(training.group_size);
      bonus = bitcast<f32>(training.entropy_bonus_bits) * visits;
      entropy = row_entropy(row);
    }
    let others = load(thresholds + vocab - 1u);
    let left = select(f32(0u - others), TOTAL, others == 0u);
    var before = 0u;
    for (var v = 0u; v < vocab; v += 1u) {
      let sum = load(thresholds + v);
      let policy = select(f32(sum - before), left, v == likeliest) * INVERSE_TOTAL;
      let mass = sum - before;
      before = sum;
      let counts = load(training.count_first + cell_first + v);
      var g = weights.x * f32(counts & 0xffffu) + weights.y * f32(counts >> 16u);
      if (IS_SIMKO) {
        let forks = f32(load(training.fork_first + cell_first + v) & 0xffffu);
        g -= weights.x * bitcast<f32>(training.simko_share_bits) * forks;
        let is_top = v == likeliest || mass > top_mass || (mass == top_mass && v <= top_token);
        g += select(0.0, top_share, is_top);
        g += select(0.0, penalty, v == likeliest);
      }
      g -= policy * row_weight;
      if (HAS_ENTROPY_BONUS) {
        g -= bonus * policy * (log(max(policy, INVERSE_TOTAL)) + entropy);
      }
      g *= factor;
      if (IS_SHARED) {
        share_gradient(prompt, cell_first + v, g);
      } else {
        take_step(prompt * training.cell_count + cell_first + v, g, rate);
      }
    }
  }
}

// Mass and number of the least likely of the row's top tokens, of equal ones the later; the likeliest counts as one.
fn least_of_top(row: u32) -> vec2u {
  let thresholds = training.threshold_first + row * training.vocab;
  let likeliest = load(training.largest_first + row);
  var mass_bound = 0xffffffffu;
  var token_bound = 0u;
  for (var rank = 1u; rank < training.simko_top; rank += 1u) {
    var best_mass = 0u;
    var best_token = 0xffffffffu;
    var before = 0u;
    for (var v = 0u; v < training.vocab; v += 1u) {
      let sum = load(thresholds + v);
      let mass = sum - before;
      before = sum;
      let is_free = v != likeliest
        && (rank == 1u || mass < mass_bound || (mass == mass_bound && v > token_bound));
      let is_better = is_free && (best_token == 0xffffffffu || mass > best_mass);
      best_mass = select(best_mass, mass, is_better);
      best_token = select(best_token, v, is_better);
    }
    mass_bound = best_mass;
    token_bound = best_token;
  }
  return vec2u(mass_bound, token_bound);
}

fn share_gradient(prompt: u32, cell: u32, g: f32) {
  let blend_end = prompts[prompt * PROMPT_WORDS + 4u];
  for (var i = prompts[prompt * PROMPT_WORDS + 3u]; i < blend_end; i += 1u) {
    let blend = training.blend_first + 2u * i;
    let at = training.gradient_first + prompts[blend] * training.cell_count + cell;
    store_float(at, load_float(at) + bitcast<f32>(prompts[blend + 1u]) * g);
  }
}

// One parameter's step. SGD: theta += rate g. Adam (Kingma & Ba 2015): rate has the bias corrections in it.
fn take_step(param: u32, g: f32, rate: vec2f) {
  if (IS_ADAM) {
    let decay_1 = bitcast<f32>(training.adam_decay_1_bits);
    let decay_2 = bitcast<f32>(training.adam_decay_2_bits);
    let first = training.moments_first + param;
    let second = first + training.param_count;
    let mean = decay_1 * load_float(first) + bitcast<f32>(training.adam_gain_1_bits) * g;
    let square = decay_2 * load_float(second) + bitcast<f32>(training.adam_gain_2_bits) * (g * g);
    store_float(first, mean);
    store_float(second, square);
    let size = sqrt(square) * rate.y + bitcast<f32>(training.adam_epsilon_bits);
    store_float(param, load_float(param) + rate.x * mean / size);
  } else {
    store_float(param, load_float(param) + rate.x * g);
  }
}

fn hand_over_masses(prompt: u32, item: u32) {
  for (var row = 0u; row < training.row_count; row += 1u) {
    let cell_first = row * training.vocab;
    let thresholds = training.threshold_first + cell_first;
    let others = load(thresholds + training.vocab - 1u);
    let left = select(0u - others, 0xffffffffu, others == 0u);
    var before = 0u;
    for (var v = 0u; v < training.vocab; v += 1u) {
      let sum = load(thresholds + v);
      let at = (prompt * training.cell_count + cell_first + v) * training.replica_count + item;
      masses[at] = select(sum - before, left, v == load(training.largest_first + row));
      before = sum;
    }
  }
}
