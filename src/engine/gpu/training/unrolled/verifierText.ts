/** Text of a prompt's verifier: what is read of it before the first draw, and the verdicts of a chunk. */
import { inAll, LANES, NO_TOKEN } from './lanes.ts';
import { range, type UnrolledShape } from './shape.ts';

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

/**
 * What a group reads of its prompt's verifier before its first draw.
 *
 * @param word the text of one of its words
 */
export function verifierValues(
  { vocab, horizon, verifier }: UnrolledShape,
  word: (place: number) => string,
): string[] {
  switch (verifier.kind) {
    case 'tokens':
      return range(vocab).map((v) => `let bits_${v} = ${word(v)};`);
    case 'sum':
      return [
        `let modulus = ${word(0)}; let residue = ${word(1)};`,
        `let sum_bits = ${word(2)}; let per_modulus = 1.0 / f32(modulus);`,
      ];
    case 'sequences':
      return range(verifier.count).flatMap((m) => [
        `let bits_${m} = ${word(m * (horizon + 1) + horizon)};`,
        // A sequence that stands in for a missing one has no bits, and must not be met.
        ...range(horizon).map(
          (t) =>
            `let accepted_${m}_${t} = select(${inAll(NO_TOKEN - 1)}, ${word(m * (horizon + 1) + t)} * ${inAll(1)}, bits_${m} != 0u);`,
        ),
      ]);
    case 'table':
      return [
        'let verdict_first = prompts[prompt * PROMPT_WORDS + 1u];',
        'let start_state = prompts[prompt * PROMPT_WORDS + 2u];',
      ];
  }
}

/** `correct_lanes` of a quad, a 1 in the byte of each correct trajectory; what they found is added to `found`. */
export function verdictText(shape: UnrolledShape): string[] {
  const { horizon, verifier } = shape;
  if (verifier.kind === 'sequences') {
    const sequences = range(verifier.count);
    const met = sequences.map((m) => {
      const other = range(horizon).map((t) => `(packed_${t} ^ accepted_${m}_${t})`);
      return `let met_${m} = equal_bytes(${other.join(' | ')}, 0u);`;
    });
    const found = sequences.map((m) => `select(0u, bits_${m}, met_${m} != 0u)`);
    return [
      ...met,
      `found |= ${found.join(' | ') || '0u'};`,
      `let correct_lanes = ${sequences.map((m) => `met_${m}`).join(' | ') || '0u'};`,
    ];
  }
  const verdicts = range(LANES).map((i) => `verdict_${i}`);
  return [
    ...range(LANES).flatMap((i) => oneVerdict(shape, i)),
    `found |= ${verdicts.join(' | ')};`,
    `let correct_lanes = ${verdicts.map((verdict, i) => `select(0u, ${256 ** i}u, ${verdict} != 0u)`).join(' + ')};`,
  ];
}

/** `verdict_i` */
function oneVerdict({ vocab, horizon, verifier }: UnrolledShape, i: number): string[] {
  const tokens = range(horizon).map((t) => `token_${i}_${t}`);
  const existing = (verdict: string): string =>
    `let verdict_${i} = select(0u, ${verdict}, first + ${i}u < length);`;
  if (verifier.kind === 'sum') {
    return [
      existing(`select(0u, sum_bits, remainder(${tokens.join(' + ')}, modulus, per_modulus) == residue)`),
    ];
  }
  return [
    ...tokens.map((token, t) => {
      const before = t === 0 ? 'start_state' : `state_${i}_${t}`;
      return `let state_${i}_${t + 1} = verifiers[verifier_first + ${before} * ${vocab}u + ${token}];`;
    }),
    existing(`verifiers[verdict_first + state_${i}_${horizon}]`),
  ];
}
