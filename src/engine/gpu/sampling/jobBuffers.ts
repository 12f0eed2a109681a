/**
 * The GPU side of one job: its buffers, which kernels run over a batch of groups, and what the counters hold.
 */
import type { BoundKernel, Gpu, Kernel } from '../gpu.ts';
import { structWords } from '../../structs.ts';
import type { Problem } from '../../../problem/problem.ts';
import { seedKey } from '../../../math/random/stream.ts';
import { batchSchema, type BatchField } from './batch.ts';
import { joinAutomata, type JobPlan } from './plan.ts';
import { thresholdTables, type DrawnRows } from './drawnRows.ts';
import { roundedTables, type RoundedTables } from './roundedTables.ts';
import type { Chunk, GroupRange, SamplingJob } from '../../sampler.ts';
import type { PromptTally } from '../../tally.ts';

/** As in sample.wgsl. */
const EACH_IN_TURN = 2 ** 32 - 1;

/** The pipelines of one (context, level, sampler, fault). */
export interface Kernels {
  readonly sample: Kernel;
  readonly groups: Kernel;
  readonly moments: Kernel | null;
  readonly counts: Kernel | null;
}

/** One kernel over the items of a batch. */
export interface Pass {
  readonly bound: BoundKernel;
  readonly itemCount: number;
  /** expected cost of an item, in tokens sampled */
  readonly unitsPerItem: number;
  readonly uniforms: (itemFirst: number, itemCount: number) => Uint32Array<ArrayBuffer>;
}

