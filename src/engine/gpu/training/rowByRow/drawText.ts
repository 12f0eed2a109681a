/**
 * Text of a group's draws, trajectory by trajectory: a token is found by bisection among the row's thresholds in memory, so rows
 * may depend on the token before. Tokens are counted in `seen[row, v]`, all of them in the low half and those of correct
 * trajectories in the high half as well.
 */
import { loopText, range } from '../../text/lines.ts';
import { wordsText } from '../../text/word.ts';
import { partsOf, type RowShape } from './shape.ts';
import { verdictText } from './verifierText.ts';

/** Longer horizons go through their positions in a loop, so many at a time. */
const LOOP_POSITIONS = 8;
export const MOST_UNROLLED = 16;

/** Whether a trajectory's cells wait in memory for its verdict. */
export const keepsTrail = ({ horizon }: Pick<RowShape, 'horizon'>): boolean => horizon > MOST_UNROLLED;

/** `correct_count`, `found`, and the counts in `seen`. */
export function drawText(shape: RowShape): string[] {
  const { horizon, verifier } = shape;
  return [
    'var correct_count = 0u; var found = 0u;',
    'let group_low = (step << 20u) | replica; let group_high = step >> 12u;',
    ...loopText('stream', 'stream_count', [
      'let seed = seed_generator(philox4x32(vec4u(group_low, group_high | (stream << 8u), prompt, draw_id), key));',
      'var s0 = seed.x; var s1 = seed.y; var s2 = seed.z; var s3 = seed.w;',
      'let length = min(stream_length, group_size - stream * stream_length);',
      ...loopText('i', 'length', [
        verifier.kind === 'table' ? 'var automaton = start_state;' : 'var total = 0u;',
        'var token = 0u;',
        ...positionsText(shape),
        ...verdictText(shape),
        'let is_correct = verdict != 0u; found |= verdict; correct_count += select(0u, 1u, is_correct);',
        'let one = select(1u, 0x10001u, is_correct);',
        ...(keepsTrail(shape)
          ? loopText('t', `${horizon}u`, ['seen[trail[t]] += one;'])
          : range(horizon).map((t) => `seen[cell_${t}] += one;`)),
      ]),
    ]),
  ];
}

function positionsText(shape: RowShape): string[] {
  const { horizon } = shape;
  if (!keepsTrail(shape)) return positionsFrom(shape, horizon, '');
  const whole = Math.floor(horizon / LOOP_POSITIONS) * LOOP_POSITIONS;
  return [
    ...loopText('position_first', `${whole}u`, positionsFrom(shape, LOOP_POSITIONS, 'position_first + '), {
      step: `${LOOP_POSITIONS}u`,
    }),
    ...(whole < horizon
      ? ['{', ...positionsFrom(shape, horizon - whole, `${whole}u + `).map((line) => `  ${line}`), '}']
      : []),
  ];
}

function positionsFrom(shape: RowShape, count: number, from: string): string[] {
  const { vocab, context, verifier } = shape;
  return [
    ...wordsText(count, (rotated, j) => `let word_${j} = as_signed(${rotated} * 9u);`),
    ...range(count).flatMap((j) => {
      const position = `${from}${j}u`;
      const row =
        context === 'none'
          ? position
          : `select(1u + (${position} - 1u) * ${vocab}u + token, 0u, ${position} == 0u)`;
      return [
        ...tokenText(shape, j, row),
        `token = token_${j};`,
        ...(verifier.kind === 'sum' ? [`total += token_${j};`] : []),
        ...(verifier.kind === 'table'
          ? [`automaton = verifiers[verifier_first + automaton * ${vocab}u + token_${j}];`]
          : []),
        keepsTrail(shape)
          ? `trail[${position}] = first_${j} + token_${j};`
          : `let cell_${j} = first_${j} + token_${j};`,
      ];
    }),
  ];
}

/** `token_j` from `word_j`: the thresholds that the word passes, of all but the last; beyond the last is the likeliest token. */
function tokenText(shape: RowShape, j: number, row: string): string[] {
  const { vocab } = shape;
  const { width } = partsOf(shape);
  const levels = Math.ceil(Math.log2(vocab));
  const text = [`let row_${j} = ${row}; let first_${j} = row_${j} * ${width}u;`];
  let passed = '0u';
  for (const level of range(levels)) {
    const step = 2 ** (levels - 1 - level);
    const middle = `${passed} + ${step - 1}u`;
    // With places left over, a token of none has the last threshold, which decides nothing.
    const place = 2 ** levels - 1 < vocab ? middle : `min(${middle}, ${vocab - 1}u)`;
    const name = `passed_${j}_${level}`;
    text.push(`let ${name} = ${passed} + select(${step}u, 0u, bounds[first_${j} + ${place}] > word_${j});`);
    passed = name;
  }
  return [
    ...text,
    `let token_${j} = select(likeliest[row_${j}], ${passed}, bounds[first_${j} + ${vocab - 1}u] > word_${j});`,
  ];
}
