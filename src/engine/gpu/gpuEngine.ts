/**
 * The engine: runs a job on a GPU device in paced submissions and hands over exact tallies chunk by chunk.
 *
 * It knows nothing of where it lives: a page's worker, headless Chromium and Node give it a device alike.
 */
import { describeAdapter, findAdapter, NoGpuError, openDevice } from './adapter.ts';
import { Gpu, type Kernel } from './gpu.ts';
import { Pacer } from './pacer.ts';
import { GpuTrainer } from './training/gpuTrainer.ts';
import { SLICED_SAMPLER_ID, type SamplerId } from '../../math/random/stream.ts';
import { PromptCounters } from './sampling/counters.ts';
import { drawnRows, type DrawnRows } from './sampling/drawnRows.ts';
import type { JobRunner } from './sampling/jobRunner.ts';
import { SeparateKernels, type Kernels } from './sampling/separateKernels.ts';
import { runSlicedSelfTest } from './sampling/sliced/selfTest.ts';
import { Sliced, slicedKernels } from './sampling/sliced/sliced.ts';
import {
  leastTokens,
  tokensOf,
  wholeGroupShape,
  type AdapterKind,
  type KernelChoice,
} from './sampling/wholeGroups/plan.ts';
import { mapCounts } from './roofline/operations.ts';
import { measureCeilings } from './roofline/ceilings.ts';
import { kernelName, type WholeGroupShape } from './sampling/wholeGroups/shape.ts';
import { searchTables, type SearchTables } from './sampling/wholeGroups/tables.ts';
import { countsOfGroup, WholeGroups, wholeGroupSpec } from './sampling/wholeGroups/wholeGroups.ts';
import { planJob, type JobPlan } from './sampling/plan.ts';
import { sampleSpec } from './sampling/sample.ts';
import {
  addTimings,
  NO_TIMINGS,
  type Engine,
  type EngineEnvironment,
  type Ceilings,
  type EngineTimings,
  type KernelProfile,
  type SelfTestResult,
} from '../engine.ts';
import {
  checkJob,
  kernelFault,
  samplerId,
  type Chunk,
  type KernelFault,
  type SamplerEvent,
  type SamplingJob,
} from '../sampler.ts';
import { runSelfTest } from './selfTest.ts';
import { secondMomentBound } from '../tally.ts';
import { tallyCountsSpec } from './sampling/tallyCounts.ts';
import { tallyGroupsSpec } from './sampling/tallyGroups.ts';
import { tallyMomentsSpec } from './sampling/tallyMoments.ts';
import type { TrainingEvent, TrainingJob } from '../training.ts';
import type { TrainingKernel } from './training/generatedKernel.ts';

/** How work is cut up. Tallies do not depend on it; tests vary it to prove that. */
export interface EngineOptions {
  readonly workgroupSize: number;
  /** aim of one submission */
  readonly submitMs: number;
  /** work between two readbacks, which is what a failure can cost */
  readonly chunkMs: number;
  /** overrides the plan's */
  readonly maxBatchGroups: number;
  /** whether whole groups go through one kernel, written for their shape */
  readonly kernels: KernelChoice;
  /** which kernel trains */
  readonly trainingKernel: TrainingKernel;
}

