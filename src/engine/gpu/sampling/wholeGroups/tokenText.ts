/** Text of a trajectory's words and tokens. */
import { hex, loopText, range } from '../../text/lines.ts';
import { askedThresholds, numberText, selectedText, selectionText } from '../../text/selection.ts';
import { wordText as streamWordText } from '../../text/word.ts';
import { tokenBitsOf, type WholeGroupShape } from './shape.ts';

/** Entries of a packed guide from here on hold a number of thresholds: above every word that they are compared with. */
export const CROWDED = 2 ** 30;

/** The function `token_of_word` of searches that load. */
export function searchFunction({ vocab, guideBits, search }: WholeGroupShape): string[] {
  if (search === 'compare' || vocab === 1) return [];
  const unit = 2 ** tokenBitsOf(vocab);
  if (search === 'bisect') {
    return [
      'fn token_of_word(word: u32, row: u32) -> u32 {',
      `  let entry = guide[row * ${2 ** guideBits}u + ${guideBits === 0 ? '0u' : `(word >> ${32 - guideBits}u)`}];`,
      `  return bisected(entry & 0xffffu, entry >> 16u, row * ${vocab}u, word);`,
      '}',
    ];
  }
  const lowBits = hex(2 ** (32 - guideBits) - 1);
  return [
    `// An entry holds the low bits of its bucket's threshold (${2 ** (32 - guideBits)} where there is none) above the tokens below;`,
    '// or, above all words, how many thresholds its bucket has.',
    `fn entry_of(word: u32, row: u32) -> u32 { return guide[row * ${2 ** guideBits}u + (word >> ${32 - guideBits}u)]; }`,
    '',
    'fn token_of_entry(word: u32, entry: u32) -> u32 {',
    `  return (entry & ${hex(unit - 1)}) + select(0u, 1u, passes(word & ${lowBits}, entry, ${unit}u));`,
    '}',
    '',
    'fn token_in_crowd(word: u32, entry: u32, row: u32) -> u32 {',
    `  let inside = select(0u, (entry & ${hex(CROWDED - 1)}) / ${unit}u, bitcast<i32>(entry) >= ${CROWDED});`,
    `  return bisected(token_of_entry(word, entry), inside, row * ${vocab}u, word);`,
    '}',
  ];
}

/** What a row that is filled up has in place of the thresholds that it lacks: the greatest number, read as a signed one. */
const NO_THRESHOLD = 0x7fffffff;

/**
 * What a thread reads once, for all groups of its ticket: thresholds, and what selects among them (text/selection.ts). They go through
 * an array in a loop, because each access to a buffer that is written out takes a software adapter some two milliseconds to compile.
 */
export function thresholdValues(shape: WholeGroupShape, rowFirst: string): string[] {
  const { vocab, horizon, search, hasSpareTokens } = shape;
  if (search !== 'compare') return [];
  const at = (t: number, v: number): string => `read[${t * vocab + v}]`;
  return [
    `var read: array<u32, ${vocab * horizon}>;`,
    ...loopText('place', `${vocab * horizon}u`, [
      `read[place] = thresholds[(${rowFirst}) * ${vocab}u + place];`,
    ]),
    ...range(horizon).flatMap((t) => [
      range(vocab - 1)
        .map((v) => `let bound_${t}_${v} = ${at(t, v)};`)
        .join(' '),
      ...(hasSpareTokens ? [`let last_${t} = ${at(t, vocab - 1)};`] : []),
      ...levelsOf(shape, t).flatMap(({ text }) => text),
    ]),
  ];
}

/** What selects the threshold that position t compares with: [levels] */
const levelsOf = ({ vocab }: WholeGroupShape, t: number): ReturnType<typeof selectionText>[] => {
  const levels = tokenBitsOf(vocab);
  return range(levels).map((level) =>
    selectionText(
      `way_${t}_${level}`,
      askedThresholds(vocab, levels, level).map((asked) =>
        asked === null ? null : asked < vocab - 1 ? `bound_${t}_${asked}` : hex(NO_THRESHOLD),
      ),
    ),
  );
};

