/**
 * An engine that outlives its host: when the one below dies, a fresh one takes over what is not finished. Draws depend on
 * group indices alone and merging is addition, so a tally is that of an undisturbed run; training is repeated from its
 * start on the same kind of adapter, which gives the same segments.
 */
import type { SamplerId } from '../math/random/stream.ts';
import {
  addTimings,
  type Engine,
  type EngineEnvironment,
  type EngineTimings,
  type KernelProfile,
  type SelfTestResult,
} from './engine.ts';
import {
  remainingRanges,
  type KernelFault,
  type GroupRange,
  type SamplerEvent,
  type SamplingJob,
} from './sampler.ts';
import type { TrainingEvent, TrainingJob } from './training.ts';

/** Hosts that may die one after the other without finishing anything in between. */
const MAX_BARREN_FAILURES = 3;

/** The host died and fresh ones died too: exit code 4. */
export class HostLostError extends Error {
  override name = 'HostLostError';
}

/** Opens a host that may die while it opens. @throws HostLostError after as many deaths as `MAX_BARREN_FAILURES` */
async function openFirm(
  open: () => Promise<Engine>,
  isLoss: (error: unknown) => boolean,
  onLoss: (error: unknown) => void,
): Promise<Engine> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await open();
    } catch (error) {
      if (!isLoss(error)) throw error;
      if (failures >= MAX_BARREN_FAILURES) {
        const message = error instanceof Error ? error.message : String(error);
        throw new HostLostError(`lost ${failures} times while it opened: ${message}`);
      }
      onLoss(error);
    }
  }
}

export class ResilientEngine implements Engine {
  readonly #open: () => Promise<Engine>;
  readonly #isLoss: (error: unknown) => boolean;
  readonly #onLoss: (error: unknown) => void;
  #current: Engine;
  #timingsOfTheLost: EngineTimings | null = null;
  #recoveryCount = 0;
  #isClosed = false;

  private constructor(
    first: Engine,
    open: () => Promise<Engine>,
    isLoss: (error: unknown) => boolean,
    onLoss: (error: unknown) => void,
  ) {
    this.#current = first;
    this.#open = open;
    this.#isLoss = isLoss;
    this.#onLoss = onLoss;
  }

  /**
   * @param open makes an engine; called again after each loss
   * @param isLoss whether an error means that the host is gone, rather than that the job is wrong
   * @param onLoss told of each loss that is being mended
   * @throws HostLostError where hosts die as they open, one after the other
   */
  static async start(
    open: () => Promise<Engine>,
    isLoss: (error: unknown) => boolean,
    onLoss: (error: unknown) => void = () => undefined,
  ): Promise<ResilientEngine> {
    return new ResilientEngine(await openFirm(open, isLoss, onLoss), open, isLoss, onLoss);
  }

  get environment(): EngineEnvironment {
    return this.#current.environment;
  }

  cpuSeconds(): number | null {
    return this.#current.cpuSeconds?.() ?? null;
  }

  /** How often a fresh host took over. */
  get recoveryCount(): number {
    return this.#recoveryCount;
  }

  async selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<SelfTestResult> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#current.selfTest(fault, sampler);
      } catch (error) {
        await this.#recover(error, failures);
      }
    }
  }

  async profile(job: SamplingJob): Promise<KernelProfile | null> {
    return (await this.#current.profile?.(job)) ?? null;
  }

  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    const finished: GroupRange[] = [];
    let barrenFailures = 0;
    // Progress starts again from the finished groups when a host is replaced.
    let finishedTokens = 0;
    for (;;) {
      const ranges = remainingRanges(job.ranges, finished);
      const baseTokens = finishedTokens;
      try {
        for await (const event of this.#current.sample({ ...job, ranges })) {
          if (event.kind === 'chunks') {
            for (const { range } of event.chunks) {
              finished.push(range);
              finishedTokens += range.groupCount * job.groupSize * job.problem.horizon;
            }
            if (event.chunks.length > 0) barrenFailures = 0;
            yield event;
          } else if (event.kind === 'progress') {
            yield { kind: 'progress', tokenCount: baseTokens + event.tokenCount };
          } else {
            yield event;
          }
        }
        return;
      } catch (error) {
        barrenFailures += 1;
        await this.#recover(error, barrenFailures);
      }
    }
  }

  /** A fresh host begins anew: the same job gives the same segments, so those already handed over are left out. */
  async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    let handedOver = 0;
    let barrenFailures = 0;
    for (;;) {
      let segmentCount = 0;
      try {
        for await (const event of this.#current.train(job)) {
          if (event.kind === 'segment') {
            segmentCount += 1;
            if (segmentCount <= handedOver) continue;
            handedOver = segmentCount;
            barrenFailures = 0;
          }
          yield event;
        }
        return;
      } catch (error) {
        barrenFailures += 1;
        await this.#recover(error, barrenFailures);
      }
    }
  }

  timings(): EngineTimings {
    const current = this.#current.timings();
    return this.#timingsOfTheLost ? addTimings(this.#timingsOfTheLost, current) : current;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#current.close();
  }

  async #recover(error: unknown, barrenFailures: number): Promise<void> {
    // A host that was closed under its work is no loss: a fresh one would belong to nobody.
    if (this.#isClosed || !this.#isLoss(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (barrenFailures >= MAX_BARREN_FAILURES) {
      throw new HostLostError(`lost ${barrenFailures} times without a finished chunk between: ${message}`);
    }
    this.#onLoss(error);
    const wasSoftware = this.#current.environment.software;
    this.#timingsOfTheLost = this.timings();
    await this.#current.close().catch(() => undefined);
    try {
      this.#current = await openFirm(this.#open, this.#isLoss, this.#onLoss);
    } catch (cause) {
      throw new HostLostError(`${message}; and no fresh one started: ${String(cause)}`);
    }
    if (this.#current.environment.software !== wasSoftware) {
      // Tallies would be the same, but timings of two kinds of adapter must not be mixed.
      throw new HostLostError(`${message}; the fresh one offers another kind of adapter`);
    }
    this.#recoveryCount += 1;
  }
}
