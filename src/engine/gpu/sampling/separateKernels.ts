/**
 * A job by kernels that follow each other: one samples and stores tokens, one counts groups, one adds second moments, one counts
 * tokens. They are compiled once for all shapes, and spread a long group over threads.
 */
import { MAX_DISPATCHES_PER_SUBMIT, type BoundKernel, type Dispatch, type Gpu, type Kernel } from '../gpu.ts';
import { structWords } from '../../structs.ts';
import type { Problem } from '../../../problem/problem.ts';
import { seedKey } from '../../../math/random/stream.ts';
import { batchSchema, type BatchField } from './batch.ts';
import { PromptCounters } from './counters.ts';
import type { JobRunner, Pass } from './jobRunner.ts';
import { joinAutomata, type JobPlan } from './plan.ts';
import { thresholdTables, type DrawnRows } from './drawnRows.ts';
import { roundedTables, type RoundedTables } from './roundedTables.ts';
import type { GroupRange, SamplingJob } from '../../sampler.ts';

/** As in sample.wgsl. */
const EACH_IN_TURN = 2 ** 32 - 1;

/** The pipelines of one (context, level, sampler, fault). */
export interface Kernels {
  readonly sample: Kernel;
  readonly groups: Kernel;
  readonly moments: Kernel | null;
  readonly counts: Kernel | null;
}

type Work = Omit<Pass<Dispatch>, 'piece'> & { readonly bound: BoundKernel };

export interface SeparateParts {
  readonly drawn: DrawnRows;
  readonly plan: JobPlan;
  readonly counters: PromptCounters;
  readonly workgroupSize: number;
}

export class SeparateKernels implements JobRunner<Dispatch> {
  readonly name = 'separate';
  readonly maxBatchGroups: number;
  readonly maxPieces = MAX_DISPATCHES_PER_SUBMIT;
  readonly maxUnits = Infinity;
  readonly unitsPerGroup: number;
  readonly counters: PromptCounters;
  readonly #workgroupSize: number;
  readonly #job: SamplingJob;
  readonly #plan: JobPlan;
  readonly #all: GPUBuffer[] = [];
  readonly #offsets: ReturnType<typeof joinAutomata>['offsets'];
  /** [prompts], where the nodes of its two chains are */
  readonly #nodes: DrawnRows['nodes'];
  /** [prompts], the sum of B over the rows that every trajectory visits */
  readonly #collisionSums: readonly number[];
  readonly #bound: {
    readonly sample: BoundKernel;
    readonly groups: BoundKernel;
    readonly moments: BoundKernel | null;
    readonly counts: BoundKernel | null;
  };

  constructor(
    gpu: Gpu,
    kernels: Kernels,
    job: SamplingJob,
    { drawn, plan, counters, workgroupSize }: SeparateParts,
  ) {
    this.#job = job;
    this.#plan = plan;
    this.#workgroupSize = workgroupSize;
    this.counters = counters;
    this.maxBatchGroups = plan.maxBatchGroups;
    const { problem, groupSize, level } = job;
    const storage = (name: string, wordCount: number): GPUBuffer =>
      this.#keep(gpu.storage(`SeparateKernels.${name}`, wordCount));
    const upload = (name: string, words: Uint32Array<ArrayBuffer>): GPUBuffer =>
      this.#keep(gpu.upload(`SeparateKernels.${name}`, words));

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
    const { groups, second, counts } = counters;
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

  /** The kernels of a batch, in order. */
  passes(batch: GroupRange): Pass<Dispatch>[] {
    const uniforms = this.#uniforms(batch);
    return this.#work(batch.groupCount).map(({ bound, itemCount, unitsPerItem }) => ({
      itemCount,
      unitsPerItem,
      piece: (first, count) => ({
        bound,
        uniforms: uniforms(first, count),
        workgroupCount: Math.ceil(count / this.#workgroupSize),
      }),
    }));
  }

  dispatches(pieces: readonly Dispatch[]): readonly Dispatch[] {
    return pieces;
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }

  /** What each kernel has to do for some groups. Costs are rough; the pacer corrects them. */
  #work(groupCount: number): Work[] {
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
    const { slot } = this.counters.place(batch);
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
}

/** Without context every trajectory visits every row; with it, the first one only. */
export function collisionSum(problem: Problem, { collision }: RoundedTables, prompt: number): number {
  const first = prompt * problem.rowCount;
  const last = problem.context === 'none' ? first + problem.rowCount : first + 1;
  return collision.subarray(first, last).reduce((sum, value) => sum + value, 0);
}
