/** Text of the policy: row by row logits, then integer masses and their sums, as shaders/update.wgsl makes them. */
import { range } from '../unrolled/shape.ts';
import { partsOf, rowCount, type RowShape } from './shape.ts';

/**
 * `bounds[row, v]`, the sum of the masses of all tokens up to v but the likeliest's, in the order of signed numbers; and
 * `likeliest[row]`. A row that is not in values as a whole goes through its parts three times.
 */
export function policyText(shape: RowShape): string[] {
  const { together, partCount, width } = partsOf(shape);
  const tokens = range(together);
  const isWhole = partCount === 1;
  const inParts = (text: readonly string[]): string[] =>
    isWhole
      ? [...text]
      : [
          'part_first = 0u;',
          'loop {',
          ...text.map((line) => `  ${line}`),
          `  continuing { part_first += ${together}u; break if part_first >= ${width}u; }`,
          '}',
        ];
  const keep = (name: string): string[] =>
    isWhole ? [] : [tokens.map((v) => `shares[part_first + ${v}u] = ${name}_${v};`).join(' ')];
  const kept = (name: string): string[] =>
    isWhole ? [] : [tokens.map((v) => `let ${name}_${v} = shares[part_first + ${v}u];`).join(' ')];
  return [
    'var row = 0u;',
    'loop {',
    ...[
      isWhole ? 'const part_first = 0u;' : 'var part_first = 0u;',
      'var greatest = LEAST_LOGIT; var top = 0u; var total = 0.0; var sum = 0u;',
      ...inParts([...logitsText(shape), ...keep('x'), ...greatestText(together)]),
      ...inParts([
        ...kept('x'),
        ...tokens.map((v) => `let share_${v} = exp(x_${v} - greatest);`),
        ...keep('share'),
        `total += ${tokens.map((v) => `share_${v}`).join(' + ')};`,
      ]),
      'let scale = TOTAL / total;',
      ...inParts([
        ...kept('share'),
        ...tokens.map((v) => {
          const before = v === 0 ? 'sum' : `sum_${v - 1}`;
          return `let sum_${v} = ${before} + select(rounded(share_${v} * scale), 0u, top == part_first + ${v}u);`;
        }),
        `sum = sum_${together - 1};`,
        tokens.map((v) => `bounds[row * ${width}u + part_first + ${v}u] = as_signed(sum_${v});`).join(' '),
      ]),
      'likeliest[row] = top;',
      `continuing { row += 1u; break if row >= ${rowCount(shape)}u; }`,
    ].map((line) => `  ${line}`),
    '}',
  ];
}

function logitsText(shape: RowShape): string[] {
  const { vocab, blocks } = shape;
  const { together, width } = partsOf(shape);
  const rows = rowCount(shape);
  return range(together).map((v) => {
    const place = `part_first + ${v}u`;
    const offset =
      blocks === 'own'
        ? `theta[(first_row + row) * ${width}u + ${place}]`
        : range(blocks)
            .map((f) => `feature_${f} * theta[(${f * rows}u + row) * ${width}u + ${place}]`)
            .join(' + ');
    const x = `(base_logits[(first_row + row) * ${vocab}u + ${place}] + (${offset})) * inverse_temperature`;
    return `let x_${v} = ${width === vocab ? x : `select(${x}, LEAST_LOGIT, ${place} >= ${vocab}u)`};`;
  });
}

/** The first of the greatest logits so far. */
function greatestText(together: number): string[] {
  const last = together - 1;
  return [
    'let greatest_before = greatest; let top_before = top;',
    ...range(together).map((v) => {
      const [greatest, top] =
        v === 0 ? ['greatest_before', 'top_before'] : [`greatest_${v - 1}`, `top_${v - 1}`];
      return (
        `let exceeds_${v} = x_${v} > ${greatest}; let greatest_${v} = select(${greatest}, x_${v}, exceeds_${v}); ` +
        `let top_${v} = select(${top}, part_first + ${v}u, exceeds_${v});`
      );
    }),
    `greatest = greatest_${last}; top = top_${last};`,
  ];
}
