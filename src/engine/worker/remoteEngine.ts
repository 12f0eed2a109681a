/**
 * An `Engine` on the near side of an `EngineHost`: through Comlink in the page, through a driven browser in Node.
 */
import type { SamplerId } from '../../math/random/stream.ts';
import { DeviceLostError, NoGpuError } from '../gpu/adapter.ts';
import { InputError } from '../../input/inputError.ts';
import {
  NO_TIMINGS,
  type Engine,
  type EngineEnvironment,
  type EngineTimings,
  type KernelProfile,
  type SelfTestResult,
} from '../engine.ts';
import type { KernelFault, SamplerEvent, SamplingJob } from '../sampler.ts';
import type { Answer } from './answer.ts';
import type { TrainingEvent, TrainingJob } from '../training.ts';
import {
  decodeEvent,
  encodeJob,
  encodeTrainingJob,
  type WireEvent,
  type WireJob,
  type WireTrainingJob,
} from './wire.ts';

/** The far side, however it is reached. Calls reject only when the way to it is gone. */
export interface EngineLink {
  selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<Answer<SelfTestResult>>;
  start(job: WireJob): Promise<Answer<null>>;
  profile(job: WireJob): Promise<Answer<KernelProfile | null>>;
  startTraining(job: WireTrainingJob): Promise<Answer<null>>;
  next(): Promise<Answer<WireEvent>>;
  stop(): Promise<Answer<null>>;
  timings(): Promise<Answer<EngineTimings>>;
  /** of all processes on the far side; absent where that is not to be known */
  cpuSeconds?(): number | null;
  close(): Promise<void>;
}

export class RemoteEngine implements Engine {
  readonly environment: EngineEnvironment;
  readonly #link: EngineLink;
  #timings: EngineTimings = NO_TIMINGS;

  constructor(link: EngineLink, environment: EngineEnvironment) {
    this.#link = link;
    this.environment = environment;
  }

  async selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<SelfTestResult> {
    return open(await this.#link.selfTest(fault, sampler));
  }

  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    open(await this.#link.start(encodeJob(job)));
    for await (const event of this.#events()) {
      if (event.kind !== 'segment') yield event;
    }
  }

  async profile(job: SamplingJob): Promise<KernelProfile | null> {
    return open(await this.#link.profile(encodeJob(job)));
  }

  async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    open(await this.#link.startTraining(encodeTrainingJob(job)));
    for await (const event of this.#events()) {
      if (event.kind !== 'chunks') yield event;
    }
  }

  timings(): EngineTimings {
    return this.#timings;
  }

  cpuSeconds(): number | null {
    return this.#link.cpuSeconds?.() ?? null;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  /** Of the job that was started, until it is done. */
  async *#events(): AsyncGenerator<SamplerEvent | TrainingEvent, void, void> {
    let finished = false;
    try {
      for (;;) {
        const event = open(await this.#link.next());
        if (event.kind === 'done') break;
        yield decodeEvent(event);
      }
      finished = true;
      this.#timings = open(await this.#link.timings());
    } finally {
      // A link that is gone cannot be told to stop, and need not be.
      if (!finished) await this.#link.stop().catch(() => undefined);
    }
  }
}

/** The value of an answer, or its error as the class it had. */
export function open<Value>(answer: Answer<Value>): Value {
  if ('value' in answer) return answer.value;
  const { name, message } = answer.error;
  if (name === 'InputError') throw new RemoteInputError(message);
  if (name === 'NoGpuError') throw new NoGpuError(message);
  if (name === 'DeviceLostError') throw new DeviceLostError(message);
  throw new Error(message);
}

/** An InputError whose sentence is already whole. */
class RemoteInputError extends InputError {
  constructor(sentence: string) {
    super('', '', '');
    this.message = sentence;
  }
}
