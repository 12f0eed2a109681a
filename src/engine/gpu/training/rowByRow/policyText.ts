/** Text of the policy: row by row logits, then integer masses and their sums, as shaders/update.wgsl makes them. */
import { loopText, range } from '../../text/lines.ts';
import { inParts, partsOf, rowCount, wholeRow, type RowShape } from './shape.ts';

/**
 * `bounds[row, v]`, the sum of the masses of all tokens up to v but the likeliest's, in the order of signed numbers; and
 * `likeliest[row]`.
 */
export function policyText(shape: RowShape): string[] {
  const row = [
    ...wholeRow(shape),
    'var greatest = LEAST_LOGIT; var top = 0u; var total = 0.0; var sum = 0u;',
    ...(partsOf(shape).partCount === 1 ? wholeText(shape) : partsText(shape)),
    'likeliest[row] = top;',
  ];
  return ['{', ...loopText('row', `${rowCount(shape)}u`, row).map((line) => `  ${line}`), '}'];
}

function wholeText(shape: RowShape): string[] {
  const tokens = range(partsOf(shape).together);
  return [
    ...logitsText(shape),
    ...greatestText(shape),
    'greatest = greatest_of_part; top = top_of_part;',
    ...tokens.map((v) => `let share_${v} = exp(x_${v} - greatest);`),
    `let scale = TOTAL / (${tokens.map((v) => `share_${v}`).join(' + ')});`,
    ...boundsText(shape),
  ];
}

/**
 * Shares are relative to the greatest logit of their part, which `greatest_of[part]` keeps, until that of the row is known; they wait
 * where the sums of masses will be.
 */
function partsText(shape: RowShape): string[] {
  const { together } = partsOf(shape);
  const tokens = range(together);
  return [
    ...inParts(shape, [
      ...logitsText(shape),
      ...greatestText(shape),
      ...tokens.map((v) => `let share_${v} = exp(x_${v} - greatest_of_part);`),
      tokens.map((v) => `bounds[cell_first + ${v}u] = bitcast<i32>(share_${v});`).join(' '),
      `greatest_of[part_first / ${together}u] = greatest_of_part;`,
      'let greatest_before = greatest; let exceeds = greatest_of_part > greatest;',
      'greatest = select(greatest, greatest_of_part, exceeds); top = select(top, top_of_part, exceeds);',
      `total = total * exp(greatest_before - greatest) + exp(greatest_of_part - greatest) * (${tokens.map((v) => `share_${v}`).join(' + ')});`,
    ]),
    ...inParts(shape, [
      `let scale = TOTAL / total * exp(greatest_of[part_first / ${together}u] - greatest);`,
      ...tokens.map((v) => `let share_${v} = bitcast<f32>(bounds[cell_first + ${v}u]);`),
      ...boundsText(shape),
    ]),
  ];
}

function boundsText(shape: RowShape): string[] {
  const { together } = partsOf(shape);
  const tokens = range(together);
  return [
    'let top_here = top - part_first;',
    ...tokens.map((v) => {
      const before = v === 0 ? 'sum' : `sum_${v - 1}`;
      return `let sum_${v} = ${before} + select(rounded(share_${v} * scale), 0u, top_here == ${v}u);`;
    }),
    `sum = sum_${together - 1};`,
    tokens.map((v) => `bounds[cell_first + ${v}u] = as_signed(sum_${v});`).join(' '),
  ];
}

function logitsText(shape: RowShape): string[] {
  const { vocab, blocks } = shape;
  const { together, width } = partsOf(shape);
  const slots = rowCount(shape) * width;
  return [
    `let base_first = (first_row + row) * ${vocab}u + part_first;`,
    ...(blocks === 'own' ? [`let slot_first = first_row * ${width}u + cell_first;`] : []),
    ...range(together).map((v) => {
      const offset =
        blocks === 'own'
          ? `theta[slot_first + ${v}u]`
          : range(blocks)
              .map((f) => `feature_${f} * theta[cell_first + ${f * slots + v}u]`)
              .join(' + ');
      const x = `(base_logits[base_first + ${v}u] + (${offset})) * inverse_temperature`;
      return `let x_${v} = ${width === vocab ? x : `select(${x}, LEAST_LOGIT, part_first + ${v}u >= ${vocab}u)`};`;
    }),
  ];
}

/** `greatest_of_part` of the logits, and `top_of_part`, the first that has it. */
function greatestText(shape: RowShape): string[] {
  const { together } = partsOf(shape);
  return [
    'let greatest_0 = x_0; let top_0 = 0u;',
    ...range(together - 1, 1).map(
      (v) =>
        `let exceeds_${v} = x_${v} > greatest_${v - 1}; let greatest_${v} = select(greatest_${v - 1}, x_${v}, exceeds_${v}); ` +
        `let top_${v} = select(top_${v - 1}, ${v}u, exceeds_${v});`,
    ),
    `let greatest_of_part = greatest_${together - 1}; let top_of_part = part_first + top_${together - 1};`,
  ];
}
