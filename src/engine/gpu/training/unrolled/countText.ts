/**
 * Text of how often each token of a row was taken, in trajectories of more than one token: `all_r_v`, and `correct_r_v` by correct ones.
 * One comparison serves a quad (quadText), and so many quads are added before their bytes are.
 */
import { inAll } from './lanes.ts';
import { range, type UnrolledShape } from './shape.ts';

/** Quads that are counted together, at most: a byte holds their sum. */
const MOST_TOGETHER = 8;

/** Memory for a group's quads, in words per position: as many as are counted together, or whole times that. */
export function quadsOf(quadCount: number): number {
  return quadCount <= MOST_TOGETHER ? quadCount : Math.ceil(quadCount / MOST_TOGETHER) * MOST_TOGETHER;
}

/** The counts of row r, which position t visits: always, or after token u. */
export function countText(shape: UnrolledShape, r: number): string[] {
  const { vocab, quadCount } = shape;
  const tokens = range(vocab);
  if (quadCount <= MOST_TOGETHER) {
    return [
      ...sharedText(shape, r),
      ...tokens.map((v) => `let all_${r}_${v} = ${sumText(quadCount, (q) => `here_${r}_${v}_${q}`)};`),
      ...tokens.map(
        (v) =>
          `let correct_${r}_${v} = ${sumText(quadCount, (q) => `(here_${r}_${v}_${q} & correct_in_${q})`)};`,
      ),
    ];
  }
  return [
    ...tokens.map((v) => `var all_${r}_${v} = 0u; var correct_${r}_${v} = 0u;`),
    `var from_${r} = 0u;`,
    'loop {',
    ...hereText(shape, r, MOST_TOGETHER, `from_${r} + `).map((line) => `  ${line}`),
    ...tokens.map((v) => `  all_${r}_${v} += ${sumText(MOST_TOGETHER, (q) => `here_${r}_${v}_${q}`)};`),
    ...tokens.map(
      (v) =>
        `  correct_${r}_${v} += ${sumText(MOST_TOGETHER, (q) => `(here_${r}_${v}_${q} & correct_${r}_in_${q})`)};`,
    ),
    `  continuing { from_${r} += ${MOST_TOGETHER}u; break if from_${r} >= quad; }`,
    '}',
  ];
}

const sumText = (count: number, part: (q: number) => string): string =>
  `sum_of_bytes(${range(count).map(part).join(' + ')})`;

/** The same where all quads are counted at once: rows of one position share what is compared, `is_t_v_q`. */
function sharedText({ vocab, horizon, context, quadCount }: UnrolledShape, r: number): string[] {
  const quads = range(quadCount);
  const t = context === 'none' ? r : Math.ceil(r / vocab);
  const text: string[] = [];
  if (r === 0) text.push(...quads.map((q) => `let correct_in_${q} = correct[${q}u];`));
  if (context === 'none' || r === 0 || (r - 1) % vocab === 0) {
    text.push(...quads.map((q) => `let packed_in_${t}_${q} = packed[${q * horizon + t}u];`));
    for (const v of range(vocab)) {
      text.push(
        quads.map((q) => `let is_${t}_${v}_${q} = equal_bytes(packed_in_${t}_${q}, ${inAll(v)});`).join(' '),
      );
    }
  }
  const before = (q: number): string =>
    context === 'previous' && t > 0 ? `is_${t - 1}_${(r - 1) % vocab}_${q} & ` : '';
  return [
    ...text,
    ...range(vocab).map((v) =>
      quads.map((q) => `let here_${r}_${v}_${q} = ${before(q)}is_${t}_${v}_${q};`).join(' '),
    ),
  ];
}

/** `here_r_v_q`, a 1 in the byte of each trajectory of quad q that took v in row r, and which of them are correct. */
function hereText(
  { vocab, horizon, context }: UnrolledShape,
  r: number,
  count: number,
  from: string,
): string[] {
  const quads = range(count);
  const t = context === 'none' ? r : Math.ceil(r / vocab);
  const at = (q: number, position: number): string =>
    from === '' ? `${q * horizon + position}u` : `(${from}${q}u) * ${horizon}u + ${position}u`;
  const isLater = context === 'previous' && t > 0;
  return [
    ...quads.map(
      (q) =>
        `let correct_${r}_in_${q} = correct[${from}${q}u]; let packed_${r}_in_${q} = packed[${at(q, t)}];`,
    ),
    ...(isLater
      ? quads.map(
          (q) => `let before_${r}_in_${q} = equal_bytes(packed[${at(q, t - 1)}], ${inAll((r - 1) % vocab)});`,
        )
      : []),
    ...range(vocab).flatMap((v) =>
      quads.map((q) => {
        const isToken = `equal_bytes(packed_${r}_in_${q}, ${inAll(v)})`;
        return `let here_${r}_${v}_${q} = ${isLater ? `before_${r}_in_${q} & ${isToken}` : isToken};`;
      }),
    ),
  ];
}
