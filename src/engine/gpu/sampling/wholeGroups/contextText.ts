/**
 * Text of second moments and counts where a row depends on the token before. Two trajectories meet at a position when they have the same
 * token before it; with g = 2A − B of a cell and its row, what they add to the sums there is 2^16 [same token] − (g_i + g_j) / 2. So
 * S11 is 2^16 times all same tokens of correct trajectories that meet, less the g of each of them for every correct one that it meets,
 * itself included; S00 likewise, and S10 half of what either side has for the other (src/engine/secondMoments.ts). Position 0 is
 * everyone's: its A and B are in the sums without context.
 *
 * Tokens lie in lanes with a free bit above each, as in tallyText; those before them are the same words moved by a lane.
 */
import { hex, loopText, range } from '../../text/lines.ts';
import { guardOf, lanesOf, tokenBitsOf, type WholeGroupShape } from './shape.ts';

/** `before`, the word of the tokens before those of word w. */
function beforeText(shape: WholeGroupShape, word: (w: number) => string, w: number): string {
  const { laneBits } = lanesOf(shape);
  const moved = `(${word(w)} << ${laneBits}u)`;
  return w === 0 ? moved : `${moved} | (${word(w - 1)} >> ${32 - laneBits}u)`;
}

/** Position t's lane of a word, as a number. */
function laneText(shape: WholeGroupShape, word: string, t: number): string {
  const { laneBits, perWord } = lanesOf(shape);
  const place = laneBits * (t % perWord);
  const moved = place === 0 ? word : `(${word} >> ${place}u)`;
  return place === 32 - laneBits ? moved : `(${moved} & ${hex(2 ** laneBits - 1)})`;
}

/** Cell of position t's token, of a trajectory whose words are `own_w` and `before_w`. */
function cellText(shape: WholeGroupShape, t: number): string {
  const { vocab } = shape;
  const w = Math.floor(t / lanesOf(shape).perWord);
  const token = laneText(shape, `own_${w}`, t);
  if (t === 0) return token;
  return `${(1 + (t - 1) * vocab) * vocab}u + ${laneText(shape, `before_${w}`, t)} * ${vocab}u + ${token}`;
}

/** `own_w` and `before_w` of trajectory i. */
function ownText(shape: WholeGroupShape): string[] {
  const { wordCount, keptWords } = lanesOf(shape);
  return range(wordCount).map(
    (w) =>
      `let own_${w} = kept[i * ${keptWords}u + ${w}u]; let before_${w} = ${beforeText(shape, (at) => `own_${at}`, w)};`,
  );
}

/**
 * `met_11`, `met_10`, `met_00`: same tokens of trajectories that meet, by their outcomes, in units of a guard bit: both ways and with
 * themselves where they share one. `weight_11`, `weight_10`, `weight_00`: the g of those that meet, likewise.
 */
