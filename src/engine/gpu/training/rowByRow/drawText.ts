/**
 * Text of a group's draws, trajectory by trajectory: a token is found by bisection among the row's thresholds in memory, so rows
 * may depend on the token before. Several trajectories share the words of `packed[word, t]`, each with a lane of its own, so that
 * one comparison serves them all when tokens are counted; `correct[word]` has a 1 in the lanes of correct ones.
 */
import { range } from '../unrolled/shape.ts';
import { wordsText } from '../unrolled/wordText.ts';
import { partsOf, type RowShape } from './shape.ts';
import { verdictText } from './verifierText.ts';

/** Longer horizons go through their positions in a loop, so many at a time. */
const LOOP_POSITIONS = 8;
export const MOST_UNROLLED = 16;

const laneBits = ({ lanes }: RowShape): number => 32 / lanes;
/** The greatest number that leaves a lane's highest bit free: above every token, where no trajectory is. */
export const noToken = (shape: RowShape): number => 2 ** (laneBits(shape) - 1) - 1;
export const hex = (word: number): string => `0x${(word >>> 0).toString(16)}u`;
/** A word with a number in all lanes. */
export const inLanes = (shape: RowShape, value: number): number =>
  range(shape.lanes).reduce((word, lane) => word + value * 2 ** (laneBits(shape) * lane), 0);

/** `correct_count`, `found`, and the words of `packed` and `correct`. */
export function drawText(shape: RowShape): string[] {
  const { lanes, verifier } = shape;
  return [
    'var correct_count = 0u; var found = 0u; var word_at = 0u;',
    'let group_low = (step << 20u) | replica; let group_high = step >> 12u;',
    'var stream = 0u;',
    'loop {',
    ...[
      'let seed = seed_generator(philox4x32(vec4u(group_low, group_high | (stream << 8u), prompt, draw_id), key));',
      'var s0 = seed.x; var s1 = seed.y; var s2 = seed.z; var s3 = seed.w;',
      'let length = min(stream_length, group_size - stream * stream_length);',
      'var i = 0u; var unit = 1u;',
      'loop {',
      ...[
        'let is_first = unit == 1u;',
        verifier.kind === 'table' ? 'var automaton = start_state;' : 'var total = 0u;',
        'var token = 0u;',
        ...positionsText(shape),
        ...verdictText(shape),
        'let is_correct = verdict != 0u; found |= verdict; correct_count += select(0u, 1u, is_correct);',
        'correct[word_at] = select(correct[word_at], 0u, is_first) + select(0u, unit, is_correct);',
        `let is_last = (unit == ${hex(2 ** (laneBits(shape) * (lanes - 1)))}) | (i + 1u == length);`,
        `unit = select(unit * ${2 ** laneBits(shape)}u, 1u, is_last); word_at += select(0u, 1u, is_last);`,
        'continuing { i += 1u; break if i >= length; }',
      ].map((line) => `  ${line}`),
      '}',
      'continuing { stream += 1u; break if stream >= stream_count; }',
    ].map((line) => `  ${line}`),
    '}',
  ];
}

function positionsText(shape: RowShape): string[] {
  const { horizon } = shape;
  if (horizon <= MOST_UNROLLED) return positionsFrom(shape, horizon, '');
  const whole = Math.floor(horizon / LOOP_POSITIONS) * LOOP_POSITIONS;
  return [
    'var position_first = 0u;',
    'loop {',
    ...positionsFrom(shape, LOOP_POSITIONS, 'position_first + ').map((line) => `  ${line}`),
    `  continuing { position_first += ${LOOP_POSITIONS}u; break if position_first >= ${whole}u; }`,
    '}',
    ...(whole < horizon
      ? ['{', ...positionsFrom(shape, horizon - whole, `${whole}u + `).map((line) => `  ${line}`), '}']
      : []),
  ];
}

function positionsFrom(shape: RowShape, count: number, from: string): string[] {
  const { vocab, horizon, context, verifier } = shape;
  return [
    ...wordsText(count, (j) => `word_${j}`),
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
        `let at_${j} = word_at * ${horizon}u + ${position};`,
        `packed[at_${j}] = select(packed[at_${j}], ${hex(inLanes(shape, noToken(shape)))}, is_first) + (token_${j} - ${noToken(shape)}u) * unit;`,
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
