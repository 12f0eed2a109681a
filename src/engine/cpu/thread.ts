/**
 * What a thread of the CPU engine does: one task after the other, in slices, so that it hears a stop between two of them. The
 * same in Node and in a page; whoever starts it hands it its port.
 */
import type { PromptTally } from '../tally.ts';
import type { TrainingSegment } from '../training.ts';
import { Arena, openKernels, type KernelForm, type Kernels } from './kernels.ts';
import { outcomeTallies } from '../outcomeTallies.ts';
import { PackTrainer, type BlockJob } from './packTrainer.ts';
import { PromptSampler, type PromptJob } from './promptSampler.ts';

/** Work between two looks for a stop. */
const SLICE_MS = 20;

export interface SamplingTask {
  readonly kind: 'sample';
  readonly job: PromptJob;
  readonly firstGroup: number;
  readonly groupCount: number;
}

/** Steps between two places where a job hands something over. */
export interface Cut {
  readonly firstStep: number;
  readonly endStep: number;
  readonly isSnapshot: boolean;
}

export interface TrainingTask {
  readonly kind: 'train';
  readonly job: { readonly block: BlockJob; readonly keepsOutcomes: boolean };
  readonly cuts: readonly Cut[];
}

export type ThreadTask = SamplingTask | TrainingTask;

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
  #run(task: ThreadTask): Promise<boolean> {
    return task.kind === 'sample' ? this.#sample(task) : this.#train(task);
  }

  async #sample({ job, firstGroup, groupCount }: SamplingTask): Promise<boolean> {
    const pace = new Pace();
    const sampler = new PromptSampler(this.#kernels!, this.#form, this.#arena!, job);
    const tokensPerGroup = job.groupSize * job.horizon;
    for (let at = 0; at < groupCount;) {
      const count = Math.min(groupCount - at, pace.next());
      sampler.sample(firstGroup + at, count);
      at += count;
      pace.did(count);
      if (at < groupCount && (await this.#pause(pace, tokensPerGroup))) return false;
    }
    const tally = sampler.takeTally();
    const arrays = [tally.groups, tally.second, tally.counts];
    this.#port.post({ kind: 'tally', tally }, buffersOf(arrays));
    this.#tell(pace, tokensPerGroup);
    return true;
  }

  async #train({ job, cuts }: TrainingTask): Promise<boolean> {
    const pace = new Pace();
    const { batchSize, groupSize, horizon, replicaCount, firstReplica } = job.block;
    const mostSteps = cuts.reduce((most, { firstStep, endStep }) => Math.max(most, endStep - firstStep), 0);
    const trainer = new PackTrainer(this.#kernels!, this.#form, this.#arena!, job.block, mostSteps);
    const tokensPerStep = (batchSize * groupSize * horizon * replicaCount) / trainer.packCount;
    for (const { firstStep, endStep, isSnapshot } of cuts) {
      for (let pack = 0; pack < trainer.packCount; pack += 1) {
        for (let step = firstStep; step < endStep;) {
          const end = Math.min(endStep, step + pace.next());
          trainer.trainPack(pack, firstStep, step, end);
          pace.did(end - step);
          step = end;
          if (await this.#pause(pace, tokensPerStep)) return false;
        }
      }
      const { outcomes, theta, masses } = trainer.take(endStep - firstStep, isSnapshot);
      const tallies = outcomeTallies(outcomes, replicaCount, groupSize);
      const kept = job.keepsOutcomes ? outcomes : null;
      this.#port.post(
        {
          kind: 'segment',
          segment: {
            ...{ firstReplica, replicaCount, firstStep, endStep },
            ...tallies,
            ...{ outcomes: kept, theta, masses },
          },
        },
        buffersOf([tallies.correctCounts, tallies.modeCounts, kept, theta, masses]),
      );
    }
    this.#tell(pace, tokensPerStep);
    return true;
  }

  /** Where a slice is over: says how far it is, and lets messages in. @returns whether to stop */
  async #pause(pace: Pace, tokensPerUnit: number): Promise<boolean> {
    if (!pace.isDue()) return false;
    this.#tell(pace, tokensPerUnit);
    await nextTurn();
    return this.#isStopping;
  }

  #tell(pace: Pace, tokensPerUnit: number): void {
    const { count, busyMs } = pace.restart();
    this.#port.post({ kind: 'progress', tokenCount: Math.round(count * tokensPerUnit), busyMs });
  }
}

const buffersOf = (arrays: readonly (ArrayBufferView | null | undefined)[]): ArrayBuffer[] =>
  arrays.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : []));

/** How much work fits in a call of a kernel, by what the calls before took. */
class Pace {
  #sliceStart = performance.now();
  #callStart = this.#sliceStart;
  #next = 1;
  #count = 0;

  next(): number {
    return this.#next;
  }

  did(count: number): void {
    const now = performance.now();
    // Clocks of browsers are coarse, and the first call has tables to warm: at most eight times as much as before.
    const fits = SLICE_MS / Math.max(now - this.#callStart, 0.1);
    this.#next = Math.max(1, Math.floor(Math.min(8, fits) * count));
    this.#callStart = now;
    this.#count += count;
  }

  isDue(): boolean {
    return this.#callStart - this.#sliceStart >= SLICE_MS / 2;
  }

  /** @returns what was done since the last time, and how long it took */
  restart(): { readonly count: number; readonly busyMs: number } {
    const now = performance.now();
    const done = { count: this.#count, busyMs: now - this.#sliceStart };
    this.#count = 0;
    this.#sliceStart = now;
    this.#callStart = now;
    return done;
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
