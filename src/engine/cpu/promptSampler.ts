/** Host side of assembly/sampling.ts: one prompt's tables and counters in a thread's memory. */
import { writeThresholds } from '../../problem/masses.ts';
import { rowCountOf, type ContextKind, type Prompt } from '../../problem/problem.ts';
import { seedKey, trajectoriesPerStream } from '../../math/random/stream.ts';
import { structSizeBytes, structWords, type StructSchema } from '../structs.ts';
import { roundedPolicy } from '../secondMoments.ts';
import { OUTCOMES, type ConditionalTables } from '../../problem/conditional.ts';
import type { Given, KernelFault } from '../sampler.ts';
import { BATCH_COUNT, LEVELS, SECOND_MOMENTS, type Level, type PromptTally } from '../tally.ts';
import { automatonRows, LANES, type Arena, type KernelForm, type Kernels } from './kernels.ts';

/** What the groups of one prompt need, and no more: it travels to a thread. */
export interface PromptJob {
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  readonly prompt: Pick<Prompt, 'masses' | 'automaton'>;
  readonly promptIndex: number;
  readonly groupSize: number;
  readonly level: Level;
  readonly seed: number;
  readonly drawId: number;
  /** absent in plain sampling */
  readonly byClass?: ClassDesign;
  readonly fault?: KernelFault;
}

/** What groups by classes are drawn from (problem/conditional.ts). */
export interface ClassDesign extends Pick<ConditionalTables, 'nodeCount' | 'next' | 'masses'> {
  readonly given: Given;
}

export const promptSchema = {
  name: 'Prompt',
  fields: [
    ...(['vocab', 'horizon', 'groupSize', 'streamLength', 'cellBytes', 'guideBits'] as const),
    ...(['seedLow', 'seedHigh', 'promptIndex', 'drawId'] as const),
    ...(['thresholds', 'thresholdCounts', 'nextNode', 'correctStart', 'given', 'guide'] as const),
    ...(['automaton', 'start', 'tokenMass', 'collision'] as const),
    ...(['trails', 'trailRows', 'verdicts', 'words', 'cells', 'rows', 'groups', 'second', 'counts'] as const),
  ],
} satisfies StructSchema<string>;

/** A guide has 64 buckets for each token of a power-of-two vocabulary, for then nearly all hold no threshold… */
const GUIDE_BITS_BEYOND_VOCAB = 6;
/** …or fewer, where the guides of all rows would leave the nearest cache… */
const MOST_GUIDE_ENTRIES = 2 ** 14;
/** …but some in any case: the search through a bucket is by one threshold after the other. */
const LEAST_BITS_BEYOND_VOCAB = 1;

const EACH_IN_TURN = 2 ** 32 - 1;
const FAULTS: Readonly<Partial<Record<KernelFault, number>>> = { 'strict-threshold': 1, 'scaled-word': 2 };
const faultCode = (fault: KernelFault | undefined): number => {
  if (fault === undefined) return 0;
  const code = FAULTS[fault];
  if (code === undefined) throw new Error(`fault ${fault}: these kernels have nothing that it changes`);
  return code;
};

export function guideBitsFor(vocab: number, rowCount: number): number {
  const vocabBits = Math.ceil(Math.log2(vocab));
  let bits = vocabBits + GUIDE_BITS_BEYOND_VOCAB;
  while (bits > vocabBits + LEAST_BITS_BEYOND_VOCAB && rowCount * 2 ** bits > MOST_GUIDE_ENTRIES) bits -= 1;
  return bits;
}

/** The rows that tokens are drawn from: the policy's, or those of wrong trajectories' nodes and then of correct ones'. */
function drawTables({ prompt, vocab, byClass }: PromptJob): {
  readonly masses: Float64Array;
  readonly nextNode: Uint32Array | null;
  readonly correctStart: number;
  readonly given: number;
} {
  if (!byClass) return { masses: prompt.masses, nextNode: null, correctStart: 0, given: 0 };
  const { nodeCount, next, given } = byClass;
  const cells = nodeCount * vocab;
  const masses = new Float64Array(2 * cells);
  const nextNode = new Uint32Array(2 * cells);
  for (const outcome of OUTCOMES) {
    masses.set(byClass.masses[outcome] ?? [], outcome * cells);
    nextNode.set(
      next.map((node) => node + outcome * nodeCount),
      outcome * cells,
    );
  }
  return { masses, nextNode, correctStart: nodeCount, given: given === 'each' ? EACH_IN_TURN : given };
}

export class PromptSampler {
  readonly #kernels: Kernels;
  readonly #arena: Arena;
  readonly #job: PromptJob;
  readonly #cellCount: number;
  readonly #at: number;
  readonly #groups: number;
  readonly #second: number;
  readonly #counts: number;

