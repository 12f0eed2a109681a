/**
 * Text of trajectories of more than one token. Four make a quad and share words with a byte each, `packed[quad, t]` for position t, so
 * that one comparison serves four, and bytes of a word count four at a time.
 */
import { inAll, LANES, NO_TOKEN } from './lanes.ts';
import { range, type UnrolledShape } from './shape.ts';
import { tokenText } from './tokenText.ts';
import { verdictText } from './verifierText.ts';
import { wordsText } from './wordText.ts';

/** What a thread keeps of a group; at first no trajectory exists. */
export function quadMemory({ quadCount, horizon }: UnrolledShape): string[] {
  return [
    `var packed: array<u32, ${quadCount * horizon}>; var correct: array<u32, ${quadCount}>;`,
    `for (var i = 0u; i < ${quadCount * horizon}u; i += 1u) { packed[i] = ${inAll(NO_TOKEN)}; }`,
  ];
}

/** Draws and judges four trajectories. */
export function quadText(shape: UnrolledShape): string[] {
  const { horizon } = shape;
  const trajectories = range(LANES);
  return [
    ...wordsText(LANES * horizon, (j) => `word_${Math.floor(j / horizon)}_${j % horizon}`),
    ...trajectories.flatMap((i) => range(horizon).flatMap((t) => tokenText(shape, i, t))),
    'let missing = missing_lanes(length, first);',
    ...range(horizon).map((t) => {
      const parts = trajectories.map((i) => `token_${i}_${t}${i === 0 ? '' : ` * ${256 ** i}u`}`);
      return `let packed_${t} = (${parts.join(' + ')}) | missing; packed[quad * ${horizon}u + ${t}u] = packed_${t};`;
    }),
    ...verdictText(shape),
    'correct[quad] = correct_lanes; correct_count += sum_of_bytes(correct_lanes);',
    'quad += 1u;',
  ];
}
