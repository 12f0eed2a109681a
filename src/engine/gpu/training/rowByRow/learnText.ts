/** Text of what a group teaches, row by row: counts, the gradient estimate, and a parameter's step. */
import { loopText, range } from '../../text/lines.ts';
import { inParts, partsOf, rowCount, wholeRow, type RowShape } from './shape.ts';

/** The gradient estimate of the group, and where it goes; the counts are zeros again. */
export function learnText(shape: RowShape): string[] {
  const { width } = partsOf(shape);
  return [
    'let weights = tables[correct_count]; let lead = weights.x - weights.y;',
    ...loopText('row', `${rowCount(shape)}u`, [
      ...wholeRow(shape),
      ...visitsText(shape),
      'let row_weight = weights.x * correct_visits + weights.y * (visits - correct_visits);',
      `let top = likeliest[row]; let others = bitcast<u32>(bounds[row * ${width}u + ${width - 1}u]) ^ 0x80000000u;`,
      'let left = select(f32(0u - others), TOTAL, others == 0u);',
      ...entropyText(shape),
      'var before = SIGNED_ZERO;',
      ...inParts(shape, partText(shape)),
    ]),
  ];
}

/** `visits` of the row and `correct_visits`, those of correct trajectories, as floats. */
function visitsText(shape: RowShape): string[] {
  if (shape.context === 'none') {
    return ['let visits = as_float(group_size); let correct_visits = as_float(correct_count);'];
  }
  const { together } = partsOf(shape);
  const seen = range(together).map((v) => `seen[cell_first + ${v}u]`);
  return [
    'var seen_in_row = 0u;',
    ...inParts(shape, [`seen_in_row += ${seen.join(' + ')};`]),
    'let visits = as_float(seen_in_row & 0xffffu); let correct_visits = as_float(seen_in_row >> 16u);',
  ];
}

function entropyText(shape: RowShape): string[] {
  if (!shape.hasEntropyBonus) return [];
  const terms = range(partsOf(shape).together).map(
    (v) => `policy_${v} * log(max(policy_${v}, INVERSE_TOTAL))`,
  );
  return [
    'let row_bonus = bonus * (visits / f32(group_size));',
    'var entropy = 0.0; var entropy_before = SIGNED_ZERO;',
    // In a scope of its own: the same names come again.
    '{',
    ...inParts(shape, [...policiesText(shape, 'entropy_before'), `entropy -= ${terms.join(' + ')};`]).map(
      (line) => `  ${line}`,
    ),
    '}',
  ];
}

/** `mass_v` of all but the likeliest, and `policy_v`; moves `before` to the part's last threshold. */
function policiesText(shape: RowShape, before: string): string[] {
  const { together } = partsOf(shape);
  return [
    'let top_here = top - part_first;',
    ...range(together).map((v) => {
      const last = v === 0 ? before : `bound_${v - 1}`;
      return (
        `let bound_${v} = bounds[cell_first + ${v}u]; let mass_${v} = bound_${v} - ${last}; ` +
        `let policy_${v} = select(mass_as_float(bitcast<u32>(mass_${v})), left, top_here == ${v}u) * INVERSE_TOTAL;`
      );
    }),
    `${before} = bound_${together - 1};`,
  ];
}

function partText(shape: RowShape): string[] {
  const { vocab, blocks, hasEntropyBonus, writesMasses } = shape;
  const { together, width } = partsOf(shape);
  const slots = rowCount(shape) * width;
  return [
    ...policiesText(shape, 'before'),
    ...(blocks === 'own' ? [`let slot_first = first_row * ${width}u + cell_first;`] : []),
    ...range(together).flatMap((v) => {
      const place = `part_first + ${v}u`;
      const extra = hasEntropyBonus
        ? ` - row_bonus * policy_${v} * (log(max(policy_${v}, INVERSE_TOTAL)) + entropy)`
        : '';
      return [
        `let seen_${v} = seen[cell_first + ${v}u]; seen[cell_first + ${v}u] = 0u;`,
        `let g_${v} = (weights.y * as_float(seen_${v} & 0xffffu) + lead * as_float(seen_${v} >> 16u) - policy_${v} * row_weight${extra}) * factor;`,
        ...(blocks === 'own'
          ? [`let slot_${v} = slot_first + ${v}u;`, ...stepText(shape, `slot_${v}`, `g_${v}`, String(v))]
          : range(blocks).map((f) => `gradient[cell_first + ${f * slots + v}u] += feature_${f} * g_${v};`)),
        ...(writesMasses
          ? [
              `if (${place} < ${vocab}u) { masses[((first_row + row) * ${vocab}u + ${place}) * replica_count + item] = ` +
                `select(bitcast<u32>(mass_${v}), select(0u - others, 0xffffffffu, others == 0u), top_here == ${v}u); }`,
            ]
          : []),
      ];
    }),
  ];
}

/** One parameter's step in a thread's memory. */
export function stepText({ isAdam }: RowShape, slot: string, gradient: string, name = 'own'): string[] {
  if (!isAdam) return [`theta[${slot}] += rate.x * ${gradient};`];
  return [
    `let mean_${name} = decay_1 * mean[${slot}] + gain_1 * ${gradient}; mean[${slot}] = mean_${name};`,
    `let square_${name} = decay_2 * square[${slot}] + gain_2 * (${gradient} * ${gradient}); square[${slot}] = square_${name};`,
    `theta[${slot}] += rate.x * mean_${name} / (sqrt(square_${name}) * rate.y + epsilon);`,
  ];
}