/** `token_t`, in the row that `row` is the text of. */
export function tokenText(shape: WholeGroupShape, t: number, row: string): string[] {
  const { vocab, search, hasCrowdedBuckets } = shape;
  if (vocab === 1) return [`let token_${t} = 0u;`];
  if (search === 'compare') return comparedText(shape, t);
  if (search === 'bisect') return [`let token_${t} = token_of_word(word_${t}, ${row});`];
  const entry = `let entry_${t} = entry_of(word_${t}, ${row});`;
  if (!hasCrowdedBuckets) return [entry, `let token_${t} = token_of_entry(word_${t}, entry_${t});`];
  return settlesLater(shape)
    ? [entry, `var token_${t} = token_of_entry(word_${t}, entry_${t});`]
    : [entry, `let token_${t} = token_in_crowd(word_${t}, entry_${t}, ${row});`];
}

/** Of a vocabulary larger than this so many buckets are crowded that each word had better look at once. */
const MOST_SETTLED_VOCAB = 128;

/** Whether tokens of crowded buckets may wait until all positions are drawn: where no row depends on a token. */
const settlesLater = ({ vocab, search, rows, hasCrowdedBuckets }: WholeGroupShape): boolean =>
  vocab > 1 && vocab <= MOST_SETTLED_VOCAB && search === 'packed' && hasCrowdedBuckets && rows === 'position';

/** Where the generator stood, for tokens that are drawn again. */
export const startText = (shape: WholeGroupShape): string[] =>
  settlesLater(shape) ? ['let start = vec4u(s0, s1, s2, s3);'] : [];

/**
 * Where a word fell into a crowded bucket, all positions are drawn again by the search that looks into it. Few words do, and a
 * loop that no lane enters costs next to nothing.
 *
 * @param rowOf the row of position t, or of the text that stands for it
 */
export function settledText(
  shape: WholeGroupShape,
  positions: readonly number[],
  rowOf: (t: number | string) => string,
): string[] {
  if (!settlesLater(shape)) return [];
  const most = positions.map((t) => `entry_${t}`).reduce((sofar, entry) => `max(${sofar}, ${entry})`);
  const first = positions[0];
  return [
    `for (var is_open = ${most} >= ${hex(CROWDED)}; is_open; is_open = false) {`,
    '  var again = start;',
    `  var redrawn: array<u32, ${positions.length}>;`,
    ...loopText('t', `${positions.length}u`, [
      'let word = drawn(next_word(&again));',
      `let row = ${rowOf(first === 0 ? 't' : `(${first}u + t)`)};`,
      'redrawn[t] = token_in_crowd(word, entry_of(word, row), row);',
    ]).map((line) => `  ${line}`),
    ...positions.map((t, i) => `  token_${t} = redrawn[${i}];`),
    '}',
  ];
}

/**
 * Bisection without a load: each comparison leaves a mask that helps to select the next threshold. They are ordered as signed
 * numbers, for which software adapters have an instruction. A row with fewer thresholds than V − 1 is filled up with the
 * greatest number, which the greatest word passes all the same: hence the minimum.
 */
function comparedText(shape: WholeGroupShape, t: number): string[] {
  const text = [`let signed_${t} = bitcast<i32>(word_${t} ^ 0x80000000u);`];
  const passed: string[] = [];
  levelsOf(shape, t).forEach(({ selection }, level) => {
    const threshold = `bitcast<i32>(${selectedText(selection, passed) ?? '0u'})`;
    text.push(`let passed_${t}_${level} = select(0xffffffffu, 0u, is_below(signed_${t}, ${threshold}));`);
    passed.push(`passed_${t}_${level}`);
  });
  const token = numberText(passed.toReversed(), (bit) => bit);
  return [...text, `let token_${t} = ${shape.hasSpareTokens ? `min(${token}, last_${t})` : token};`];
}

/** `word_t`, the next of the stream. */
export const wordText = (t: number, isFirst: boolean, isLast: boolean): string[] =>
  streamWordText(
    { name: String(t), next: String(t + 1), isFirst, isLast },
    (rotated) => `let word_${t} = drawn(${rotated} * 9u);`,
  );
