/**
 * Text of how often each token of a row was taken. A token is a one in the lane of a word that its lowest bits name; the words of all
 * trajectories are added up once for every set of its other bits, those of the token before among them, in which it has ones. How many
 * had just these bits is a sum of such sums with alternating signs, taken once for a group.
 */
import { hex, range } from '../../text/lines.ts';
import { selectedText } from '../../text/selection.ts';
import { bitsOf } from './drawText.ts';
import { isConditional, rowsOf, tokenBits, type UnrolledShape } from './shape.ts';

const laneBits = ({ lanes }: UnrolledShape): number => 32 / lanes;
/** Bits of a token that name its lane. */
const lowBits = (shape: UnrolledShape): number => Math.min(tokenBits(shape), Math.log2(shape.lanes));
const highBits = (shape: UnrolledShape): number => tokenBits(shape) - lowBits(shape);

/** Sets of high bits, then of bits of the token before: those that some token has, numbered as the bits themselves. */
function setsOf(shape: UnrolledShape, t: number): number[] {
  const { vocab } = shape;
  const high = 2 ** highBits(shape);
  const highLimit = Math.ceil(vocab / 2 ** lowBits(shape));
  const beforeLimit = isConditional(shape, t) ? vocab : 1;
  return range(high * beforeLimit).filter((set) => set % high < highLimit);
}

const kindsOf = ({ verifier }: UnrolledShape): string[] =>
  verifier.kind === 'tokens' ? ['all'] : ['all', 'correct'];

/** `all_in_t_s`, and `correct_in_t_s` of correct trajectories: for position t and set s. */
export function countersText(shape: UnrolledShape): string[] {
  return range(shape.horizon).map((t) =>
    kindsOf(shape)
      .flatMap((kind) => setsOf(shape, t).map((set) => `var ${kind}_in_${t}_${set} = 0u;`))
      .join(' '),
  );
}

/** A word with a one in the lane that masks of low bits select. */
function oneText(shape: UnrolledShape, masks: readonly string[]): string {
  const one = (lane: number): number => 2 ** (laneBits(shape) * lane);
  // What selectionText would say of these constants, worked out here.
  const constants = range(2 ** masks.length).map((index) =>
    hex(range(index + 1).reduce((sum, below) => ((below & index) === below ? sum ^ one(below) : sum), 0)),
  );
  return selectedText(constants, masks) ?? '';
}

/** Counts the tokens of trajectory i. `exists_i` is a mask, where some do not; `correct_i` is one. */
export function countText(shape: UnrolledShape, i: number): string[] {
  const { horizon, verifier, chunks } = shape;
  const low = lowBits(shape);
  return range(horizon).flatMap((t) => {
    const own = bitsOf(shape, i, t);
    const variables = [...own.slice(low), ...(isConditional(shape, t) ? bitsOf(shape, i, t - 1) : [])];
    const counted = [
      ...(chunks === 'uneven' ? [`exists_${i}`] : []),
      ...(verifier.kind === 'tokens' ? [`within_${i}_${t}`] : []),
    ];
    const name = (set: number): string => `one_${i}_${t}_${set}`;
    const sets = setsOf(shape, t);
    return [
      `let ${name(0)} = ${[oneText(shape, own.slice(0, low)), ...counted].join(' & ')};`,
      ...sets
        .filter((set) => set > 0)
        .map((set) => {
          const top = Math.floor(Math.log2(set));
          return `let ${name(set)} = ${name(set - 2 ** top)} & ${variables[top]};`;
        }),
      ...kindsOf(shape).map((kind) =>
        sets
          .map((set) => `${kind}_in_${t}_${set} += ${name(set)}${kind === 'all' ? '' : ` & correct_${i}`};`)
          .join(' '),
      ),
    ];
  });
}

