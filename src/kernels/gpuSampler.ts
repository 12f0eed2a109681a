/**
 * The engine: runs a job on a GPU device in paced submissions and hands over exact tallies chunk by chunk.
 *
 * It knows nothing of where it lives: a page's worker, headless Chromium and Node give it a device alike.
 */
import { describeAdapter, findAdapter, NoGpuError, openDevice } from '../gpu/adapter.ts';
import { Gpu, MAX_DISPATCHES_PER_SUBMIT, type BoundKernel, type Dispatch, type Kernel } from '../gpu/gpu.ts';
import { structWords } from '../gpu/layout.ts';
import { Pacer } from '../gpu/pacer.ts';
import type { Problem } from '../math/problem.ts';
import { seedKey } from '../random/stream.ts';
import { batchSchema, type BatchField } from './batch.ts';
import { joinAutomata, planJob, type JobPlan } from './plan.ts';
import { policyTables, type PolicyTables } from './policyTables.ts';
import { sampleSpec } from './sample.ts';
import {
  checkJob,
  NO_TIMINGS,
  type Chunk,
  type Fault,
  type GroupRange,
  type Sampler,
  type SamplerEnvironment,
  type SamplerEvent,
  type SamplerTimings,
  type SamplingJob,
  type SelfTestResult,
} from './sampler.ts';
import { runSelfTest } from './selfTest.ts';
import type { Level, PromptTally } from './tally.ts';
import { tallyCountsSpec } from './tallyCounts.ts';
import { tallyGroupsSpec } from './tallyGroups.ts';
import { tallyMomentsSpec } from './tallyMoments.ts';

/** How work is cut up. Tallies do not depend on it; tests vary it to prove that. */
export interface EngineOptions {
  readonly workgroupSize: number;
  /** aim of one submission */
  readonly submitMs: number;
  /** work between two readbacks, which is what a failure can cost */
  readonly chunkMs: number;
  /** overrides the plan's */
  readonly maxBatchGroups: number;
}

export const DEFAULT_ENGINE: EngineOptions = {
  workgroupSize: 64,
  submitMs: 50,
  chunkMs: 1000,
  maxBatchGroups: Infinity,
};

/** Share of the time that handing tallies over may take, as long as a chunk stays below MAX_CHUNK_MS. */
const MAX_HAND_OVER_SHARE = 0.04;
/** From a page to Node by way of base64 and JSON, measured on two cores that sample meanwhile. */
const HAND_OVER_BYTES_PER_MS = 30_000;
const MAX_CHUNK_MS = 5_000;
/** Guaranteed by every adapter. */
const MAX_WORKGROUPS = 65535;
const SHOWN_LIMITS = [
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
] as const;

/** The pipelines of one (context, level, fault). */
interface Kernels {
  readonly sample: Kernel;
  readonly groups: Kernel;
  readonly moments: Kernel | null;
  readonly counts: Kernel | null;
}

export class GpuSampler implements Sampler {
  readonly environment: SamplerEnvironment;
  readonly #gpu: Gpu;
  readonly #options: EngineOptions;
  readonly #kernels = new Map<string, Promise<Kernels>>();
  readonly #pacer: Pacer;
  #timings: SamplerTimings = NO_TIMINGS;

  constructor(gpu: Gpu, environment: SamplerEnvironment, options: EngineOptions = DEFAULT_ENGINE) {
    this.#gpu = gpu;
    this.environment = environment;
    this.#options = options;
    this.#pacer = new Pacer(options.submitMs);
  }

  /**
   * @param runtime the host's name and version, for reports
   * @param flags how the host was started, where that matters
   * @throws NoGpuError
   */
  static async open(
    api: GPU | undefined,
    runtime: string,
    flags: readonly string[] = [],
    options: Partial<EngineOptions> = {},
  ): Promise<GpuSampler> {
    const adapter = await findAdapter(api);
    const { name, software } = describeAdapter(adapter);
    let device: GPUDevice;
    try {
      device = await openDevice(adapter);
    } catch (error) {
      throw new NoGpuError(`${name}: no device: ${error instanceof Error ? error.message : String(error)}`);
    }
    const environment: SamplerEnvironment = {
      engine: 'gpu',
      runtime,
      adapter: name,
      software,
      limits: Object.fromEntries(SHOWN_LIMITS.map((limit) => [limit, device.limits[limit]])),
      features: [...device.features].sort(),
      flags,
    };
    return new GpuSampler(new Gpu(device), environment, { ...DEFAULT_ENGINE, ...options });
  }

