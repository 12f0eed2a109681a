/**
 * Text of a trajectory's tokens. A comparison leaves a mask, all ones or all zeros, and whatever depends on it is made of such masks
 * by and and exclusive or: the threshold to compare with next, the row that the token selects, the token's bits.
 */
import { hex, range } from '../../text/lines.ts';
import { askedThresholds, selectedText, selectionText, type Selection } from '../../text/selection.ts';
import { isConditional, rowsOf, tokenBits, type UnrolledShape } from './shape.ts';

/** What selects a position's thresholds: by the bits of the token before, then by what was passed so far. */
interface PositionSelections {
  /** [levels] */
  readonly thresholds: readonly Selection[];
  /** beyond it is the likeliest token */
  readonly last: Selection;
  /** [bits], of the likeliest */
  readonly likeliest: readonly Selection[];
}

/** What all trajectories of a group compare with: [positions]. */
export function selectionsText(shape: UnrolledShape): {
  readonly text: string[];
  readonly selections: readonly PositionSelections[];
} {
  const { vocab, horizon, verifier } = shape;
  const bits = tokenBits(shape);
  const text: string[] = [];
  /** [candidates of a row], row by row as the bits of the token before select them */
  const select = (name: string, t: number, ofRow: (row: number) => readonly (string | null)[]): Selection => {
    const candidates = isConditional(shape, t) ? new Array<string | null>(2 ** bits).fill(null) : [null];
    const perRow = rowsOf(shape, t).map(ofRow);
    // The bits of the token before are the first masks.
    const all = range(perRow[0].length).flatMap((index) =>
      candidates.map((_, token) => perRow[token]?.[index] ?? null),
    );
    const made = selectionText(name, all);
    text.push(...made.text);
    return made.selection;
  };
  const selections = range(horizon).map((t): PositionSelections => ({
    thresholds: range(bits).map((level) =>
      select(`way_${t}_${level}`, t, (r) =>
        askedThresholds(vocab, bits, level).map((asked) =>
          asked === null ? null : `signed_${r}_${Math.min(asked, vocab - 1)}`,
        ),
      ),
    ),
    last: select(`last_${t}`, t, (r) => [`signed_${r}_${vocab - 1}`]),
    likeliest:
      verifier.kind === 'tokens'
        ? []
        : range(bits).map((bit) => {
            for (const r of rowsOf(shape, t)) {
              text.push(
                `let likeliest_${r}_bit_${bit} = select(0u, ALL, (likeliest_${r} & ${hex(2 ** bit)}) != 0u);`,
              );
            }
            return select(`row_likely_${t}_${bit}`, t, (r) => [`likeliest_${r}_bit_${bit}`]);
          }),
  }));
  return { text, selections };
}

/** Masks of a token's bits, bit 0 first. */
export const bitsOf = (shape: UnrolledShape, i: number, t: number): string[] =>
  range(tokenBits(shape)).map((bit) => `bit_${i}_${t}_${bit}`);

/**
 * `bit_i_t_b`, masks of the bits of trajectory i's token at position t, from `word_i_t`. Where a verdict needs no token,
 * `within_i_t` says instead whether it is one that the thresholds found, or the likeliest.
 */
export function tokenText(
  shape: UnrolledShape,
  { thresholds, last, likeliest }: PositionSelections,
  i: number,
  t: number,
): string[] {
  const bits = tokenBits(shape);
  const own = `${i}_${t}`;
  const before = isConditional(shape, t) ? bitsOf(shape, i, t - 1) : [];
  const passed: string[] = [];
  const below = (selection: Selection, masks: readonly string[]): string =>
    `bitcast<i32>(${selectedText(selection, masks) ?? '0u'}) > word_${own}`;
  const text: string[] = [];
  const isFound = likeliest.length === 0;
  thresholds.forEach((selection, level) => {
    const name = isFound ? `bit_${own}_${bits - 1 - level}` : `passed_${own}_${level}`;
    text.push(`let ${name} = select(ALL, 0u, ${below(selection, [...before, ...passed])});`);
    passed.push(name);
  });
  text.push(`let within_${own} = select(0u, ALL, ${below(last, before)});`);
  likeliest.forEach((selection, bit) => {
    text.push(
      `let likely_${own}_${bit} = ${selectedText(selection, before) ?? '0u'};`,
      `let bit_${own}_${bit} = likely_${own}_${bit} ^ ((likely_${own}_${bit} ^ passed_${own}_${bits - 1 - bit}) & within_${own});`,
    );
  });
  return text;
}
