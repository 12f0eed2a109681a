/** Text of what a group teaches: the gradient estimate cell by cell, and a parameter's step. */
import { countText } from './countText.ts';
import { massText } from './policyText.ts';
import { cellCount, range, rowCount, type UnrolledShape } from './shape.ts';

/** The gradient estimate of the group, and where it goes. */
export function learnText(shape: UnrolledShape): string[] {
  const { vocab, blocks, writesMasses, verifier } = shape;
  const cells = cellCount(shape);
  const text = [
    'let weights = tables[correct_count];',
    ...(verifier.kind === 'tokens' ? [] : ['let lead = weights.x - weights.y;']),
  ];
  for (const r of range(rowCount(shape))) {
    if (verifier.kind !== 'tokens') text.push(...countText(shape, r));
    text.push(...rowText(shape, r));
    for (const v of range(vocab)) {
      const cell = r * vocab + v;
      text.push(gradientText(shape, r, v));
      if (blocks === 'own') text.push(...stepText(shape, cell, `g_${r}_${v}`));
      else {
        for (const f of range(blocks))
          text.push(`gradient_${f * cells + cell} += feature_${f} * g_${r}_${v};`);
      }
      if (writesMasses) {
        const last = `bound_${r}_${vocab - 1}`;
        text.push(
          `masses[(prompt * ${cells}u + ${cell}u) * replica_count + item] = ` +
            `select(${massText(String(r), v)}, select(0u - ${last}, 0xffffffffu, ${last} == 0u), likeliest_${r} == ${v}u);`,
        );
      }
    }
  }
  return text;
}

/** `policy_r_v`, `row_weight_r`, and the entropy bonus of row r. */
function rowText({ vocab, context, hasEntropyBonus, verifier }: UnrolledShape, r: number): string[] {
  const tokens = range(vocab);
  const isEvery = verifier.kind === 'tokens' || context === 'none';
  const [correct, wrong] = isEvery
    ? ['correct_count', '(group_size - correct_count)']
    : [`visits_${r}`, `(all_visits_${r} - visits_${r})`];
  const text = [
    ...(isEvery
      ? []
      : [
          `let all_visits_${r} = ${tokens.map((v) => `all_${r}_${v}`).join(' + ')};`,
          `let visits_${r} = ${tokens.map((v) => `correct_${r}_${v}`).join(' + ')};`,
        ]),
    `let row_weight_${r} = weights.x * as_float(${correct}) + weights.y * as_float(${wrong});`,
    ...tokens.map(
      (v) =>
        `let policy_${r}_${v} = select(as_float(${massText(String(r), v)}), left_${r}, likeliest_${r} == ${v}u) * INVERSE_TOTAL;`,
    ),
  ];
  if (!hasEntropyBonus) return text;
  return [
    ...text,
    ...tokens.map((v) => `let log_${r}_${v} = log(max(policy_${r}_${v}, INVERSE_TOTAL));`),
    `let bonus_${r} = bonus * (as_float(${correct} + ${wrong}) / f32(group_size));`,
    `let entropy_${r} = ${tokens.reduce((sum, v) => `${sum} - policy_${r}_${v} * log_${r}_${v}`, '0.0')};`,
  ];
}

/** `g_r_v` */
function gradientText({ verifier, hasEntropyBonus }: UnrolledShape, r: number, v: number): string {
  const weighted =
    verifier.kind === 'tokens'
      ? `select(weights.y, weights.x, bits_${v} != 0u) * as_float(count_${r}_${v})`
      : `(weights.y * as_float(all_${r}_${v}) + lead * as_float(correct_${r}_${v}))`;
  const extra = hasEntropyBonus ? ` - bonus_${r} * policy_${r}_${v} * (log_${r}_${v} + entropy_${r})` : '';
  return `let g_${r}_${v} = (${weighted} - policy_${r}_${v} * row_weight_${r}${extra}) * factor;`;
}

/** One parameter's step, in variables or in the state buffer, where `own_i` is what it was. */
export function stepText({ theta, isAdam }: UnrolledShape, param: number, gradient: string): string[] {
  const inState = (part: string): string => `state[(${part}base_first + ${param}u) * replica_count + item]`;
  const place =
    theta === 'variables'
      ? {
          before: `theta_${param}`,
          theta: `theta_${param}`,
          mean: `mean_${param}`,
          square: `square_${param}`,
        }
      : {
          before: `own_${param}`,
          theta: inState(''),
          mean: inState('param_count + '),
          square: inState('2u * param_count + '),
        };
  if (!isAdam) return [`${place.theta} = ${place.before} + rate.x * ${gradient};`];
  const [mean, square] = [`new_mean_${param}`, `new_square_${param}`];
  return [
    `let ${mean} = decay_1 * ${place.mean} + gain_1 * ${gradient}; ${place.mean} = ${mean};`,
    `let ${square} = decay_2 * ${place.square} + gain_2 * (${gradient} * ${gradient}); ${place.square} = ${square};`,
    `${place.theta} = ${place.before} + rate.x * ${mean} / (sqrt(${square}) * rate.y + epsilon);`,
  ];
}
