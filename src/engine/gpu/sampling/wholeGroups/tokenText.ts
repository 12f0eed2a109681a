/** Text of a trajectory's words and tokens. */
import { hex, loopText, range, tokenBitsOf, type WholeGroupShape } from './shape.ts';

/** Entries of a packed guide from here on hold a number of thresholds: above every word that they are compared with. */
export const CROWDED = 2 ** 30;

/** The function `token_of_word` of searches that load. */
export function searchFunction({ vocab, guideBits, search }: WholeGroupShape): string[] {
  if (search === 'compare' || vocab === 1) return [];
  const unit = 2 ** tokenBitsOf(vocab);
  if (search === 'bisect') {
    return [
      'fn token_of_word(word: u32, row: u32) -> u32 {',
      '  // A shift by 32 is undefined, hence two.',
      `  let entry = guide[(row << ${guideBits}u) + ((word >> 1u) >> ${31 - guideBits}u)];`,
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

/**
 * Thresholds that a thread reads once, for all groups of its ticket. They go through an array in a loop, because each access to
 * a buffer that is written out takes a software adapter some two milliseconds to compile.
 */
export function thresholdValues(
  { vocab, horizon, search, hasSpareTokens }: WholeGroupShape,
  rowFirst: string,
): string[] {
  if (search !== 'compare') return [];
  const at = (t: number, v: number): string => `read[${t * vocab + v}]`;
  return [
    `var read: array<u32, ${vocab * horizon}>;`,
    ...loopText('place', `${vocab * horizon}u`, [
      `read[place] = thresholds[(${rowFirst}) * ${vocab}u + place];`,
    ]),
    ...range(horizon).flatMap((t) => [
      range(vocab - 1)
        .map((v) => `let bound_${t}_${v} = bitcast<i32>(${at(t, v)});`)
        .join(' '),
      ...(hasSpareTokens ? [`let last_${t} = ${at(t, vocab - 1)};`] : []),
    ]),
  ];
}

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
 * Bisection without a load: each comparison selects the next threshold among those in values. They are ordered as signed
 * numbers, for which software adapters have an instruction. A row with fewer thresholds than V − 1 is filled up with the
 * greatest number, which the greatest word passes all the same: hence the minimum.
 */
function comparedText({ vocab, hasSpareTokens }: WholeGroupShape, t: number): string[] {
  const bits = tokenBitsOf(vocab);
  const bound = (v: number): string => (v < vocab - 1 ? `bound_${t}_${v}` : '0x7fffffffi');
  const text = [`let signed_${t} = bitcast<i32>(word_${t} ^ 0x80000000u);`];
  for (const level of range(bits)) {
    const step = 2 ** (bits - 1 - level);
    let candidates = range(2 ** level).map((j) => bound((2 * j + 1) * step - 1));
    for (let earlier = level - 1; earlier >= 0; earlier -= 1) {
      candidates = range(candidates.length / 2).map((j) =>
        candidates[2 * j] === candidates[2 * j + 1]
          ? candidates[2 * j]
          : `select(${candidates[2 * j + 1]}, ${candidates[2 * j]}, below_${t}_${earlier})`,
      );
    }
    text.push(`let below_${t}_${level} = is_below(signed_${t}, ${candidates[0]});`);
  }
  const passed = range(bits).map((level) => `select(${2 ** (bits - 1 - level)}u, 0u, below_${t}_${level})`);
  const token = passed.join(' + ');
  return [...text, `let token_${t} = ${hasSpareTokens ? `min(${token}, last_${t})` : token};`];
}

/**
 * `word_t`, the next of the stream (xoshiro128**, shaders/lib/random.wgsl). Its state has names of its own at each position,
 * `s0_t` …, and is in variables `s0` … before the first and after the last: on software adapters that is half the price of a
 * function that changes a variable. Left shifts by a constant are multiplications, which cost less there.
 */
export function wordText(t: number, isFirst: boolean, isLast: boolean): string[] {
  const [s0, s1, s2, s3] = range(4).map((i) => (isFirst ? `s${i}` : `s${i}_${t}`));
  const next = (i: number): string => `let s${i}_${t + 1}`;
  return [
    `let scrambled_${t} = ${s1} * 5u; let word_${t} = drawn(((scrambled_${t} * 128u) | (scrambled_${t} >> 25u)) * 9u);`,
    `let z_${t} = ${s2} ^ ${s0}; let w_${t} = ${s3} ^ ${s1};`,
    `${next(0)} = ${s0} ^ w_${t}; ${next(1)} = ${s1} ^ z_${t}; ${next(2)} = z_${t} ^ (${s1} * 512u); ${next(3)} = (w_${t} * 2048u) | (w_${t} >> 21u);`,
    ...(isLast ? [`s0 = s0_${t + 1}; s1 = s1_${t + 1}; s2 = s2_${t + 1}; s3 = s3_${t + 1};`] : []),
  ];
}
