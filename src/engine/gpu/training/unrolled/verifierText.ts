/** Text of a prompt's verifier: what is read of it before the first draw, and the verdict on a trajectory. */
import { range } from '../../text/lines.ts';
import { acceptedText } from './countText.ts';
import { numberText } from '../../text/selection.ts';
import { bitsOf } from './drawText.ts';
import { tokenBits, type UnrolledShape } from './shape.ts';

const WORD_BITS = 32;

/** Words of a prompt's verifier that are values; of a table none are. */
export function wordsOf({ vocab, horizon, verifier }: UnrolledShape): number {
  switch (verifier.kind) {
    case 'tokens':
      return vocab;
    case 'sum':
      return 3;
    case 'sequences':
      return verifier.count * (horizon + 1);
    case 'table':
      return 0;
  }
}

/** Positions whose tokens share a word where sequences are compared: [words][positions]. */
function sharedWords(shape: UnrolledShape): number[][] {
  const { horizon } = shape;
  const perWord = Math.floor(WORD_BITS / Math.max(1, tokenBits(shape)));
  return range(Math.ceil(horizon / perWord)).map((word) =>
    range(Math.min(perWord, horizon - word * perWord), word * perWord),
  );
}

/**
 * What a group reads of its prompt's verifier before its first draw.
 *
 * @param word the text of one of its words
 */
export function verifierValues(shape: UnrolledShape, word: (place: number) => string): string[] {
  const { vocab, horizon, verifier } = shape;
  switch (verifier.kind) {
    case 'tokens':
      return [...range(vocab).map((v) => `let bits_${v} = ${word(v)};`), ...acceptedText(shape)];
    case 'sum':
      return [
        `let modulus = as_float(${word(0)}); let residue = as_float(${word(1)});`,
        `let sum_bits = ${word(2)}; let per_modulus = 1.0 / modulus;`,
      ];
    case 'sequences':
      return range(verifier.count).flatMap((m) => [
        `let bits_${m} = ${word(m * (horizon + 1) + horizon)};`,
        ...sharedWords(shape).map((positions, w) => {
          const tokens = positions.map(
            (t, place) => `${word(m * (horizon + 1) + t)} * ${2 ** (tokenBits(shape) * place)}u`,
          );
          return `let accepted_${m}_${w} = ${tokens.join(' + ')};`;
        }),
      ]);
    case 'table':
      return [
        'let verdict_first = prompts[prompt * PROMPT_WORDS + 1u];',
        'let start_state = prompts[prompt * PROMPT_WORDS + 2u];',
      ];
  }
}

/** `verdict_i`, 0 where trajectory i is wrong. */
export function verdictText(shape: UnrolledShape, i: number): string[] {
  const { vocab, horizon, verifier } = shape;
  const bits = tokenBits(shape);
  if (verifier.kind === 'sum') {
    // Each mask that is all ones adds −1.
    const sums = range(bits).map((bit) => {
      const masks = range(horizon).map((t) => bitsOf(shape, i, t)[bit]);
      return `(${masks.join(' + ')}) * ${2 ** bit}u`;
    });
    return [
      `let verdict_${i} = select(0u, sum_bits, leaves(0u - (${sums.join(' + ') || '0u'}), modulus, per_modulus, residue));`,
    ];
  }
  if (verifier.kind === 'sequences') {
    const words = sharedWords(shape);
    const met = range(verifier.count).map((m) => {
      const isMet = words.map((_, w) => `(sequence_${i}_${w} == accepted_${m}_${w})`);
      return `select(0u, bits_${m}, ${isMet.join(' & ')})`;
    });
    return [
      ...words.map((positions, w) => {
        const masks = positions.flatMap((t) => bitsOf(shape, i, t));
        return `let sequence_${i}_${w} = ${numberText(masks, (bit) => bit)};`;
      }),
      `let verdict_${i} = ${met.join(' | ') || '0u'};`,
    ];
  }
  return [
    ...range(horizon).map((t) => {
      const before = t === 0 ? 'start_state' : `state_${i}_${t}`;
      const token = numberText(bitsOf(shape, i, t), (bit) => bit);
      return `let state_${i}_${t + 1} = verifiers[verifier_first + ${before} * ${vocab}u + (${token})];`;
    }),
    `let verdict_${i} = verifiers[verdict_first + state_${i}_${horizon}];`,
  ];
}
