/** Text of what becomes of a group once all its trajectories are judged: second moments, and counts of tokens. */
import { hex, loopText, range } from '../../text/lines.ts';
import { contextCountsText, meetingsText, meetingSums } from './contextText.ts';
import {
  cellCount,
  countedCells,
  guardOf,
  isWrittenOut,
  keepsTokens,
  lanesOf,
  tokenBitsOf,
  type WholeGroupShape,
} from './shape.ts';

/** Functions and workgroup memory that a tally needs. */
export function tallyDeclarations(shape: WholeGroupShape): string[] {
  const text: string[] = [];
  if (keepsTokens(shape)) text.push(...foldFunction(lanesOf(shape).laneBits));
  if (shape.level !== 'groups') text.push(`const CELLS = ${countedCells(shape)}u;`);
  if (countsNearby(shape)) {
    text.push(
      '// Two counters a word. A ticket holds so few groups that none overflows.',
      `var<workgroup> near: array<atomic<u32>, ${nearbyWords(shape)}>;`,
    );
  }
  return text;
}

const countsNearby = ({ level, counters }: WholeGroupShape): boolean =>
  level === 'full' && counters === 'workgroup';
/** Words of workgroup memory for a prompt's counters. */
export const nearbyWords = (shape: Pick<WholeGroupShape, 'vocab' | 'horizon' | 'groupSize'>): number =>
  (shape.groupSize + 1) * cellCount(shape);

function foldFunction(laneBits: number): string[] {
  return laneBits === 8
    ? [
        'fn fold(x: u32) -> u32 { // the sum of four bytes',
        '  let halves = (x & 0x00ff00ffu) + ((x >> 8u) & 0x00ff00ffu);',
        '  return (halves & 0xffffu) + (halves >> 16u);',
        '}',
      ]
    : ['fn fold(x: u32) -> u32 { return (x & 0xffffu) + (x >> 16u); } // the sum of two halves'];
}

/** S11, S10, S00 of the group (src/engine/secondMoments.ts), added to its batch's. */
export function momentsText(shape: WholeGroupShape): string[] {
  const { groupSize: n, moments, rows, isNarrow } = shape;
  const isMeeting = rows === 'previous';
  return [
    ...(isMeeting ? meetingsText(shape) : moments === 'pairs' ? pairsText(shape) : []),
    '// 2^32 is a multiple of 128: the low word of the group index is enough.',
    `let cell = ticket.second_first + ((group_low & 127u) * ${n + 1}u + correct) * 3u;`,
    ...(isMeeting ? meetingSums(shape) : isNarrow ? narrowSums(shape) : wideSums(shape)),
  ];
}

/** Arithmetic that wraps: only the end has to fit. */
function narrowSums(shape: WholeGroupShape): string[] {
  const { groupSize, horizon } = shape;
  const unit = 2 ** 16 / matchUnit(shape);
  const own = horizon * 2 ** 16;
  return [
    `let c = i32(correct); let w = ${groupSize} - c; let collision = i32(ticket.collision_sum);`,
    'let mass_1 = i32(mass_of_correct); let mass_0 = i32(mass_of_wrong);',
    `let s_11 = c * ${own} + i32(met_11) * ${2 * unit} - 2 * c * mass_1 + c * c * collision;`,
    `let s_10 = i32(met_10) * ${unit} - c * mass_0 - w * mass_1 + c * w * collision;`,
    `let s_00 = w * ${own} + i32(met_00) * ${2 * unit} - 2 * w * mass_0 + w * w * collision;`,
    'add_to_second(cell, wide_from_signed(s_11));',
    'add_to_second(cell + 1u, wide_from_signed(s_10));',
    'add_to_second(cell + 2u, wide_from_signed(s_00));',
  ];
}

