/** Host side of the structs in shaders/lib/whole_groups.wgsl. */
import type { StructSchema } from '../../../structs.ts';

export const runSchema = {
  name: 'Run',
  fields: ['seed_low', 'seed_high', 'draw_id', 'given'],
} as const satisfies StructSchema<string>;

export const ticketSchema = {
  name: 'Ticket',
  fields: [
    ...(['prompt', 'group_low', 'group_high', 'group_count'] as const),
    ...(['groups_first', 'second_first', 'counts_first'] as const),
    ...(['row_first', 'mass_first', 'collision_sum'] as const),
    ...(['sum_modulus', 'sum_residue', 'sum_reciprocal'] as const),
    ...(['start_state', 'next_first', 'accepting_first'] as const),
    ...(['node_first', 'node_count', 'next_node_first'] as const),
  ],
} as const satisfies StructSchema<string>;

export type TicketField = (typeof ticketSchema.fields)[number];
