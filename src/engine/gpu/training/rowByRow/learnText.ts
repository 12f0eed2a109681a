/** Text of what a group teaches, row by row: counts, the gradient estimate, and a parameter's step. */
import { range } from '../unrolled/shape.ts';
import { hex, inLanes } from './drawText.ts';
import { partsOf, rowCount, type RowShape } from './shape.ts';

/** Words that are counted together, at most: a lane holds their sum. */
export const MOST_TOGETHER = 8;

/** Memory for the words of a group: as many as are counted together, or whole times that. */
export function paddedWords(wordCount: number): number {
  return wordCount <= MOST_TOGETHER ? wordCount : Math.ceil(wordCount / MOST_TOGETHER) * MOST_TOGETHER;
}

/** The gradient estimate of the group, and where it goes. */
export function learnText(shape: RowShape): string[] {
  const { partCount, together, width } = partsOf(shape);
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
  return [
    'let weights = tables[correct_count]; let lead = weights.x - weights.y;',
    'row = 0u;',
    'loop {',
    ...[
      isWhole ? 'const part_first = 0u;' : 'var part_first = 0u;',
      ...visitsText(shape),
      'let row_weight = weights.x * as_float(correct_visits) + weights.y * as_float(visits - correct_visits);',
      `let top = likeliest[row]; let others = bitcast<u32>(bounds[row * ${width}u + ${width - 1}u]) ^ 0x80000000u;`,
      'let left = select(f32(0u - others), TOTAL, others == 0u);',
      ...entropyText(shape, inParts),
      'var before = SIGNED_ZERO;',
      ...inParts(partText(shape)),
      `continuing { row += 1u; break if row >= ${rowCount(shape)}u; }`,
    ].map((line) => `  ${line}`),
    '}',
  ];
}

/** `visits` of the row and those of correct trajectories; `position`, and the token before where rows depend on it. */
function visitsText(shape: RowShape): string[] {
  const { vocab, context } = shape;
  if (context === 'none') {
    return ['let position = row; let visits = group_size; let correct_visits = correct_count;'];
  }
  return [
    `let position = (row + ${vocab - 1}u) / ${vocab}u; let is_later = row > 0u;`,
    `let previous = ((row + ${vocab - 1}u) % ${vocab}u) * ${hex(inLanes(shape, 1))};`,
    'var visits = 0u; var correct_visits = 0u;',
    ...overWords(shape, (count, from) => [
      ...hereText(shape, count, from),
      `visits += ${sumText(shape, count, (w) => `visit_${w}`)};`,
      `correct_visits += ${sumText(shape, count, (w) => `(visit_${w} & correct_${w})`)};`,
    ]),
  ];
}

/** Statements over the words of a group, some at a time. */
function overWords(
  { wordCount }: RowShape,
  text: (count: number, from: string) => readonly string[],
): string[] {
  if (wordCount <= MOST_TOGETHER) return ['{', ...text(wordCount, '').map((line) => `  ${line}`), '}'];
  return [
    '{',
    '  var word_first = 0u;',
    '  loop {',
    ...text(MOST_TOGETHER, 'word_first + ').map((line) => `    ${line}`),
    `    continuing { word_first += ${MOST_TOGETHER}u; break if word_first >= word_at; }`,
    '  }',
    '}',
  ];
}

const sumText = ({ lanes }: RowShape, count: number, part: (w: number) => string): string =>
  `${lanes === 4 ? 'sum_of_bytes' : 'sum_of_halves'}(${range(count).map(part).join(' + ')})`;
const equalText = ({ lanes }: RowShape, a: string, b: string): string =>
  `${lanes === 4 ? 'equal_bytes' : 'equal_halves'}(${a}, ${b})`;

/** Of words w: `packed_w`, `correct_w`; `visit_w` with a 1 in the lanes that visit the row, where rows depend on the token before. */
function hereText(shape: RowShape, count: number, from: string): string[] {
  const { horizon, context } = shape;
  return range(count).flatMap((w) => {
    const at = from === '' ? `${w * horizon}u` : `(${from}${w}u) * ${horizon}u`;
    return [
      `let correct_${w} = correct[${from}${w}u]; let packed_${w} = packed[${at} + position];`,
      ...(context === 'none'
        ? []
        : [
            // Row 0 has no token before it: every trajectory that exists visits it.
            `let before_${w} = packed[${at} + max(position, 1u) - 1u];`,
            `let visit_${w} = select(exists_in(${shape.lanes}u, packed_${w}), ${equalText(shape, `before_${w}`, 'previous')}, is_later);`,
          ]),
    ];
  });
}