  /** Takes the whole arena: a thread has one prompt at a time. */
  constructor(kernels: Kernels, form: KernelForm, arena: Arena, job: PromptJob) {
    const { vocab, horizon, context, prompt, groupSize, level } = job;
    const rowCount = rowCountOf(context, vocab, horizon);
    const cellCount = rowCount * vocab;
    const lanes = LANES[form];
    const hasMoments = level !== 'groups';
    const streamLength = trajectoriesPerStream(groupSize, horizon);
    arena.clear();
    this.#kernels = kernels;
    this.#arena = arena;
    this.#job = job;
    this.#cellCount = cellCount;
    const tokenCount = hasMoments ? groupSize * horizon : 0;
    const { masses, nextNode, correctStart, given } = drawTables(job);
    const drawnRows = masses.length / vocab;
    const thresholds = new Uint32Array(masses.length);
    const thresholdCounts = Uint32Array.from({ length: drawnRows }, (_, row) =>
      writeThresholds(
        masses.subarray(row * vocab, (row + 1) * vocab),
        thresholds.subarray(row * vocab, (row + 1) * vocab),
      ),
    );
    const guideBits = guideBitsFor(vocab, drawnRows);
    const rounded = hasMoments ? roundedPolicy({ rowCount, vocab }, prompt) : null;
    const [seedLow, seedHigh] = seedKey(job.seed);
    const trails = arena.take(lanes * tokenCount * 4);
    this.#groups = arena.takeZeros((groupSize + 1) * 4);
    this.#second = arena.takeZeros(hasMoments ? BATCH_COUNT * (groupSize + 1) * SECOND_MOMENTS * 8 : 0);
    this.#counts = arena.takeZeros(level === 'full' ? (groupSize + 1) * 2 * cellCount * 4 : 0);
    this.#at = arena.take(structSizeBytes(promptSchema));
    const fields = {
      ...{ vocab, horizon, groupSize, streamLength, guideBits, seedLow, seedHigh },
      promptIndex: job.promptIndex,
      drawId: job.drawId,
      cellBytes: cellCount * 4,
      thresholds: arena.takeWords(thresholds),
      thresholdCounts: arena.takeWords(thresholdCounts),
      nextNode: nextNode ? arena.takeWords(nextNode) : 0,
      ...{ correctStart, given },
      guide: arena.take(drawnRows * 2 ** guideBits * 2),
      automaton: arena.takeWords(automatonRows(prompt.automaton, vocab, prompt.automaton.accepting)),
      start: prompt.automaton.start * (vocab + 1) * 4,
      tokenMass: arena.takeWords(rounded?.tokenMass ?? []),
      collision: arena.takeWords(rounded?.collision ?? []),
      trails,
      trailRows: context === 'none' ? 0 : arena.take(lanes * tokenCount * 4) - trails,
      verdicts: arena.take(lanes * groupSize),
      words: arena.take((4 + streamLength * horizon) * lanes * 4),
      cells: arena.takeZeros(hasMoments ? cellCount * 4 : 0),
      rows: arena.takeZeros(hasMoments && context !== 'none' ? rowCount * 16 : 0),
      groups: this.#groups,
      second: this.#second,
      counts: this.#counts,
    };
    const words = structWords(promptSchema, fields);
    new Uint32Array(arena.memory.buffer, this.#at, words.length).set(words);
    kernels.writeGuides(this.#at, drawnRows);
  }

  /** Adds groups firstGroup .. firstGroup + groupCount − 1 to the counters. */
  sample(firstGroup: number, groupCount: number): void {
    const { level, context, fault } = this.#job;
    // The high word of a group's index is the same for all groups of a call.
    for (let first = firstGroup, end = firstGroup + groupCount; first < end;) {
      const high = Math.floor(first / 2 ** 32);
      const count = Math.min(end, (high + 1) * 2 ** 32) - first;
      this.#kernels.sampleGroups(
        this.#at,
        first >>> 0,
        high,
        count,
        LEVELS.indexOf(level),
        context === 'none' ? 0 : 1,
        faultCode(fault),
      );
      first += count;
    }
  }

  /** What was counted since the last call; the counters are 0 again. */
  takeTally(): PromptTally {
    const { groupSize, level } = this.#job;
    const { buffer } = this.#arena.memory;
    const numbers = (at: number, length: number): Float64Array<ArrayBuffer> => {
      const counters = new Uint32Array(buffer, at, length);
      const copy = Float64Array.from(counters);
      counters.fill(0);
      return copy;
    };
    const groups = numbers(this.#groups, groupSize + 1);
    if (level === 'groups') return { groups };
    const sums = new BigInt64Array(buffer, this.#second, BATCH_COUNT * (groupSize + 1) * SECOND_MOMENTS);
    const second = sums.slice();
    sums.fill(0n);
    if (level === 'moments') return { groups, second };
    return { groups, second, counts: numbers(this.#counts, (groupSize + 1) * 2 * this.#cellCount) };
  }

  /** The token that a run would draw by a word, in a row. */
  tokenOf(row: number, word: number): number {
    return this.#kernels.tokenOfWord(this.#at, row, word, faultCode(this.#job.fault));
  }
}
