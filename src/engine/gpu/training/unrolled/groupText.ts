/**
 * Text of a group's draws. Loops test at their end, for a software adapter runs the body of a loop that tests at its beginning once
 * more, with all lanes off.
 */
import { banditCounts, banditText } from './banditText.ts';
import { quadText } from './quadText.ts';
import { range, type UnrolledShape } from './shape.ts';

/** `correct_count` and `found`; and `count_0_v`, how often token v was taken, or what `countText` counts. */
export function groupText(shape: UnrolledShape): string[] {
  const isBandit = shape.verifier.kind === 'tokens';
  return [
    'var correct_count = 0u; var found = 0u;',
    isBandit
      ? range(shape.vocab)
          .map((v) => `var above_${v} = 0u;`)
          .join(' ')
      : 'var quad = 0u;',
    'let group_low = (step << 20u) | replica; let group_high = step >> 12u;',
    ...streamsText(shape, isBandit ? banditText(shape) : quadText(shape)),
    ...(isBandit ? banditCounts(shape) : []),
  ];
}

/** The loops over streams and chunks, as far as there are any. */
function streamsText({ chunk, chunks }: UnrolledShape, chunkText: readonly string[]): string[] {
  const seeding = [
    'let seed = seed_generator(philox4x32(vec4u(group_low, group_high | (stream << 8u), prompt, draw_id), key));',
    'var s0 = seed.x; var s1 = seed.y; var s2 = seed.z; var s3 = seed.w;',
  ];
  if (chunks === 'one') return ['const stream = 0u; const first = 0u;', ...seeding, ...chunkText];
  return [
    'var stream = 0u;',
    'loop {',
    ...[
      ...seeding,
      'let length = min(stream_length, group_size - stream * stream_length);',
      'var first = 0u;',
      'loop {',
      ...chunkText.map((line) => `  ${line}`),
      `  continuing { first += ${chunk}u; break if first >= length; }`,
      '}',
      'continuing { stream += 1u; break if stream >= stream_count; }',
    ].map((line) => `  ${line}`),
    '}',
  ];
}
