/** Text of a group's draws. */
import { loopText, range } from '../../text/lines.ts';
import { wordsText } from '../../text/word.ts';
import { banditCounts, countersText, countText } from './countText.ts';
import { selectionsText, tokenText } from './drawText.ts';
import type { UnrolledShape } from './shape.ts';
import { verdictText } from './verifierText.ts';

/** `correct_count` and `found`, and the counters of `countText`. */
export function groupText(shape: UnrolledShape): string[] {
  const isBandit = shape.verifier.kind === 'tokens';
  const { text, selections } = selectionsText(shape);
  const trajectories = range(shape.chunk);
  const chunk = [
    ...wordsText(
      shape.chunk * shape.horizon,
      (rotated, j) =>
        `let word_${Math.floor(j / shape.horizon)}_${j % shape.horizon} = as_signed(${rotated} * 9u);`,
    ),
    ...trajectories.flatMap((i) => [
      ...(shape.chunks === 'uneven' ? [`let exists_${i} = select(0u, ALL, first + ${i}u < length);`] : []),
      ...selections.flatMap((selection, t) => tokenText(shape, selection, i, t)),
      ...(isBandit ? [] : correctText(shape, i)),
      ...countText(shape, i),
    ]),
  ];
  return [
    ...(isBandit ? [] : ['var correct_count = 0u; var found = 0u;']),
    ...countersText(shape),
    ...text,
    'let group_low = (step << 20u) | replica; let group_high = step >> 12u;',
    ...streamsText(shape, chunk),
    ...(isBandit ? banditCounts(shape) : []),
  ];
}

/** `correct_i`, a mask. */
function correctText(shape: UnrolledShape, i: number): string[] {
  const mask = `select(0u, ALL, verdict_${i} != 0u)`;
  const isUneven = shape.chunks === 'uneven';
  return [
    ...verdictText(shape, i),
    `let correct_${i} = ${isUneven ? `${mask} & exists_${i}` : mask}; correct_count -= correct_${i};`,
    ...(shape.hasModes ? [`found |= verdict_${i} & correct_${i};`] : []),
  ];
}

/** The loops over streams and chunks, as far as there are any. */
function streamsText({ chunk, chunks }: UnrolledShape, chunkText: readonly string[]): string[] {
  const seeding = [
    'let seed = seed_generator(philox4x32(vec4u(group_low, group_high | (stream << 8u), prompt, draw_id), key));',
    'var s0 = seed.x; var s1 = seed.y; var s2 = seed.z; var s3 = seed.w;',
  ];
  if (chunks === 'one') return ['const stream = 0u; const first = 0u;', ...seeding, ...chunkText];
  return loopText('stream', 'stream_count', [
    ...seeding,
    'let length = min(stream_length, group_size - stream * stream_length);',
    ...loopText('first', 'length', chunkText, { step: `${chunk}u` }),
  ]);
}