export function meetingsText(shape: WholeGroupShape): string[] {
  const { groupSize: n, horizon, vocab } = shape;
  const { laneBits, perWord, wordCount, keptWords } = lanesOf(shape);
  const guard = guardOf(shape);
  const words = range(wordCount);
  const inLast = horizon - (wordCount - 1) * perWord;
  const guards = (w: number): string =>
    hex(
      range(w < wordCount - 1 ? perWord : inLast).reduce(
        (sum, lane) => sum + guard * 2 ** (laneBits * lane),
        0,
      ),
    );
  // A lane holds the guard bits of so many trajectories.
  const perPart = Math.floor((2 ** laneBits - 1) / guard);
  const parts = range(Math.ceil(n / perPart)).map((part) =>
    range(Math.min(perPart, n - part * perPart), part * perPart),
  );
  const partText = (js: readonly number[]): string[] => [
    '{',
    ...js.flatMap((j) =>
      words.map(
        (w) =>
          `  let met_${j}_${w} = (${guards(w)} - (before_${w} ^ before_${j}_${w})) & ${guards(w)}; ` +
          `let same_${j}_${w} = (${guards(w)} - (own_${w} ^ kept_${j}_${w})) & met_${j}_${w};`,
      ),
    ),
    ...words.flatMap((w) => {
      const sum = (name: string): string => js.map((j) => `${name}_${j}_${w}`).join(' + ');
      const sumOfCorrect = (name: string): string =>
        js.map((j) => `(${name}_${j}_${w} & mask_${j})`).join(' + ');
      return [
        `  met_by_all_${w} += (${sum('met')}) >> ${tokenBitsOf(vocab)}u; met_by_correct_${w} += (${sumOfCorrect('met')}) >> ${tokenBitsOf(vocab)}u;`,
        `  same_as_all += fold(${sum('same')}); same_as_correct += fold(${sumOfCorrect('same')});`,
      ];
    }),
    '}',
  ];
  return [
    ...range(n).flatMap((j) => [
      `let mask_${j} = 0u - ((outcome_bits >> ${j}u) & 1u);`,
      ...words.map((w) => `let kept_${j}_${w} = kept[${j * keptWords + w}u];`),
      ...words.map((w) => `let before_${j}_${w} = ${beforeText(shape, (at) => `kept_${j}_${at}`, w)};`),
    ]),
    'var met_11 = 0u; var met_10 = 0u; var met_00 = 0u;',
    'var weight_11 = 0u; var weight_10 = 0u; var weight_00 = 0u;',
    '{',
    ...loopText('i', `${n}u`, [
      ...ownText(shape),
      words.map((w) => `var met_by_all_${w} = 0u; var met_by_correct_${w} = 0u;`).join(' '),
      'var same_as_all = 0u; var same_as_correct = 0u;',
      ...parts.flatMap(partText),
      'var weight_by_all = 0u; var weight_by_correct = 0u;',
      ...range(horizon - 1, 1).map((t) => {
        const w = Math.floor(t / perWord);
        return (
          `{ let g = joint_mass[ticket.mass_first + ${cellText(shape, t)}]; ` +
          `weight_by_all += g * ${laneText(shape, `met_by_all_${w}`, t)}; weight_by_correct += g * ${laneText(shape, `met_by_correct_${w}`, t)}; }`
        );
      }),
      'let is_correct = ((outcome_bits >> i) & 1u) == 1u; let outcome = select(0u, 0xffffffffu, is_correct);',
      'let weight_by_wrong = weight_by_all - weight_by_correct; let same_as_wrong = same_as_all - same_as_correct;',
      'met_11 += same_as_correct & outcome; met_10 += same_as_wrong & outcome; met_00 += same_as_wrong & ~outcome;',
      'weight_11 += weight_by_correct & outcome; weight_10 += select(weight_by_correct, weight_by_wrong, is_correct); weight_00 += weight_by_wrong & ~outcome;',
    ]).map((line) => `  ${line}`),
    '}',
  ];
}

/** `s_11`, `s_10`, `s_00`, in arithmetic that wraps: only the end has to fit. */
export function meetingSums(shape: WholeGroupShape): string[] {
  const unit = 2 ** 16 / guardOf(shape);
  return [
    `let c = correct; let w = ${shape.groupSize}u - c; let collision = ticket.collision_sum;`,
    `let s_11 = met_11 * ${unit}u - weight_11 - 2u * c * mass_of_correct + c * c * collision;`,
    '// A sum of even numbers, read as a signed one.',
    'let half_weight_10 = (weight_10 >> 1u) | (weight_10 & 0x80000000u);',
    `let s_10 = met_10 * ${unit}u - half_weight_10 - c * mass_of_wrong - w * mass_of_correct + c * w * collision;`,
    `let s_00 = met_00 * ${unit}u - weight_00 - 2u * w * mass_of_wrong + w * w * collision;`,
    'add_to_second(cell, wide_from_signed(bitcast<i32>(s_11)));',
    'add_to_second(cell + 1u, wide_from_signed(bitcast<i32>(s_10)));',
    'add_to_second(cell + 2u, wide_from_signed(bitcast<i32>(s_00)));',
  ];
}

/** Counts a group's tokens by c, outcome and row. */
export function contextCountsText(shape: WholeGroupShape): string[] {
  return loopText('i', `${shape.groupSize}u`, [
    'let counts_first = ticket.counts_first + (2u * correct + ((outcome_bits >> i) & 1u)) * CELLS;',
    ...ownText(shape),
    ...range(shape.horizon).map((t) => `atomicAdd(&counts[counts_first + ${cellText(shape, t)}], 1u);`),
  ]);
}
