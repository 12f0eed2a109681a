/**
 * The draws of `sliced@1` (math/random/slicedStream.ts), word by word: planes of bits are put together to the words of 32 groups, and each
 * word takes its token by the plain rule. Nothing is compared in planes here, so that the kernels' way is held against another.
 */
import { openSlicedStream, planesUpFront, SLICE_GROUPS, WORD_BITS } from '../../math/random/slicedStream.ts';
import { trajectoriesPerStream } from '../../math/random/stream.ts';
import { kernelFault, thinnedPlane, type SamplingJob } from '../sampler.ts';
import type { TokenRow } from '../selfTestCases.ts';
import { tokenOfWord } from './tokenRule.ts';

/** Whether a word's first `depth` bits are those of a threshold other than 0, so that it may still be on either side of it. */
function isOpen(word: number, depth: number, { thresholds, thresholdCount }: TokenRow): boolean {
  for (let v = 0; v < thresholdCount; v += 1) {
    if (thresholds[v] > 0 && (word ^ thresholds[v]) >>> (WORD_BITS - depth) === 0) return true;
  }
  return false;
}

/**
 * The words of one position of a trajectory, for all lanes.
 *
 * @param nextPlane the stream
 * @returns [32], with zeros for bits that were not drawn
 */
export function drawWords(nextPlane: () => number, row: TokenRow, upFront: number): Uint32Array {
  const words = new Uint32Array(SLICE_GROUPS);
  for (let depth = 0; depth < WORD_BITS; depth += 1) {
    if (depth >= upFront && !words.some((word) => isOpen(word, depth, row))) break;
    const plane = nextPlane();
    words.forEach((word, lane) => {
      words[lane] = word | (((plane >>> lane) & 1) << (WORD_BITS - 1 - depth));
    });
  }
  return words;
}

/** Tokens of the groups of one prompt; a slice is drawn once, if its groups are asked for in order. */
export class SlicedDraws {
  readonly #job: SamplingJob;
  readonly #prompt: number;
  readonly #rows: readonly TokenRow[];
  /** [32, n, T] */
  readonly #tokens: Uint16Array;
  #slice = -1;

  /** @param rows [T] */
  constructor(job: SamplingJob, prompt: number, rows: readonly TokenRow[]) {
    this.#job = job;
    this.#prompt = prompt;
    this.#rows = rows;
    this.#tokens = new Uint16Array(SLICE_GROUPS * job.groupSize * job.problem.horizon);
  }

  /** @returns [n, T] */
  tokensOf(group: number): Uint16Array {
    const slice = Math.floor(group / SLICE_GROUPS);
    if (slice !== this.#slice) this.#draw(slice);
    const { groupSize, problem } = this.#job;
    const size = groupSize * problem.horizon;
    const lane = group % SLICE_GROUPS;
    return this.#tokens.subarray(lane * size, (lane + 1) * size);
  }

  #draw(slice: number): void {
    this.#slice = slice;
    const { groupSize, seed, drawId, problem, fault } = this.#job;
    const { vocab, horizon } = problem;
    const upFront = planesUpFront(vocab);
    const perStream = trajectoriesPerStream(groupSize, horizon);
    for (let i = 0, plane = (): number => 0; i < groupSize; i += 1) {
      if (i % perStream === 0) {
        const honest = openSlicedStream(seed, drawId, this.#prompt, slice, i / perStream);
        plane = kernelFault(fault) === 'thinned-planes' ? () => thinnedPlane(honest()) : honest;
      }
      for (let t = 0; t < horizon; t += 1) {
        drawWords(plane, this.#rows[t], upFront).forEach((word, lane) => {
          this.#tokens[(lane * groupSize + i) * horizon + t] = tokenOfWord(word, this.#rows[t]);
        });
      }
    }
  }
}