function wideSums(shape: WholeGroupShape): string[] {
  const { groupSize, horizon } = shape;
  const unit = 2 ** 16 / matchUnit(shape);
  const own = horizon * 2 ** 16;
  const sum = (own: string, met: string, collisions: string, masses: string): string =>
    `wide_subtract(wide_add(${own === '' ? met : `wide_add(${own}, ${met})`}, ${collisions}), ${masses})`;
  return [
    `let c = correct; let w = ${groupSize}u - c; let collision = ticket.collision_sum;`,
    `let s_11 = ${sum(`wide_product(c, ${own}u)`, `wide_product(met_11, ${2 * unit}u)`, 'wide_product(c * c, collision)', 'wide_product(mass_of_correct, 2u * c)')};`,
    `let s_10 = ${sum('', `wide_product(met_10, ${unit}u)`, 'wide_product(c * w, collision)', 'wide_add(wide_product(mass_of_wrong, c), wide_product(mass_of_correct, w))')};`,
    `let s_00 = ${sum(`wide_product(w, ${own}u)`, `wide_product(met_00, ${2 * unit}u)`, 'wide_product(w * w, collision)', 'wide_product(mass_of_wrong, 2u * w)')};`,
    'add_to_second(cell, s_11); add_to_second(cell + 1u, s_10); add_to_second(cell + 2u, s_00);',
  ];
}

/** Matches are moved to the lowest bit where few guard bits would fill a lane. */
const movesMatches = (shape: WholeGroupShape): boolean => guardOf(shape) > 16;
/** What one match adds to met_11, met_10, met_00. */
const matchUnit = (shape: WholeGroupShape): number =>
  shape.moments === 'pairs' && !movesMatches(shape) ? guardOf(shape) : 1;

/**
 * `met_11`, `met_10`, `met_00`: same tokens of all pairs of trajectories, by their outcomes. A guard bit less the difference of two
 * tokens keeps the bit where they are the same; as many pairs are added up as a lane can hold before lanes are folded.
 */
function pairsText(shape: WholeGroupShape): string[] {
  const { groupSize: n } = shape;
  const { wordCount, keptWords } = lanesOf(shape);
  const together = Math.min(2, keptWords);
  const sums =
    keptWords === together
      ? pairsOfWords(shape, 0)
      : isWrittenOut(shape)
        ? range(keptWords / together).flatMap((part) => ['{', ...pairsOfWords(shape, part * together), '}'])
        : loopText('first_word', `${wordCount}u`, pairsOfWords(shape, 'first_word'), { step: '2u' });
  return [
    ...range(n).map((i) => `let mask_${i} = 0u - ((outcome_bits >> ${i}u) & 1u);`),
    'var met_11 = 0u; var met_10 = 0u; var met_00 = 0u;',
    ...sums,
  ];
}

/** Of one or two words of all trajectories. @param first number of the first of them, or the variable that holds it */
function pairsOfWords(shape: WholeGroupShape, first: number | 'first_word'): string[] {
  const { groupSize: n, horizon, vocab } = shape;
  const { laneBits, perWord, wordCount, keptWords } = lanesOf(shape);
  const together = Math.min(2, keptWords);
  const guards = (laneCount: number): string =>
    hex(range(laneCount).reduce((sum, lane) => sum + guardOf(shape) * 2 ** (laneBits * lane), 0));
  const inLast = horizon - (wordCount - 1) * perWord;
  const guardText = (w: number): string => {
    if (first !== 'first_word') {
      const word = first + w;
      return guards(word < wordCount - 1 ? perWord : word === wordCount - 1 ? inLast : 0);
    }
    const last = `select(0u, ${guards(inLast)}, first_word + ${w}u == ${wordCount - 1}u)`;
    return `select(${guards(perWord)}, ${last}, first_word + ${w}u >= ${wordCount - 1}u)`;
  };
  const keptText = (i: number, w: number): string => {
    if (first === 'first_word') return `kept[first_word + ${i * keptWords + w}u]`;
    return isWrittenOut(shape) ? `kept_${i}_${first + w}` : `kept[${i * keptWords + first + w}u]`;
  };
  const body = [
    ...range(together).map((w) => `let guards_${w} = ${guardText(w)};`),
    ...range(n).map((i) =>
      range(together)
        .map((w) => `let tokens_${i}_${w} = ${keptText(i, w)};`)
        .join(' '),
    ),
  ];
  const perFold = Math.floor((2 ** laneBits - 1) / ((movesMatches(shape) ? 1 : guardOf(shape)) * together));
  for (const i of range(n).slice(1)) {
    body.push('{');
    for (const j of range(i)) {
      const same = range(together).map(
        (w) => `((guards_${w} - (tokens_${i}_${w} ^ tokens_${j}_${w})) & guards_${w})`,
      );
      const moved = movesMatches(shape) ? same.map((text) => `(${text} >> ${tokenBitsOf(vocab)}u)`) : same;
      body.push(`  let same_${j} = ${moved.join(' + ')}; let with_${j} = same_${j} & mask_${j};`);
    }
    const folded = (name: string): string =>
      range(Math.ceil(i / perFold))
        .map((part) => range(Math.min(perFold, i - part * perFold), part * perFold))
        .map((js) => `fold(${js.map((j) => `${name}_${j}`).join(' + ')})`)
        .join(' + ');
    body.push(
      `  let all = ${folded('same')}; let with_correct = ${folded('with')};`,
      `  met_11 += with_correct & mask_${i}; met_10 += select(with_correct, all - with_correct, mask_${i} != 0u); met_00 += (all - with_correct) & ~mask_${i};`,
      '}',
    );
  }
  return body;
}