function entropyText(shape: RowShape, inParts: (text: readonly string[]) => string[]): string[] {
  if (!shape.hasEntropyBonus) return [];
  const { together } = partsOf(shape);
  return [
    'let row_bonus = bonus * (as_float(visits) / f32(group_size));',
    'var entropy = 0.0; var entropy_before = SIGNED_ZERO;',
    ...inParts([
      ...(partsOf(shape).partCount === 1 ? ['{'] : []),
      ...policiesText(shape, 'entropy_before'),
      `entropy -= ${range(together)
        .map((v) => `policy_${v} * log(max(policy_${v}, INVERSE_TOTAL))`)
        .join(' + ')};`,
      ...(partsOf(shape).partCount === 1 ? ['}'] : []),
    ]),
  ];
}

/** `mass_v` of all but the likeliest, and `policy_v`; moves `before` to the part's last threshold. */
function policiesText(shape: RowShape, before: string): string[] {
  const { together, width } = partsOf(shape);
  return [
    ...range(together).map((v) => {
      const last = v === 0 ? before : `bound_${v - 1}`;
      return (
        `let bound_${v} = bounds[row * ${width}u + part_first + ${v}u]; let mass_${v} = bound_${v} - ${last}; ` +
        `let policy_${v} = select(f32(mass_${v}), left, top == part_first + ${v}u) * INVERSE_TOTAL;`
      );
    }),
    `${before} = bound_${together - 1};`,
  ];
}

function partText(shape: RowShape): string[] {
  const { vocab, blocks, context, hasEntropyBonus, writesMasses } = shape;
  const { together, width } = partsOf(shape);
  const tokens = range(together);
  const rows = rowCount(shape);
  return [
    ...policiesText(shape, 'before'),
    tokens.map((v) => `var all_${v} = 0u; var correct_of_${v} = 0u;`).join(' '),
    `let part_tokens = part_first * ${hex(inLanes(shape, 1))};`,
    ...overWords(shape, (count, from) => [
      ...hereText(shape, count, from),
      ...tokens.flatMap((v) => [
        range(count)
          .map((w) => {
            const isToken = equalText(shape, `packed_${w}`, `part_tokens + ${hex(inLanes(shape, v))}`);
            return `let here_${v}_${w} = ${context === 'none' ? isToken : `visit_${w} & ${isToken}`};`;
          })
          .join(' '),
        `all_${v} += ${sumText(shape, count, (w) => `here_${v}_${w}`)};`,
        `correct_of_${v} += ${sumText(shape, count, (w) => `(here_${v}_${w} & correct_${w})`)};`,
      ]),
    ]),
    ...tokens.flatMap((v) => {
      const place = `part_first + ${v}u`;
      const extra = hasEntropyBonus
        ? ` - row_bonus * policy_${v} * (log(max(policy_${v}, INVERSE_TOTAL)) + entropy)`
        : '';
      return [
        `let g_${v} = (weights.y * as_float(all_${v}) + lead * as_float(correct_of_${v}) - policy_${v} * row_weight${extra}) * factor;`,
        ...(blocks === 'own'
          ? [
              `let slot_${v} = (first_row + row) * ${width}u + ${place};`,
              ...stepText(shape, `slot_${v}`, `g_${v}`, String(v)),
            ]
          : range(blocks).map(
              (f) => `gradient[(${f * rows}u + row) * ${width}u + ${place}] += feature_${f} * g_${v};`,
            )),
        ...(writesMasses
          ? [
              `if (${place} < ${vocab}u) { masses[((first_row + row) * ${vocab}u + ${place}) * replica_count + item] = ` +
                `select(bitcast<u32>(mass_${v}), select(0u - others, 0xffffffffu, others == 0u), top == ${place}); }`,
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
