// Known answers on the adapter in use: random words and the token rule, through the very functions that `sample` calls.
// words_in: 6 words a case (counter, key) for `random_answers`; 4 words a case (word, row, vocab, guide_bits) for
// `token_answers`. words_out: 12 words a case (Philox output, then 8 generator words), or one token.

override WORKGROUP_SIZE: u32;

struct Cases {
  case_count: u32,
}

@group(0) @binding(0) var<uniform> cases: Cases;

@group(1) @binding(0) var<storage, read> words_in: array<u32>;
@group(1) @binding(1) var<storage, read> thresholds: array<u32>;
@group(1) @binding(2) var<storage, read> guide: array<u32>;

@group(2) @binding(0) var<storage, read_write> words_out: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn random_answers(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= cases.case_count) { return; }
  let at = id.x * 6u;
  let counter = vec4u(words_in[at], words_in[at + 1u], words_in[at + 2u], words_in[at + 3u]);
  let output = philox4x32(counter, vec2u(words_in[at + 4u], words_in[at + 5u]));
  for (var i = 0u; i < 4u; i += 1u) {
    words_out[id.x * 12u + i] = output[i];
  }
  var generator = seed_generator(output);
  for (var i = 4u; i < 12u; i += 1u) {
    words_out[id.x * 12u + i] = next_word(&generator);
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn token_answers(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= cases.case_count) { return; }
  let at = id.x * 4u;
  words_out[id.x] = token_of_word(words_in[at], words_in[at + 1u], words_in[at + 2u], words_in[at + 3u]);
}