  selfTest(fault?: Fault): Promise<SelfTestResult> {
    return runSelfTest(this.#gpu, fault);
  }

  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    checkJob(job);
    const plan = planJob(job, this.#gpu.limits);
    yield { kind: 'compiling' };
    const kernels = await this.#compile(job.problem.context, job.level, job.fault);
    const uploadStart = performance.now();
    const buffers = new JobBuffers(this.#gpu, kernels, job, {
      ...plan,
      maxBatchGroups: Math.min(plan.maxBatchGroups, this.#options.maxBatchGroups),
    });
    this.#add({ uploadMs: performance.now() - uploadStart });
    try {
      yield* this.#work(job, plan, buffers);
    } finally {
      buffers.destroy();
    }
  }

  timings(): SamplerTimings {
    return this.#timings;
  }

  close(): Promise<void> {
    this.#gpu.destroy();
    return Promise.resolve();
  }

  /** Batches in turn; each is a few dispatches, packed into submissions of the pacer's size. */
  async *#work(
    job: SamplingJob,
    plan: JobPlan,
    buffers: JobBuffers,
  ): AsyncGenerator<SamplerEvent, void, void> {
    const tokensPerGroup = job.groupSize * job.problem.horizon;
    let pending: Dispatch[] = [];
    let pendingUnits = 0;
    let pendingTokens = 0;
    let tokenCount = 0;
    let isFirst = true;
    let chunkStart = performance.now();
    let chunkMs = this.#options.chunkMs;

    const flush = async (): Promise<void> => {
      if (pending.length === 0) return;
      const durationMs = await this.#gpu.run(pending);
      this.#pacer.learn(pendingUnits, durationMs);
      if (isFirst) this.#add({ firstRunMs: durationMs });
      else this.#add({ steadyMs: durationMs, steadyTokenCount: pendingTokens });
      isFirst = false;
      tokenCount += pendingTokens;
      pending = [];
      pendingUnits = 0;
      pendingTokens = 0;
    };
    const drain = async (): Promise<Chunk[]> => {
      await flush();
      const start = performance.now();
      const chunks = await buffers.drain();
      const durationMs = performance.now() - start;
      this.#add({ readbackMs: durationMs });
      chunkStart = performance.now();
      // Large tallies are handed over more rarely: that must not become the work.
      const handOverMs = durationMs + (chunks.length * buffers.bytesPerPrompt) / HAND_OVER_BYTES_PER_MS;
      chunkMs = Math.min(Math.max(this.#options.chunkMs, handOverMs / MAX_HAND_OVER_SHARE), MAX_CHUNK_MS);
      return chunks;
    };

    for (const range of job.ranges) {
      let done = 0;
      while (done < range.groupCount) {
        if (!buffers.accepts(range.prompt, range.firstGroup + done, plan.maxChunkGroups)) {
          yield { kind: 'chunks', chunks: await drain() };
        }
        const room = buffers.roomFor(range.prompt, plan.maxChunkGroups);
        const wanted = Math.floor((this.#pacer.units - pendingUnits) / buffers.unitsPerGroup);
        const groupCount = Math.max(
          1,
          Math.min(wanted, room, range.groupCount - done, buffers.maxBatchGroups),
        );
        const batch = { prompt: range.prompt, firstGroup: range.firstGroup + done, groupCount };
        for (const pass of buffers.passes(batch)) {
          let itemFirst = 0;
          while (itemFirst < pass.itemCount) {
            if (pendingUnits >= this.#pacer.units || pending.length === MAX_DISPATCHES_PER_SUBMIT) {
              await flush();
              yield { kind: 'progress', tokenCount };
            }
            const affordable = Math.ceil((this.#pacer.units - pendingUnits) / pass.unitsPerItem);
            const itemCount = Math.min(
              pass.itemCount - itemFirst,
              Math.max(1, affordable),
              MAX_WORKGROUPS * this.#options.workgroupSize,
            );
            pending.push({
              bound: pass.bound,
              uniforms: pass.uniforms(itemFirst, itemCount),
              workgroupCount: Math.ceil(itemCount / this.#options.workgroupSize),
            });
            pendingUnits += itemCount * pass.unitsPerItem;
            itemFirst += itemCount;
          }
        }
        buffers.markDone(batch);
        pendingTokens += groupCount * tokensPerGroup;
        done += groupCount;
        if (performance.now() - chunkStart > chunkMs) {
          yield { kind: 'chunks', chunks: await drain() };
          yield { kind: 'progress', tokenCount };
        }
      }
    }
    yield { kind: 'chunks', chunks: await drain() };
    yield { kind: 'progress', tokenCount };
  }

  #compile(context: Problem['context'], level: Level, fault: Fault | undefined): Promise<Kernels> {
    const key = `${context} ${level} ${fault ?? ''}`;
    const known = this.#kernels.get(key);
    if (known) return known;
    const { workgroupSize } = this.#options;
    const start = performance.now();
    const compiled = Promise.all([
      this.#gpu.compile(sampleSpec(workgroupSize, context, level, fault)),
      this.#gpu.compile(tallyGroupsSpec(workgroupSize)),
      level === 'groups' ? null : this.#gpu.compile(tallyMomentsSpec(workgroupSize, context)),
      level === 'full' ? this.#gpu.compile(tallyCountsSpec(workgroupSize, context)) : null,
    ]).then(([sample, groups, moments, counts]) => {
      this.#add({ compileMs: performance.now() - start });
      return { sample, groups, moments, counts };
    });
    this.#kernels.set(key, compiled);
    return compiled;
  }

  #add(part: Partial<SamplerTimings>): void {
    const sum = { ...this.#timings };
    for (const key of Object.keys(part) as (keyof SamplerTimings)[]) sum[key] += part[key] ?? 0;
    this.#timings = sum;
  }
}

/** One kernel over the items of a batch. */
interface Pass {
  readonly bound: BoundKernel;
  readonly itemCount: number;
  /** expected cost of an item, in tokens sampled */
  readonly unitsPerItem: number;
  readonly uniforms: (itemFirst: number, itemCount: number) => Uint32Array<ArrayBuffer>;
}

/** Buffers of one job, and which groups their counters hold. */
class JobBuffers {
  readonly maxBatchGroups: number;
  readonly unitsPerGroup: number;
  /** counters of one prompt */
  readonly bytesPerPrompt: number;
  readonly #gpu: Gpu;
  readonly #job: SamplingJob;
  readonly #plan: JobPlan;
  readonly #all: GPUBuffer[] = [];
  readonly #offsets: ReturnType<typeof joinAutomata>['offsets'];
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

  constructor(gpu: Gpu, kernels: Kernels, job: SamplingJob, plan: JobPlan) {
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

    const tables = policyTables(problem, level);
    const automata = joinAutomata(problem.prompts.map((prompt) => prompt.automaton));
    this.#offsets = automata.offsets;
    const thresholds = upload('thresholds', tables.thresholds);
    const guide = upload('guide', tables.guide);
    const next = upload('next', automata.next);
    const accepting = upload('accepting', automata.accepting);
    const tokenMass = upload('tokenMass', tables.tokenMass);
    const collision = upload('collision', tables.collision);

    this.#collisionSums = problem.prompts.map((_, prompt) => collisionSum(problem, tables, prompt));

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
      sample: gpu.bind(kernels.sample, [thresholds, guide, next, accepting], [outcomes, tokens]),
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
    const { problem, groupSize, seed, experiment } = this.#job;
    const { automaton } = problem.prompts[batch.prompt];
    const [seedLow, seedHigh] = seedKey(seed);
    const offset = this.#offsets.get(automaton) ?? { next: 0, state: 0 };
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
      experiment,
      prompt: batch.prompt,
      first_group_low: batch.firstGroup % 2 ** 32,
      first_group_high: Math.floor(batch.firstGroup / 2 ** 32),
      group_count: batch.groupCount,
      item_first: 0,
      item_count: 0,
      row_first: batch.prompt * problem.rowCount,
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
function collisionSum(problem: Problem, tables: PolicyTables, prompt: number): number {
  const first = prompt * problem.rowCount;
  const last = problem.context === 'none' ? first + problem.rowCount : first + 1;
  return tables.collision.subarray(first, last).reduce((sum, value) => sum + value, 0);
}
