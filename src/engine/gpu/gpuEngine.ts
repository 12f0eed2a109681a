/**
 * The engine: runs a job on a GPU device in paced submissions and hands over exact tallies chunk by chunk.
 *
 * It knows nothing of where it lives: a page's worker, headless Chromium and Node give it a device alike.
 */
import { describeAdapter, findAdapter, NoGpuError, openDevice } from './adapter.ts';
import { DEFAULT_ENGINE, type EngineOptions } from './engineOptions.ts';
import { Gpu } from './gpu.ts';
import { measureCeilings } from './roofline/ceilings.ts';
import { mapCounts } from './roofline/operations.ts';
import { GpuSampler } from './sampling/gpuSampler.ts';
import { runSlicedSelfTest } from './sampling/sliced/selfTest.ts';
import { kernelName } from './sampling/wholeGroups/shape.ts';
import { countsOfGroup } from './sampling/wholeGroups/wholeGroups.ts';
import { runSelfTest } from './selfTest.ts';
import { GpuTrainer } from './training/gpuTrainer.ts';
import { SLICED_SAMPLER_ID, type SamplerId } from '../../math/random/stream.ts';
import {
  addTimings,
  NO_TIMINGS,
  type Ceilings,
  type Engine,
  type EngineEnvironment,
  type EngineTimings,
  type KernelProfile,
  type SelfTestResult,
  type TimeSink,
} from '../engine.ts';
import { checkJob, type KernelFault, type SamplerEvent, type SamplingJob } from '../sampler.ts';
import type { TrainingEvent, TrainingJob } from '../training.ts';

const SHOWN_LIMITS = [
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
] as const;

export class GpuEngine implements Engine {
  readonly environment: EngineEnvironment;
  readonly #gpu: Gpu;
  readonly #sampler: GpuSampler;
  readonly #trainer: GpuTrainer;
  /** measured once, where they are asked for */
  #ceilings: Promise<Ceilings> | null = null;
  #timings: EngineTimings = NO_TIMINGS;

  constructor(gpu: Gpu, environment: EngineEnvironment, options: EngineOptions = DEFAULT_ENGINE) {
    this.#gpu = gpu;
    this.environment = environment;
    const isSoftware = environment.software === true;
    const addTime: TimeSink = (part) => {
      this.#timings = addTimings(this.#timings, { ...NO_TIMINGS, ...part });
    };
    this.#sampler = new GpuSampler(gpu, isSoftware, options, addTime);
    this.#trainer = new GpuTrainer(gpu, isSoftware, options, addTime);
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

  sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    return this.#sampler.sample(job);
  }

  async profile(job: SamplingJob): Promise<KernelProfile | null> {
    checkJob(job);
    const shape = this.#sampler.wholeShape(job)?.shape;
    if (!shape) return null;
    this.#ceilings ??= measureCeilings(this.#gpu, this.environment.software === true);
    const groupTokens = job.groupSize * job.problem.horizon;
    const perToken = mapCounts(countsOfGroup(shape), (count) => count / groupTokens);
    return { kernel: kernelName(shape), perToken, ceilings: await this.#ceilings };
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
}
