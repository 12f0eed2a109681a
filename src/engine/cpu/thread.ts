/**
 * What a thread of the CPU engine does: one task after the other, in slices, so that it hears a stop between two of them. The
 * same in Node and in a page; whoever starts it hands it its port.
 */
import type { PromptTally } from '../tally.ts';
import type { TrainingSegment } from '../training.ts';
import { Arena, openKernels, type KernelForm, type Kernels } from './kernels.ts';
import { PromptSampler, type PromptJob } from './promptSampler.ts';

/** Work between two looks for a stop. */
const SLICE_MS = 20;

export interface SamplingTask {
  readonly kind: 'sample';
  readonly job: PromptJob;
  readonly firstGroup: number;
  readonly groupCount: number;
}

export type ThreadTask = SamplingTask;

export type ToThread =
  | { readonly kind: 'open'; readonly form: KernelForm }
  | { readonly kind: 'task'; readonly task: ThreadTask }
  | { readonly kind: 'stop' };

/** What comes of a task: any number of the first three, then `done`, `stopped` or `failed`. */
export type FromThread =
  | { readonly kind: 'progress'; readonly tokenCount: number; readonly busyMs: number }
  | { readonly kind: 'tally'; readonly tally: PromptTally }
  | { readonly kind: 'segment'; readonly segment: TrainingSegment }
  | { readonly kind: 'done' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly message: string };

/** One end of the way between two threads. */
export interface ThreadPort<Sent, Received> {
  post(message: Sent, transfer?: readonly ArrayBuffer[]): void;
  listen(receive: (message: Received) => void): void;
}

export class CpuThread {
  readonly #port: ThreadPort<FromThread, ToThread>;
  #kernels: Kernels | null = null;
  #arena: Arena | null = null;
  #form: KernelForm = 'scalar';
  #isStopping = false;

  /** Serves what comes through the port from now on. */
  static serve(port: ThreadPort<FromThread, ToThread>): void {
    const thread = new CpuThread(port);
    port.listen((message) => thread.#receive(message));
  }

  private constructor(port: ThreadPort<FromThread, ToThread>) {
    this.#port = port;
  }

  #receive(message: ToThread): void {
    if (message.kind === 'open') {
      this.#form = message.form;
      this.#kernels = openKernels(message.form);
      this.#arena = new Arena(this.#kernels);
    } else if (message.kind === 'stop') {
      this.#isStopping = true;
    } else {
      this.#isStopping = false;
      this.#run(message.task).then(
        (isWhole) => this.#port.post({ kind: isWhole ? 'done' : 'stopped' }),
        (error: unknown) => this.#port.post({ kind: 'failed', message: String(error) }),
      );
    }
  }

  /** @returns whether it came to its end */
  async #run({ job, firstGroup, groupCount }: ThreadTask): Promise<boolean> {
    const start = performance.now();
    const sampler = new PromptSampler(this.#kernels!, this.#form, this.#arena!, job);
    const tokensPerGroup = job.groupSize * job.horizon;
    const slices = new Slices(start);
    for (let at = 0; at < groupCount;) {
      const count = Math.min(groupCount - at, slices.next());
      sampler.sample(firstGroup + at, count);
      at += count;
      const busyMs = slices.end(count);
      if (at === groupCount) {
        const tally = sampler.takeTally();
        const arrays = [tally.groups, tally.second, tally.counts];
        this.#port.post(
          { kind: 'tally', tally },
          arrays.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : [])),
        );
      }
      this.#port.post({ kind: 'progress', tokenCount: count * tokensPerGroup, busyMs });
      if (at < groupCount && (await this.#isStopped())) return false;
    }
    return true;
  }

  /** Lets messages in first. */
  async #isStopped(): Promise<boolean> {
    await nextTurn();
    return this.#isStopping;
  }
}

/** How much work fits in a slice, by what the slices before took. */
class Slices {
  #start: number;
  #count = 1;

  constructor(start: number) {
    this.#start = start;
  }

  next(): number {
    return this.#count;
  }

  /** @returns milliseconds since the end of the slice before */
  end(count: number): number {
    const now = performance.now();
    const ms = now - this.#start;
    this.#start = now;
    // Clocks of browsers are coarse, and first slices hold the set-up: at most eight times as much as before.
    this.#count = Math.max(1, Math.floor(Math.min(8, SLICE_MS / Math.max(ms, 0.1)) * count));
    return ms;
  }
}

/** A turn of the event loop, without the delay that timers have in browsers. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
