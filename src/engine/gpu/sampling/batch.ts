/** Host side of `struct Batch` in shaders/lib/batch.wgsl: the uniform block of the sampling and tally kernels. */
import type { StructSchema } from '../../structs.ts';

const fields = [
  'vocab',
  'horizon',
  'row_count',
  'guide_bits',
  'group_size',
  'stream_length',
  'stream_count',
  'token_bits',
  'tokens_per_word',
  'word_count',
  'seed_low',
  'seed_high',
  'draw_id',
  'prompt',
  'first_group_low',
  'first_group_high',
  'group_count',
  'item_first',
  'item_count',
  'row_first',
  'node_first',
  'node_count',
  'given',
  'next_first',
  'state_first',
  'start_state',
  'collision_sum',
  'slice_length',
  'groups_first',
  'second_first',
  'counts_first',
] as const;

export type BatchField = (typeof fields)[number];

export const batchSchema: StructSchema<BatchField> = { name: 'Batch', fields };
