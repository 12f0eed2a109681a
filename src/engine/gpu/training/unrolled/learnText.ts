/** Text of what a group teaches: the gradient estimate cell by cell, and a parameter's step. */
import { range } from '../../text/lines.ts';
import { rowCountsText } from './countText.ts';
import { massText } from './policyText.ts';
import { cellCount, isConditional, rowsOf, type UnrolledShape } from './shape.ts';

/** The gradient estimate of the group, and where it goes. */
export function learnText(shape: UnrolledShape): string[] {
  const { vocab, horizon, blocks, writesMasses, verifier } = shape;
  const cells = cellCount(shape);
  const text = [
    'let weights = tables[correct_count];',
    ...(verifier.kind === 'tokens' ? [] : ['let lead = weights.x - weights.y;']),
  ];
  const rows = range(horizon).flatMap((t) => rowsOf(shape, t).map((r, before) => ({ t, r, before })));
  for (const { t, r, before } of rows) {
    text.push(...rowCountsText(shape, t, before), ...rowText(shape, t, r));
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
function rowText(shape: UnrolledShape, t: number, r: number): string[] {
  const { vocab, hasEntropyBonus } = shape;
  const tokens = range(vocab);
  const sumOf = (kind: string): string => tokens.map((v) => `${kind}_${r}_${v}`).join(' + ');
  // Every trajectory visits a row that depends on none of its tokens.
  const visits = isConditional(shape, t)
    ? [`let visits_${r} = ${sumOf('all')}; let correct_visits_${r} = ${sumOf('correct')};`]
    : [`let visits_${r} = as_float(group_size); let correct_visits_${r} = as_float(correct_count);`];
  const text = [
    ...visits,
    `let row_weight_${r} = weights.x * correct_visits_${r} + weights.y * (visits_${r} - correct_visits_${r});`,
    ...tokens.map(
      (v) =>
        `let policy_${r}_${v} = select(mass_as_float(${massText(String(r), v)}), left_${r}, likeliest_${r} == ${v}u) * INVERSE_TOTAL;`,
    ),
  ];
  if (!hasEntropyBonus) return text;
  return [
    ...text,
    ...tokens.map((v) => `let log_${r}_${v} = log(max(policy_${r}_${v}, INVERSE_TOTAL));`),
    `let bonus_${r} = bonus * (visits_${r} / f32(group_size));`,
    `let entropy_${r} = ${tokens.reduce((sum, v) => `${sum} - policy_${r}_${v} * log_${r}_${v}`, '0.0')};`,
  ];
}

/** `g_r_v` */
function gradientText({ verifier, hasEntropyBonus }: UnrolledShape, r: number, v: number): string {
  const weighted =
    verifier.kind === 'tokens'
      ? `select(weights.y, weights.x, bits_${v} != 0u) * all_${r}_${v}`
      : `(weights.y * all_${r}_${v} + lead * correct_${r}_${v})`;
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