/** What is in the lanes of tokens with just the bits of a set. */
function exactText(shape: UnrolledShape, kind: string, t: number, set: number): string {
  return setsOf(shape, t)
    .filter((other) => (other & set) === set)
    .map((other, index) => {
      const isAdded = range(32).filter((bit) => ((other & ~set) >> bit) & 1).length % 2 === 0;
      const sign = index === 0 ? '' : isAdded ? ' + ' : ' - ';
      return `${sign}${kind}_in_${t}_${other}`;
    })
    .join('');
}

/** Set of a token with a row's token before it. */
const setOf = (shape: UnrolledShape, token: number, before: number): number =>
  Math.floor(token / 2 ** lowBits(shape)) + before * 2 ** highBits(shape);

/** The words of a bandit's counts: `taken_s`, [sets], those of the likeliest token included; `correct_count`, `found`. */
export function banditCounts(shape: UnrolledShape): string[] {
  const { vocab, hasModes } = shape;
  const low = lowBits(shape);
  const width = 2 ** low;
  const sets = setsOf(shape, 0);
  const sum = sumOfLanes(shape);
  const exact = sets.map((set) => `let found_${set} = ${exactText(shape, 'all', 0, set)};`);
  return [
    ...exact,
    // What the thresholds did not find is the likeliest token's.
    `let beyond = (group_size - ${sum}(${sets.map((set) => `found_${set}`).join(' + ')})) << ((likeliest_0 & ${width - 1}u) * ${laneBits(shape)}u);`,
    ...sets.map((set) =>
      sets.length === 1
        ? `let taken_${set} = found_${set} + beyond;`
        : `let taken_${set} = found_${set} + select(0u, beyond, (likeliest_0 & ${hex(-width)}) == ${set * width}u);`,
    ),
    `let correct_count = ${sum}(${sets.map((set) => `(taken_${set} & accepted_${set})`).join(' + ')});`,
    ...(hasModes
      ? [
          `let found = ${range(vocab)
            .map(
              (v) =>
                `select(0u, bits_${v}, (taken_${Math.floor(v / width)} & ${laneMask(shape, v % width)}) != 0u)`,
            )
            .join(' | ')};`,
        ]
      : []),
  ];
}

/** `accepted_s`, the lanes of a bandit's correct tokens. */
export function acceptedText(shape: UnrolledShape): string[] {
  const width = 2 ** lowBits(shape);
  return setsOf(shape, 0).map((set) => {
    const lanes = range(Math.min(width, shape.vocab - set * width)).map(
      (lane) => `select(0u, ${laneMask(shape, lane)}, bits_${set * width + lane} != 0u)`,
    );
    return `let accepted_${set} = ${lanes.join(' | ')};`;
  });
}

const sumOfLanes = ({ lanes }: UnrolledShape): string => (lanes === 4 ? 'sum_of_bytes' : 'sum_of_halves');
const laneMask = (shape: UnrolledShape, lane: number): string =>
  hex((2 ** laneBits(shape) - 1) * 2 ** (laneBits(shape) * lane));

/** `all_r_v`, and `correct_r_v` by correct trajectories, as floats: of row r, the `before`th of position t. */
export function rowCountsText(shape: UnrolledShape, t: number, before: number): string[] {
  const { vocab, verifier } = shape;
  const r = rowsOf(shape, t)[before];
  const width = 2 ** lowBits(shape);
  return kindsOf(shape).flatMap((kind) =>
    range(Math.ceil(vocab / width)).flatMap((high) => {
      const set = setOf(shape, high * width, before);
      const word = verifier.kind === 'tokens' ? `taken_${high}` : `${kind}_lanes_${r}_${high}`;
      return [
        ...(verifier.kind === 'tokens' ? [] : [`let ${word} = ${exactText(shape, kind, t, set)};`]),
        range(Math.min(width, vocab - high * width))
          .map((lane) => {
            const scale = laneBits(shape) * lane;
            const count = `as_float(${word} & ${laneMask(shape, lane)})`;
            return `let ${kind}_${r}_${high * width + lane} = ${lane === 0 ? count : `${count} * 0x1p-${scale}f`};`;
          })
          .join(' '),
      ];
    }),
  );
}
