/**
 * Sampling on a GPU device, in paced submissions: by the sliced kernels, by one of whole groups, or by the separate ones, compiled once
 * and kept.
 */
import type { EngineOptions } from '../engineOptions.ts';
import type { Gpu, Kernel } from '../gpu.ts';
import { Pacer } from '../pacer.ts';
import { SLICED_SAMPLER_ID } from '../../../math/random/stream.ts';
import type { TimeSink } from '../../engine.ts';
import { checkJob, kernelFault, samplerId, type SamplerEvent, type SamplingJob } from '../../sampler.ts';
import { secondMomentBound } from '../../tally.ts';
import { PromptCounters } from './counters.ts';
import { drawnRows, type DrawnRows } from './drawnRows.ts';
import type { JobRunner } from './jobRunner.ts';
import { planJob, type JobPlan } from './plan.ts';
import { sampleSpec } from './sample.ts';
import { SeparateKernels, type Kernels } from './separateKernels.ts';
import { Sliced, slicedKernels } from './sliced/sliced.ts';
import { submitJob } from './submissions.ts';
import { tallyCountsSpec } from './tallyCounts.ts';
import { tallyGroupsSpec } from './tallyGroups.ts';
import { tallyMomentsSpec } from './tallyMoments.ts';
import { leastTokens, tokensOf, wholeGroupShape, type AdapterKind } from './wholeGroups/plan.ts';
import type { WholeGroupShape } from './wholeGroups/shape.ts';
import { searchTables, type SearchTables } from './wholeGroups/tables.ts';
import { WholeGroups, wholeGroupSpec } from './wholeGroups/wholeGroups.ts';

export class GpuSampler {
  readonly #gpu: Gpu;
  readonly #options: EngineOptions;
  readonly #adapter: AdapterKind;
  readonly #addTime: TimeSink;
  readonly #separate = new Map<string, Promise<Kernels>>();
  readonly #whole = new Map<string, Promise<Kernel>>();
  /** by their text */
  readonly #sliced = new Map<string, Promise<Kernel>>();
  /** shapes and faults that a kernel of whole groups was compiled for, before their tables were looked at */
  readonly #planned = new Set<string>();
  /** by kernel and level: they differ in speed */
  readonly #pacers = new Map<string, Pacer>();

  constructor(gpu: Gpu, isSoftware: boolean, options: EngineOptions, addTime: TimeSink) {
    this.#gpu = gpu;
    this.#options = options;
    this.#adapter = { isSoftware, workgroupSize: options.workgroupSize };
    this.#addTime = addTime;
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

  async *#run<Piece>(
    job: SamplingJob,
    plan: JobPlan,
    runner: JobRunner<Piece>,
  ): AsyncGenerator<SamplerEvent, void, void> {
    const key = `${runner.name} ${job.level}`;
    const pacer = this.#pacers.get(key) ?? new Pacer(this.#options.submitMs);
    this.#pacers.set(key, pacer);
    try {
      const submitter = { gpu: this.#gpu, options: this.#options, pacer, addTime: this.#addTime };
      yield* submitJob(submitter, job, plan, runner);
    } finally {
      runner.destroy();
    }
  }

  /** The kernel of whole groups for a job, with its tables; null where the separate kernels must do, or are as good. */
  wholeShape(
    job: SamplingJob,
    drawn: DrawnRows = drawnRows(job),
  ): { readonly shape: WholeGroupShape; readonly search: SearchTables } | null {
    const { kernels } = this.#options;
    const adapter = this.#adapter;
    const planned = kernels === 'separate' ? null : wholeGroupShape(job, drawn.rowCount, adapter);
    if (planned === null) return null;
    const key = JSON.stringify([planned, kernelFault(job.fault)]);
    const isRepaid = this.#planned.has(key) || tokensOf(job) >= leastTokens(job, adapter.isSoftware);
    if (kernels === 'auto' && !isRepaid) return null;
    this.#planned.add(key);
    const search = searchTables(drawn, planned.vocab, planned.search, planned.guideBits);
    const { hasCrowdedBuckets, hasSpareTokens } = search;
    return { shape: { ...planned, hasCrowdedBuckets, hasSpareTokens }, search };
  }

  async #slicedGroups(job: SamplingJob, plan: JobPlan, counters: PromptCounters): Promise<Sliced> {
    const { isSoftware, workgroupSize } = this.#adapter;
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
    const whole = this.wholeShape(job, drawn);
    if (whole === null) return null;
    const { shape, search } = whole;
    const { workgroupSize } = this.#options;
    const fault = kernelFault(job.fault);
    const adapter = this.#adapter;
    const kernel = await this.#compiled(this.#whole, JSON.stringify([shape, fault]), () =>
      this.#gpu.compile(wholeGroupSpec(shape, workgroupSize, fault)),
    );
    return this.#uploaded(
      () => new WholeGroups(this.#gpu, kernel, job, { drawn, search, plan, shape, counters, adapter }),
    );
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
      this.#addTime({ compileMs: performance.now() - start });
      return value;
    });
    cache.set(key, compiled);
    return compiled;
  }

  #uploaded<Value>(upload: () => Value): Value {
    const start = performance.now();
    const value = upload();
    this.#addTime({ uploadMs: performance.now() - start });
    return value;
  }
}
