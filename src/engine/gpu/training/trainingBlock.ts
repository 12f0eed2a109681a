/** Host side of `struct Training` in shaders/lib/training.wgsl: the uniform block of the update kernel. */
import type { StructSchema } from '../../structs.ts';

const fields = [
  'vocab',
  'horizon',
  'row_count',
  'cell_count',
  'param_count',
  'prompt_count',
  'batch_size',
  'group_size',
  'stream_length',
  'seed_low',
  'seed_high',
  'draw_id',
  'replica_first',
  'replica_count',
  'item_first',
  'item_count',
  'step_first',
  'step_count',
  'outcome_step',
  'rates_first',
  'blend_first',
  'gradient_first',
  'moments_first',
  'threshold_first',
  'largest_first',
  'count_first',
  'fork_first',
  'entropy_first',
  'trail_first',
  'inverse_temperature_bits',
  'inverse_batch_bits',
  'entropy_bonus_bits',
  'adam_decay_1_bits',
  'adam_decay_2_bits',
  'adam_gain_1_bits',
  'adam_gain_2_bits',
  'adam_epsilon_bits',
  'simko_share_bits',
  'simko_top',
  'simko_penalty_bits',
  'simko_rank',
  'simko_between_bits',
] as const;

export type TrainingField = (typeof fields)[number];

export const trainingSchema: StructSchema<TrainingField> = { name: 'Training', fields };

const bits = new DataView(new ArrayBuffer(4));

/** An f32 as the u32 that a uniform block carries it in. */
export function floatBits(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}
