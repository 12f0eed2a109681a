/**
 * What the engine thread offers: an engine whose events are pulled one at a time. Pulling gives the other side the
 * pace, a natural place to stop, and calls that are all short.
 */
import type { SamplerId } from '../../math/random/stream.ts';
import { DeviceLostError } from '../gpu/adapter.ts';
import { GpuEngine } from '../gpu/gpuEngine.ts';
import type { EngineOptions } from '../gpu/engineOptions.ts';
import type { EngineEnvironment, EngineTimings, KernelProfile, SelfTestResult } from '../engine.ts';
import type { KernelFault, SamplerEvent } from '../sampler.ts';
import type { TrainingEvent } from '../training.ts';
import { answer, type Answer } from './answer.ts';
import {
  decodeJob,
  decodeTrainingJob,
  encodeEvent,
  type WireEvent,
  type WireJob,
  type WireTrainingJob,
} from './wire.ts';

/** Between two reports of progress: messages between threads leave memory behind that browsers collect late. */
const PROGRESS_MS = 200;

export class EngineHost {
  #engine: GpuEngine | null = null;
  #events: AsyncGenerator<SamplerEvent | TrainingEvent, void, void> | null = null;
  /** the step after the one last handed over: the GPU works on while an event is on its way */
  #ahead: Promise<IteratorResult<SamplerEvent | TrainingEvent, void>> | null = null;
  #lastProgress = 0;

  open(options: Partial<EngineOptions> = {}): Promise<Answer<EngineEnvironment>> {
    return answer(async () => {
      await this.#engine?.close();
      this.#engine = await GpuEngine.open(navigator.gpu, browserName(), [], options);
      return this.#engine.environment;
    });
  }

  selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<Answer<SelfTestResult>> {
    return answer(() => this.#opened().selfTest(fault, sampler));
  }

  start(job: WireJob): Promise<Answer<null>> {
    return answer(async () => {
      await this.#end();
      this.#events = this.#opened().sample(decodeJob(job));
      return null;
    });
  }

  profile(job: WireJob): Promise<Answer<KernelProfile | null>> {
    return answer(() => this.#opened().profile(decodeJob(job)));
  }

  startTraining(job: WireTrainingJob): Promise<Answer<null>> {
    return answer(async () => {
      await this.#end();
      this.#events = this.#opened().train(decodeTrainingJob(job));
      return null;
    });
  }

  next(): Promise<Answer<WireEvent>> {
    return answer(async (): Promise<WireEvent> => {
      for (;;) {
        const step = await (this.#ahead ?? this.#events?.next());
        this.#ahead = null;
        if (!step || step.done) return { kind: 'done' };
        this.#ahead = this.#events?.next() ?? null;
        // A failure of the step ahead is told to whoever asks for it, not to nobody.
        this.#ahead?.catch(() => undefined);
        if (step.value.kind === 'progress') {
          const now = performance.now();
          if (now - this.#lastProgress < PROGRESS_MS) continue;
          this.#lastProgress = now;
        }
        return encodeEvent(step.value);
      }
    });
  }

  stop(): Promise<Answer<null>> {
    return answer(async () => {
      await this.#end();
      return null;
    });
  }

  timings(): Answer<EngineTimings> {
    return { value: this.#opened().timings() };
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    this.#engine = null;
  }

  async #end(): Promise<void> {
    await this.#events?.return();
    this.#events = null;
    this.#ahead = null;
  }

  #opened(): GpuEngine {
    if (!this.#engine) throw new DeviceLostError('the engine is not open');
    return this.#engine;
  }
}

/** "Chromium 156", from the user agent's own words. */
export function browserName(): string {
  const match = /(Firefox|Edg|Chrome|Version)\/(\d+)/.exec(navigator.userAgent);
  const names: Record<string, string> = { Edg: 'Edge', Version: 'Safari', Chrome: 'Chromium' };
  return match ? `${names[match[1]] ?? match[1]} ${match[2]}` : 'unknown browser';
}