/** Words of a trajectory that are written out. */
const MOST_UNROLLED_WORDS = 4;

/** Counts a group's tokens by c and outcome: those that were kept, one by one. */
export function keptCountsText(shape: WholeGroupShape): string[] {
  if (shape.rows === 'previous') return contextCountsText(shape);
  const { groupSize: n, horizon, vocab } = shape;
  const { laneBits, perWord, wordCount, keptWords } = lanesOf(shape);
  const add = (place: string): string =>
    countsNearby(shape)
      ? `{ let place = ${place}; atomicAdd(&near[place / 2u], select(1u, 0x10000u, (place & 1u) == 1u)); }`
      : `atomicAdd(&counts[${place}], 1u);`;
  const word = (kept: string, w: string, count: number): string[] => [
    `{ let tokens = ${kept}; let cells = counts_first + ${w} * ${perWord * vocab}u;`,
    ...range(count).map(
      (lane) =>
        `  ${add(`cells + ${lane * vocab}u + ((tokens >> ${lane * laneBits}u) & ${hex(2 ** laneBits - 1)})`)}`,
    ),
    '}',
  ];
  const first = `let counts_first = ${countsNearby(shape) ? '' : 'ticket.counts_first + '}(2u * correct + ((outcome_bits >> i) & 1u)) * CELLS;`;
  const inLast = horizon - (wordCount - 1) * perWord;
  const whole = wordCount - 1;
  if (isWrittenOut(shape)) {
    return range(n).flatMap((i) => [
      `{ const i = ${i}u; ${first}`,
      ...range(wordCount).flatMap((w) => word(`kept_${i}_${w}`, `${w}u`, w < whole ? perWord : inLast)),
      '}',
    ]);
  }
  const inMemory = (w: string, count: number): string[] => word(`kept[i * ${keptWords}u + ${w}]`, w, count);
  return loopText('i', `${n}u`, [
    first,
    ...(whole > MOST_UNROLLED_WORDS
      ? loopText('word', `${whole}u`, inMemory('word', perWord))
      : range(whole).flatMap((w) => inMemory(`${w}u`, perWord))),
    ...inMemory(`${whole}u`, inLast),
  ]);
}

/** Counts the group's histogram, and empties it. */
export function histogramText({ level }: WholeGroupShape): string[] {
  return loopText('place', 'CELLS', [
    ...(level === 'full'
      ? [
          'let taken = seen[place];',
          'let to = ticket.counts_first + 2u * correct * CELLS + place;',
          'if ((taken >> 16u) != 0u) { atomicAdd(&counts[to], taken >> 16u); }',
          'if ((taken & 0xffffu) != 0u) { atomicAdd(&counts[to + CELLS], taken & 0xffffu); }',
        ]
      : []),
    'seen[place] = 0u;',
  ]);
}

/** Adds what the workgroup counted to the counters of all. */
export function emptyingText(shape: WholeGroupShape): string[] {
  if (!countsNearby(shape)) return [];
  return [
    'workgroupBarrier();',
    `for (var at = thread; at < ${nearbyWords(shape)}u; at += WORKGROUP_SIZE) {`,
    '  let two = atomicLoad(&near[at]);',
    '  if ((two & 0xffffu) != 0u) { atomicAdd(&counts[ticket.counts_first + 2u * at], two & 0xffffu); }',
    '  if ((two >> 16u) != 0u) { atomicAdd(&counts[ticket.counts_first + 2u * at + 1u], two >> 16u); }',
    '}',
  ];
}