/** Buffers of one job, and which groups their counters hold. */
export class JobBuffers {
  readonly maxBatchGroups: number;
  readonly unitsPerGroup: number;
  /** counters of one prompt */
  readonly bytesPerPrompt: number;
  readonly #gpu: Gpu;
  readonly #job: SamplingJob;
  readonly #plan: JobPlan;
  readonly #all: GPUBuffer[] = [];
  readonly #offsets: ReturnType<typeof joinAutomata>['offsets'];
  /** [prompts], where the nodes of its two chains are */
  readonly #nodes: DrawnRows['nodes'];
  /** [prompts], the sum of B over the rows that every trajectory visits */
  readonly #collisionSums: readonly number[];
  readonly #counters: { readonly groups: GPUBuffer; readonly second: GPUBuffer; readonly counts: GPUBuffer };
  readonly #bound: {
    readonly sample: BoundKernel;
    readonly groups: BoundKernel;
    readonly moments: BoundKernel | null;
    readonly counts: BoundKernel | null;
  };
  /** prompt → its slot among the counters, and the groups counted there since the last drain */
  readonly #unread = new Map<number, { readonly slot: number; range: GroupRange }>();

  constructor(gpu: Gpu, kernels: Kernels, job: SamplingJob, drawn: DrawnRows, plan: JobPlan) {
    this.#gpu = gpu;
    this.#job = job;
    this.#plan = plan;
    this.maxBatchGroups = plan.maxBatchGroups;
    this.bytesPerPrompt = 4 * (plan.groupsWords + plan.secondWords + plan.countsWords);
    const { problem, groupSize, level } = job;
    const storage = (name: string, wordCount: number): GPUBuffer =>
      this.#keep(gpu.storage(`JobBuffers.${name}`, wordCount));
    const upload = (name: string, words: Uint32Array<ArrayBuffer>): GPUBuffer =>
      this.#keep(gpu.upload(`JobBuffers.${name}`, words));

    const tables = thresholdTables(drawn, problem.vocab);
    const rounded = roundedTables(problem, level);
    this.#nodes = drawn.nodes;
    const automata = joinAutomata(problem.prompts.map((prompt) => prompt.automaton));
    this.#offsets = automata.offsets;
    const thresholds = upload('thresholds', tables.thresholds);
    const guide = upload('guide', tables.guide);
    const next = upload('next', automata.next);
    const accepting = upload('accepting', automata.accepting);
    const nextNode = upload('nextNode', drawn.nextNode);
    const tokenMass = upload('tokenMass', rounded.tokenMass);
    const collision = upload('collision', rounded.collision);

    this.#collisionSums = problem.prompts.map((_, prompt) => collisionSum(problem, rounded, prompt));

    const tokenWords = level === 'groups' ? 1 : groupSize * plan.wordCount * plan.maxBatchGroups;
    const tokens = storage('tokens', tokenWords);
    const outcomes = storage('outcomes', 2 * plan.streamCount * plan.maxBatchGroups);
    const correctCounts = storage('correctCounts', plan.maxBatchGroups);
    const correctBits = storage('correctBits', Math.ceil(groupSize / 32) * plan.maxBatchGroups);
    this.#counters = {
      groups: storage('groups', plan.promptsPerTurn * plan.groupsWords),
      second: storage('second', plan.promptsPerTurn * plan.secondWords),
      counts: storage('counts', plan.promptsPerTurn * plan.countsWords),
    };
    const { groups, second, counts } = this.#counters;
    this.#bound = {
      sample: gpu.bind(kernels.sample, [thresholds, guide, next, accepting, nextNode], [outcomes, tokens]),
      groups: gpu.bind(kernels.groups, [outcomes], [correctCounts, correctBits, groups]),
      moments:
        kernels.moments &&
        gpu.bind(kernels.moments, [tokens, correctBits, correctCounts, tokenMass, collision], [second]),
      counts: kernels.counts && gpu.bind(kernels.counts, [tokens, correctBits, correctCounts], [counts]),
    };
    this.unitsPerGroup = this.#work(1).reduce((total, work) => total + work.itemCount * work.unitsPerItem, 0);
  }

  /** The kernels of a batch, in order. The batch's prompt gets its counters here. */
  passes(batch: GroupRange): Pass[] {
    const uniforms = this.#uniforms(batch);
    return this.#work(batch.groupCount).map((work) => ({ ...work, uniforms }));
  }

  /** Whether the counters hold groups of the prompt that were not drained. */
  holds(prompt: number): boolean {
    return this.#unread.has(prompt);
  }

  /** Whether the counters can take this group without a drain first. */
  accepts(prompt: number, firstGroup: number, maxChunkGroups: number): boolean {
    const unread = this.#unread.get(prompt);
    if (!unread) return this.#unread.size < this.#plan.promptsPerTurn;
    const { range } = unread;
    return range.firstGroup + range.groupCount === firstGroup && range.groupCount < maxChunkGroups;
  }

  /** Groups of a prompt that fit before its counters could overflow. */
  roomFor(prompt: number, maxChunkGroups: number): number {
    return maxChunkGroups - (this.#unread.get(prompt)?.range.groupCount ?? 0);
  }

  markDone(batch: GroupRange): void {
    const unread = this.#unread.get(batch.prompt);
    if (!unread) throw new Error(`batch of prompt ${batch.prompt} was not placed`);
    unread.range = { ...unread.range, groupCount: unread.range.groupCount + batch.groupCount };
  }

  /** Reads and clears the counters of every prompt counted since the last drain. */
  async drain(): Promise<Chunk[]> {
    const unread = [...this.#unread.values()].filter(({ range }) => range.groupCount > 0);
    this.#unread.clear();
    if (unread.length === 0) return [];
    const { groupsWords, secondWords, countsWords } = this.#plan;
    const parts = [
      { buffer: this.#counters.groups, words: groupsWords },
      { buffer: this.#counters.second, words: secondWords },
      { buffer: this.#counters.counts, words: countsWords },
    ].filter(({ words }) => words > 0);
    const bytes = await this.#gpu.read(
      unread.flatMap(({ slot }) =>
        parts.map(({ buffer, words }) => ({ buffer, wordFirst: slot * words, wordCount: words })),
      ),
      'clear',
    );
    return unread.map(({ range }, index): Chunk => {
      const [groups, second, counts] = bytes.slice(index * parts.length, (index + 1) * parts.length);
      const tally: PromptTally = {
        groups: Float64Array.from(new Uint32Array(groups)),
        // Two u32 words, low first, are one signed 64-bit integer.
        ...(secondWords > 0 ? { second: new BigInt64Array(second) } : {}),
        ...(countsWords > 0 ? { counts: Float64Array.from(new Uint32Array(counts)) } : {}),
      };
      return { range, tally };
    });
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }

  /** What each kernel has to do for some groups. Costs are rough; the pacer corrects them. */
  #work(groupCount: number): Omit<Pass, 'uniforms'>[] {
    const { groupSize, problem } = this.#job;
    const { streamLength, streamCount, wordCount, tokensPerWord, sliceLength, sliceCount } = this.#plan;
    const { sample, groups, moments, counts } = this.#bound;
    const pairs = (sliceLength * groupSize * wordCount) / 2;
    return [
      { bound: sample, itemCount: groupCount * streamCount, unitsPerItem: streamLength * problem.horizon },
      { bound: groups, itemCount: groupCount, unitsPerItem: streamCount },
      ...(moments
        ? [
            {
              bound: moments,
              itemCount: groupCount * sliceCount,
              unitsPerItem: pairs / 4 + sliceLength * problem.horizon,
            },
          ]
        : []),
      ...(counts
        ? [{ bound: counts, itemCount: groupCount * wordCount, unitsPerItem: groupSize * tokensPerWord }]
        : []),
    ];
  }

  #keep(buffer: GPUBuffer): GPUBuffer {
    this.#all.push(buffer);
    return buffer;
  }

  #uniforms(batch: GroupRange): (itemFirst: number, itemCount: number) => Uint32Array<ArrayBuffer> {
    const { problem, groupSize, seed, drawId, given = 0 } = this.#job;
    const { automaton } = problem.prompts[batch.prompt];
    const [seedLow, seedHigh] = seedKey(seed);
    const offset = this.#offsets.get(automaton);
    if (!offset) throw new Error(`prompt ${batch.prompt}: its verifier was not uploaded`);
    const { slot } = this.#place(batch);
    const fields: Record<BatchField, number> = {
      vocab: problem.vocab,
      horizon: problem.horizon,
      row_count: problem.rowCount,
      guide_bits: this.#plan.guideBits,
      group_size: groupSize,
      stream_length: this.#plan.streamLength,
      stream_count: this.#plan.streamCount,
      token_bits: this.#plan.tokenBits,
      tokens_per_word: this.#plan.tokensPerWord,
      word_count: this.#plan.wordCount,
      seed_low: seedLow,
      seed_high: seedHigh,
      draw_id: drawId,
      prompt: batch.prompt,
      first_group_low: batch.firstGroup % 2 ** 32,
      first_group_high: Math.floor(batch.firstGroup / 2 ** 32),
      group_count: batch.groupCount,
      item_first: 0,
      item_count: 0,
      row_first: batch.prompt * problem.rowCount,
      node_first: this.#nodes[batch.prompt].first,
      node_count: this.#nodes[batch.prompt].count,
      given: given === 'each' ? EACH_IN_TURN : given,
      next_first: offset.next,
      state_first: offset.state,
      start_state: automaton.start,
      collision_sum: this.#collisionSums[batch.prompt],
      slice_length: this.#plan.sliceLength,
      groups_first: slot * this.#plan.groupsWords,
      second_first: (slot * this.#plan.secondWords) / 2,
      counts_first: slot * this.#plan.countsWords,
    };
    return (itemFirst, itemCount) =>
      structWords(batchSchema, { ...fields, item_first: itemFirst, item_count: itemCount });
  }

  #place(batch: GroupRange): { readonly slot: number } {
    const known = this.#unread.get(batch.prompt);
    if (known) return known;
    const placed = { slot: this.#unread.size, range: { ...batch, groupCount: 0 } };
    this.#unread.set(batch.prompt, placed);
    return placed;
  }
}

/** Without context every trajectory visits every row; with it, the first one only. */
function collisionSum(problem: Problem, { collision }: RoundedTables, prompt: number): number {
  const first = prompt * problem.rowCount;
  const last = problem.context === 'none' ? first + problem.rowCount : first + 1;
  return collision.subarray(first, last).reduce((sum, value) => sum + value, 0);
}