export const DEFAULT_ENGINE: EngineOptions = {
  workgroupSize: 64,
  submitMs: 50,
  chunkMs: 1000,
  maxBatchGroups: Infinity,
  kernels: 'auto',
  trainingKernel: 'auto',
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

export class GpuEngine implements Engine {
  readonly environment: EngineEnvironment;
  readonly #gpu: Gpu;
  readonly #options: EngineOptions;
  readonly #separate = new Map<string, Promise<Kernels>>();
  readonly #whole = new Map<string, Promise<Kernel>>();
  /** by their text */
  readonly #sliced = new Map<string, Promise<Kernel>>();
  /** shapes and faults that a kernel of whole groups was compiled for, before their tables were looked at */
  readonly #planned = new Set<string>();
  /** by kernel and level: they differ in speed */
  readonly #pacers = new Map<string, Pacer>();
  readonly #trainer: GpuTrainer;
  /** measured once, where they are asked for */
  #ceilings: Promise<Ceilings> | null = null;
  #timings: EngineTimings = NO_TIMINGS;

  constructor(gpu: Gpu, environment: EngineEnvironment, options: EngineOptions = DEFAULT_ENGINE) {
    this.#gpu = gpu;
    this.environment = environment;
    this.#options = options;
    this.#trainer = new GpuTrainer(gpu, environment.software === true, options, (part) => this.#add(part));
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
  ): Promise<GpuEngine> {
    const adapter = await findAdapter(api);
    const { name, software, hasLaneShifts } = describeAdapter(adapter);
    let device: GPUDevice;
    try {
      device = await openDevice(adapter);
    } catch (error) {
      throw new NoGpuError(`${name}: no device: ${error instanceof Error ? error.message : String(error)}`);
    }
    const environment: EngineEnvironment = {
      engine: 'gpu',
      runtime,
      adapter: name,
      software,
      limits: Object.fromEntries(SHOWN_LIMITS.map((limit) => [limit, device.limits[limit]])),
      features: [...device.features].sort(),
      flags,
    };
    return new GpuEngine(new Gpu(device, hasLaneShifts), environment, { ...DEFAULT_ENGINE, ...options });
  }

  selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<SelfTestResult> {
    return sampler === SLICED_SAMPLER_ID
      ? runSlicedSelfTest(this.#gpu, fault)
      : runSelfTest(this.#gpu, fault);
  }

  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    checkJob(job);
    const drawn = drawnRows(job);
    const plan = planJob(job, this.#gpu.limits, drawn.rowCount);
    yield { kind: 'compiling' };
    const counters = new PromptCounters(this.#gpu, plan);
    try {
      if (samplerId(job) === SLICED_SAMPLER_ID) {
        yield* this.#run(job, plan, await this.#slicedGroups(job, plan, counters));
        return;
      }
      const whole = await this.#wholeGroups(job, drawn, plan, counters);
      if (whole) yield* this.#run(job, plan, whole);
      else yield* this.#run(job, plan, await this.#separateKernels(job, drawn, plan, counters));
    } finally {
      counters.destroy();
    }
  }

  async profile(job: SamplingJob): Promise<KernelProfile | null> {
    checkJob(job);
    const drawn = drawnRows(job);
    const whole = this.#wholeShape(job, drawn);
    if (whole === null) return null;
    this.#ceilings ??= measureCeilings(this.#gpu, this.environment.software === true);
    const groupTokens = job.groupSize * job.problem.horizon;
    const perToken = mapCounts(countsOfGroup(whole.shape), (count) => count / groupTokens);
    return { kernel: kernelName(whole.shape), perToken, ceilings: await this.#ceilings };
  }

  train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    return this.#trainer.train(job);
  }

  timings(): EngineTimings {
    return this.#timings;
  }

  close(): Promise<void> {
    this.#gpu.destroy();
    return Promise.resolve();
  }

  async *#run<Piece>(
    job: SamplingJob,
    plan: JobPlan,
    runner: JobRunner<Piece>,
  ): AsyncGenerator<SamplerEvent, void, void> {
    try {
      yield* this.#work(job, plan, runner);
    } finally {
      runner.destroy();
    }
  }

  /** Batches in turn; each is a few dispatches, packed into submissions of the pacer's size. */
  async *#work<Piece>(
    job: SamplingJob,
    plan: JobPlan,
    runner: JobRunner<Piece>,
  ): AsyncGenerator<SamplerEvent, void, void> {
    const tokensPerGroup = job.groupSize * job.problem.horizon;
    const { counters } = runner;
    const pacer = this.#pacer(`${runner.name} ${job.level}`);
    const budget = (): number => Math.min(pacer.units, runner.maxUnits);
    const maxBatchGroups = Math.min(runner.maxBatchGroups, this.#options.maxBatchGroups);
    let pending: Piece[] = [];
    let pendingUnits = 0;
    let pendingTokens = 0;
    let tokenCount = 0;
    let isFirst = true;
    let chunkStart = performance.now();
    let chunkMs = this.#options.chunkMs;

    const flush = async (): Promise<void> => {
      if (pending.length === 0) return;
      const durationMs = await this.#gpu.run(runner.dispatches(pending));
      pacer.learn(pendingUnits, durationMs);
      if (isFirst) this.#add({ firstRunMs: durationMs });
      else this.#add({ steadyMs: durationMs, steadyTokenCount: pendingTokens });
      this.#add({ submissions: 1, kernels: { [runner.name]: pendingTokens } });
      isFirst = false;
      tokenCount += pendingTokens;
      pending = [];
      pendingUnits = 0;
      pendingTokens = 0;
    };
    const drain = async (): Promise<Chunk[]> => {
      await flush();
      const start = performance.now();
      const chunks = await counters.drain();
      const durationMs = performance.now() - start;
      this.#add({ readbackMs: durationMs });
      chunkStart = performance.now();
      // Large tallies are handed over more rarely: that must not become the work.
      const handOverMs = durationMs + (chunks.length * counters.bytesPerPrompt) / HAND_OVER_BYTES_PER_MS;
      chunkMs = Math.min(Math.max(this.#options.chunkMs, handOverMs / MAX_HAND_OVER_SHARE), MAX_CHUNK_MS);
      return chunks;
    };

    for (const range of job.ranges) {
      // A chunk holds groups of one range only.
      if (counters.holds(range.prompt)) yield { kind: 'chunks', chunks: await drain() };
      let done = 0;
      while (done < range.groupCount) {
        if (!counters.accepts(range.prompt, range.firstGroup + done, plan.maxChunkGroups)) {
          yield { kind: 'chunks', chunks: await drain() };
        }
        // What is left of a submission's budget must hold a group, or batches of one would trail every submission.
        if (pending.length > 0 && pendingUnits + runner.unitsPerGroup > budget()) {
          await flush();
          yield { kind: 'progress', tokenCount };
        }
        const room = counters.roomFor(range.prompt, plan.maxChunkGroups);
        const wanted = Math.floor((budget() - pendingUnits) / runner.unitsPerGroup);
        const groupCount = Math.max(1, Math.min(wanted, room, range.groupCount - done, maxBatchGroups));
        const batch = { prompt: range.prompt, firstGroup: range.firstGroup + done, groupCount };
        for (const pass of runner.passes(batch)) {
          let itemFirst = 0;
          while (itemFirst < pass.itemCount) {
            if (pendingUnits >= budget() || pending.length === runner.maxPieces) {
              await flush();
              yield { kind: 'progress', tokenCount };
            }
            const affordable = Math.ceil((budget() - pendingUnits) / pass.unitsPerItem);
            const itemCount = Math.min(
              pass.itemCount - itemFirst,
              Math.max(1, affordable),
              MAX_WORKGROUPS * this.#options.workgroupSize,
            );
            pending.push(pass.piece(itemFirst, itemCount));
            pendingUnits += itemCount * pass.unitsPerItem;
            itemFirst += itemCount;
          }
        }
        counters.markDone(batch);
        pendingTokens += groupCount * tokensPerGroup;
        done += groupCount;
        if (performance.now() - chunkStart > chunkMs) {
          yield { kind: 'chunks', chunks: await drain() };
          yield { kind: 'progress', tokenCount };
        }
      }
    }
    yield { kind: 'chunks', chunks: await drain() };
    this.#add({ gpuMs: await this.#gpu.gpuTime() });
    yield { kind: 'progress', tokenCount };
  }

  async #slicedGroups(job: SamplingJob, plan: JobPlan, counters: PromptCounters): Promise<Sliced> {
    const { workgroupSize } = this.#options;
    const isSoftware = this.environment.software === true;
    const kernels = await slicedKernels(job, workgroupSize, (key, spec) =>
      this.#compiled(this.#sliced, key, () => this.#gpu.compile(spec)),
    );
    return new Sliced(this.#gpu, job, { kernels, plan, counters, workgroupSize, isSoftware });
  }

  /** @returns null where the separate kernels must do, or are as good */
  async #wholeGroups(
    job: SamplingJob,
    drawn: DrawnRows,
    plan: JobPlan,
    counters: PromptCounters,
  ): Promise<WholeGroups | null> {
    const whole = this.#wholeShape(job, drawn);
    if (whole === null) return null;
    const { shape, search } = whole;
    const { workgroupSize } = this.#options;
    const fault = kernelFault(job.fault);
    const adapter = this.#adapterKind();
    const kernel = await this.#compiled(this.#whole, JSON.stringify([shape, fault]), () =>
      this.#gpu.compile(wholeGroupSpec(shape, workgroupSize, fault)),
    );
    return this.#uploaded(
      () => new WholeGroups(this.#gpu, kernel, job, { drawn, search, plan, shape, counters, adapter }),
    );
  }

  #adapterKind(): AdapterKind {
    return {
      isSoftware: this.environment.software === true,
      workgroupSize: this.#options.workgroupSize,
    };
  }

  /** The kernel of whole groups for a job, with its tables; null where the separate kernels must do, or are as good. */
  #wholeShape(
    job: SamplingJob,
    drawn: DrawnRows,
  ): { readonly shape: WholeGroupShape; readonly search: SearchTables } | null {
    const { kernels } = this.#options;
    const adapter = this.#adapterKind();
    const planned = kernels === 'separate' ? null : wholeGroupShape(job, drawn.rowCount, adapter);
    if (planned === null) return null;
    const key = JSON.stringify([planned, kernelFault(job.fault)]);
    const isRepaid = this.#planned.has(key) || tokensOf(job) >= leastTokens(adapter.isSoftware);
    if (kernels === 'auto' && !isRepaid) return null;
    this.#planned.add(key);
    const search = searchTables(drawn, planned.vocab, planned.search, planned.guideBits);
    const { hasCrowdedBuckets, hasSpareTokens } = search;
    return { shape: { ...planned, hasCrowdedBuckets, hasSpareTokens }, search };
  }

  async #separateKernels(
    job: SamplingJob,
    drawn: DrawnRows,
    plan: JobPlan,
    counters: PromptCounters,
  ): Promise<SeparateKernels> {
    const { problem, level, groupSize } = job;
    const { context, horizon } = problem;
    const { workgroupSize, maxBatchGroups } = this.#options;
    const isByClass = job.given !== undefined;
    const isNarrow = secondMomentBound(groupSize, horizon) < 2 ** 31;
    const fault = kernelFault(job.fault);
    const key = `${context} ${level} ${isNarrow} ${isByClass} ${fault ?? ''}`;
    const kernels = await this.#compiled(this.#separate, key, async () => {
      const [sample, groups, moments, counts] = await Promise.all([
        this.#gpu.compile(sampleSpec(workgroupSize, context, level, isByClass, fault)),
        this.#gpu.compile(tallyGroupsSpec(workgroupSize)),
        level === 'groups' ? null : this.#gpu.compile(tallyMomentsSpec(workgroupSize, context, isNarrow)),
        level === 'full' ? this.#gpu.compile(tallyCountsSpec(workgroupSize, context)) : null,
      ]);
      return { sample, groups, moments, counts };
    });
    const own = { ...plan, maxBatchGroups: Math.min(plan.maxBatchGroups, maxBatchGroups) };
    return this.#uploaded(
      () => new SeparateKernels(this.#gpu, kernels, job, { drawn, plan: own, counters, workgroupSize }),
    );
  }

  /** What is compiled once under its key. */
  #compiled<Value>(
    cache: Map<string, Promise<Value>>,
    key: string,
    compile: () => Promise<Value>,
  ): Promise<Value> {
    const known = cache.get(key);
    if (known) return known;
    const start = performance.now();
    const compiled = compile().then((value) => {
      this.#add({ compileMs: performance.now() - start });
      return value;
    });
    cache.set(key, compiled);
    return compiled;
  }

  #uploaded<Value>(upload: () => Value): Value {
    const start = performance.now();
    const value = upload();
    this.#add({ uploadMs: performance.now() - start });
    return value;
  }

  #pacer(key: string): Pacer {
    const known = this.#pacers.get(key) ?? new Pacer(this.#options.submitMs);
    this.#pacers.set(key, known);
    return known;
  }

  #add(part: Partial<EngineTimings>): void {
    this.#timings = addTimings(this.#timings, { ...NO_TIMINGS, ...part });
  }
}
