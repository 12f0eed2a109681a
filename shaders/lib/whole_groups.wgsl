// What the generated kernel of whole groups is told (the uniform block of a run, the ticket of each workgroup), and the parts of
// it that no shape changes. Structs are written by src/engine/gpu/sampling/wholeGroups/ticket.ts; a test holds them against it, field
// by field. The including file declares `run: Run` and `second: array<atomic<u32>>`.

struct Run {
  seed_low: u32,
  seed_high: u32,
  draw_id: u32,
  given: u32,             // by classes: c of every group by design, or all of them in turn
}

// Groups of one prompt, and where its tables and counters are.
struct Ticket {
  prompt: u32,            // prompt index in the problem file
  group_low: u32,         // index of the first group, 40 bits
  group_high: u32,
  group_count: u32,
  groups_first: u32,      // the prompt's first counter in each output
  second_first: u32,
  counts_first: u32,
  row_first: u32,         // the prompt's first row in the policy tables
  mass_first: u32,        // its first entry in joint_mass
  collision_sum: u32,     // sum of B over the rows that every trajectory visits
  sum_modulus: u32,       // its verifier, where it is a sum
  sum_residue: u32,
  sum_reciprocal: u32,    // 2^16 / modulus, rounded up
  start_state: u32,       // its verifier, where it is a table
  next_first: u32,
  accepting_first: u32,
  node_first: u32,        // by classes: its first node of wrong trajectories
  node_count: u32,        // and how many there are, before those of correct ones
  next_node_first: u32,   // where the tables of all nodes begin
}

const EACH_IN_TURN = 0xffffffffu;
const BATCH_BITS = 7u;    // 128 batches

// A sum of tokens modulo a number: exact while the host has checked every sum that can come about.
fn remainder(total: u32, modulus: u32, reciprocal: u32) -> u32 {
  return total - ((total * reciprocal) >> 16u) * modulus;
}

// By classes, c of a group by design; its index has 40 bits.
fn given_of(group_low: u32, group_high: u32, group_size: u32) -> u32 {
  if (run.given != EACH_IN_TURN) { return run.given; }
  let kinds = group_size + 1u;
  let high = (group_high % kinds) * ((1u << (32u - BATCH_BITS)) % kinds);
  return (high + (group_low >> BATCH_BITS) % kinds) % kinds;
}

// Exact in any order: whoever sees the low word wrap carries.
fn add_to_second(cell: u32, sum: vec2u) {
  if (all(sum == vec2u(0u))) { return; }
  let old = atomicAdd(&second[2u * cell], sum.x);
  let high = sum.y + select(0u, 1u, old > 0xffffffffu - sum.x);
  if (high != 0u) { atomicAdd(&second[2u * cell + 1u], high); }
}
