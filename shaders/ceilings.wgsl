// What this adapter can do of one thing at most: small kernels that do little else. The host counts what each thread does from
// `rounds` and the constants in src/engine/gpu/roofline/ceilings.ts, which say what a round is.
// In: a table of words, a power of two. Out: one word a thread, so that nothing can be left out; counters for atomics.

override WORKGROUP_SIZE: u32;

struct Load {
  rounds: u32,
  thread_count: u32,
  table_mask: u32,   // words of the table, less one
}

@group(0) @binding(0) var<uniform> load: Load;

@group(1) @binding(0) var<storage, read> table: array<u32>;
@group(1) @binding(0) var<storage, read> wide_table: array<vec4u>; // the same, for bandwidth

@group(2) @binding(0) var<storage, read_write> results: array<u32>;
@group(2) @binding(1) var<storage, read_write> counters: array<atomic<u32>>;

// Four chains that do not wait for each other: 8 statements of 2 operations for each, a round.
@compute @workgroup_size(WORKGROUP_SIZE)
fn integer_operations(@builtin(global_invocation_id) id: vec3u) {
  var a = id.x; var b = id.x ^ 0x9e3779b9u; var c = id.x + 77u; var d = id.x * 5u;
  let y = load.table_mask;
  for (var round = 0u; round < load.rounds; round += 1u) {
    a = (a ^ y) + b; b = (b + y) ^ c; c = (c & a) + d; d = (d ^ y) + a;
    a = (a + y) ^ b; b = (b ^ y) + c; c = (c | a) ^ d; d = (d + y) ^ a;
    a = (a ^ y) + b; b = (b + y) ^ c; c = (c & a) + d; d = (d ^ y) + a;
    a = (a + y) ^ b; b = (b ^ y) + c; c = (c | a) ^ d; d = (d + y) ^ a;
    a = (a ^ y) + b; b = (b + y) ^ c; c = (c & a) + d; d = (d ^ y) + a;
    a = (a + y) ^ b; b = (b ^ y) + c; c = (c | a) ^ d; d = (d + y) ^ a;
    a = (a ^ y) + b; b = (b + y) ^ c; c = (c & a) + d; d = (d ^ y) + a;
    a = (a + y) ^ b; b = (b ^ y) + c; c = (c | a) ^ d; d = (d + y) ^ a;
  }
  results[id.x] = a ^ b ^ c ^ d;
}

// 8 loads a round, each at a place that the one before decides and no neighbour shares.
@compute @workgroup_size(WORKGROUP_SIZE)
fn differing_loads(@builtin(global_invocation_id) id: vec3u) {
  var a = id.x * 2654435761u; var b = a ^ 0x55555555u;
  let mask = load.table_mask;
  for (var round = 0u; round < load.rounds; round += 1u) {
    a += table[(a >> 7u) & mask]; b += table[(b >> 7u) & mask];
    a += table[(a >> 7u) & mask]; b += table[(b >> 7u) & mask];
    a += table[(a >> 7u) & mask]; b += table[(b >> 7u) & mask];
    a += table[(a >> 7u) & mask]; b += table[(b >> 7u) & mask];
  }
  results[id.x] = a ^ b;
}

// 8 reads and 8 writes a round of an array that a thread has to itself, at places known at run time alone.
@compute @workgroup_size(WORKGROUP_SIZE)
fn private_accesses(@builtin(global_invocation_id) id: vec3u) {
  var own: array<u32, 64>;
  var a = id.x * 2654435761u;
  for (var round = 0u; round < load.rounds; round += 1u) {
    own[(a >> 3u) & 63u] += 1u; a += round; own[(a >> 4u) & 63u] += a; a += 3u;
    own[(a >> 5u) & 63u] += 1u; a += round; own[(a >> 6u) & 63u] += a; a += 5u;
    own[(a >> 7u) & 63u] += 1u; a += round; own[(a >> 8u) & 63u] += a; a += 7u;
    own[(a >> 9u) & 63u] += 1u; a += round; own[(a >> 10u) & 63u] += a; a += 9u;
  }
  results[id.x] = own[a & 63u];
}

// 8 atomic additions a round, to places that seldom meet.
@compute @workgroup_size(WORKGROUP_SIZE)
fn atomics(@builtin(global_invocation_id) id: vec3u) {
  var a = id.x * 2654435761u;
  let mask = load.table_mask;
  for (var round = 0u; round < load.rounds; round += 1u) {
    atomicAdd(&counters[(a >> 3u) & mask], 1u); atomicAdd(&counters[(a >> 5u) & mask], 1u);
    atomicAdd(&counters[(a >> 7u) & mask], 1u); atomicAdd(&counters[(a >> 9u) & mask], 1u);
    a = a * 5u + 1u;
    atomicAdd(&counters[(a >> 4u) & mask], 1u); atomicAdd(&counters[(a >> 6u) & mask], 1u);
    atomicAdd(&counters[(a >> 8u) & mask], 1u); atomicAdd(&counters[(a >> 10u) & mask], 1u);
    a = a * 5u + 1u;
  }
  results[id.x] = a;
}

// Four words a round, neighbours beside each other: the table from one end to the other.
@compute @workgroup_size(WORKGROUP_SIZE)
fn bandwidth(@builtin(global_invocation_id) id: vec3u) {
  var sum = vec4u(0u);
  var place = id.x;
  for (var round = 0u; round < load.rounds; round += 1u) {
    sum ^= wide_table[place & (load.table_mask >> 2u)];
    place += load.thread_count;
  }
  results[id.x] = sum.x ^ sum.y ^ sum.z ^ sum.w;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn nothing(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= load.thread_count) { results[0] = load.rounds; }
}
