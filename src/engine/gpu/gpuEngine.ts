/**
 * The engine: runs a job on a GPU device in paced submissions and hands over exact tallies chunk by chunk.
 *
 * It knows nothing of where it lives: a page's worker, headless Chromium and Node give it a device alike.
 */
import { describeAdapter, findAdapter, NoGpuError, openDevice } from './adapter.ts';
import { Gpu, MAX_DISPATCHES_PER_SUBMIT, type Dispatch } from './gpu.ts';
import { Pacer } from './pacer.ts';
import { GpuTrainer } from './training/gpuTrainer.ts';
import { JobBuffers, type Kernels } from './sampling/jobBuffers.ts';
import { drawnRows } from './sampling/drawnRows.ts';
import { planJob, type JobPlan } from './sampling/plan.ts';
import { sampleSpec } from './sampling/sample.ts';
import {
  NO_TIMINGS,
  type Engine,
  type EngineEnvironment,
  type EngineTimings,
  type SelfTestResult,
} from '../engine.ts';
import {
  checkJob,
  kernelFault,
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
import type { TrainingMemory } from './training/trainingPlan.ts';

/** How work is cut up. Tallies do not depend on it; tests vary it to prove that. */
export interface EngineOptions {
  readonly workgroupSize: number;
  /** aim of one submission */
  readonly submitMs: number;
  /** work between two readbacks, which is what a failure can cost */
  readonly chunkMs: number;
  /** overrides the plan's */
  readonly maxBatchGroups: number;
  /** where replicas are kept */
  readonly trainingMemory: TrainingMemory;
}

export const DEFAULT_ENGINE: EngineOptions = {
  workgroupSize: 64,
  submitMs: 50,
  chunkMs: 1000,
  maxBatchGroups: Infinity,
  trainingMemory: 'auto',
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
  readonly #kernels = new Map<string, Promise<Kernels>>();
  readonly #pacer: Pacer;
  readonly #trainer: GpuTrainer;
  #timings: EngineTimings = NO_TIMINGS;

  constructor(gpu: Gpu, environment: EngineEnvironment, options: EngineOptions = DEFAULT_ENGINE) {
    this.#gpu = gpu;
    this.environment = environment;
    this.#options = options;
    this.#pacer = new Pacer(options.submitMs);
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
    const { name, software } = describeAdapter(adapter);
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
    return new GpuEngine(new Gpu(device), environment, { ...DEFAULT_ENGINE, ...options });
  }

  selfTest(fault?: KernelFault): Promise<SelfTestResult> {
    return runSelfTest(this.#gpu, fault);
  }

  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    checkJob(job);
    const drawn = drawnRows(job);
    const plan = planJob(job, this.#gpu.limits, drawn.rowCount);
    yield { kind: 'compiling' };
    const isNarrow = secondMomentBound(job.groupSize, job.problem.horizon) < 2 ** 31;
    const kernels = await this.#compile(job, isNarrow);
    const uploadStart = performance.now();
    const buffers = new JobBuffers(this.#gpu, kernels, job, drawn, {
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
      // A chunk holds groups of one range only.
      if (buffers.holds(range.prompt)) yield { kind: 'chunks', chunks: await drain() };
      let done = 0;
      while (done < range.groupCount) {
        if (!buffers.accepts(range.prompt, range.firstGroup + done, plan.maxChunkGroups)) {
          yield { kind: 'chunks', chunks: await drain() };
        }
        // What is left of a submission's budget must hold a group, or batches of one would trail every submission.
        if (pending.length > 0 && pendingUnits + buffers.unitsPerGroup > this.#pacer.units) {
          await flush();
          yield { kind: 'progress', tokenCount };
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

  #compile({ problem, level, given, fault }: SamplingJob, isNarrow: boolean): Promise<Kernels> {
    const { context } = problem;
    const isByClass = given !== undefined;
    const patched = kernelFault(fault);
    const key = `${context} ${level} ${isNarrow} ${isByClass} ${patched ?? ''}`;
    const known = this.#kernels.get(key);
    if (known) return known;
    const { workgroupSize } = this.#options;
    const start = performance.now();
    const compiled = Promise.all([
      this.#gpu.compile(sampleSpec(workgroupSize, context, level, isByClass, patched)),
      this.#gpu.compile(tallyGroupsSpec(workgroupSize)),
      level === 'groups' ? null : this.#gpu.compile(tallyMomentsSpec(workgroupSize, context, isNarrow)),
      level === 'full' ? this.#gpu.compile(tallyCountsSpec(workgroupSize, context)) : null,
    ]).then(([sample, groups, moments, counts]) => {
      this.#add({ compileMs: performance.now() - start });
      return { sample, groups, moments, counts };
    });
    this.#kernels.set(key, compiled);
    return compiled;
  }

  #add(part: Partial<EngineTimings>): void {
    const sum = { ...this.#timings };
    for (const key of Object.keys(part) as (keyof EngineTimings)[]) sum[key] += part[key] ?? 0;
    this.#timings = sum;
  }
}
