/**
 * Threads that share the tasks of one job. A thread that dies is replaced and its task given to another: what a task gives
 * depends on the task alone. Nothing here waits for a thread while others have work.
 */
import { HostLostError } from '../resilientEngine.ts';
import type { KernelForm } from './kernels.ts';
import type { FromThread, ThreadPort, ThreadTask, ToThread } from './thread.ts';

/** Threads that may die one after the other without finishing anything in between. */
const MAX_BARREN_DEATHS = 3;

/** A thread as its pool sees it. */
export interface PoolThread extends ThreadPort<ToThread, FromThread> {
  /** told once, when the thread is gone without having been ended */
  onDeath(tell: (reason: string) => void): void;
  end(): void;
}

export type TaskEvent =
  | {
      readonly index: number;
      readonly event: Extract<FromThread, { kind: 'progress' | 'tally' | 'segment' }>;
    }
  /** the task begins again from its start, on another thread */
  | { readonly index: number; readonly event: { readonly kind: 'again' } };

interface Seat {
  readonly thread: PoolThread;
  /** index of the task it is at */
  task: number | null;
}

export class CpuPool {
  readonly #spawn: () => PoolThread;
  readonly #form: KernelForm;
  readonly threadCount: number;
  readonly #seats: Seat[] = [];
  /** of the job in hand */
  #run: Run | null = null;

  constructor(spawn: () => PoolThread, threadCount: number, form: KernelForm) {
    this.#spawn = spawn;
    this.threadCount = threadCount;
    this.#form = form;
    for (let i = 0; i < threadCount; i += 1) this.#seat();
  }

  /** Runs the tasks, each once to its end. Ending the iteration early stops all of them within a slice. */
  async *run(tasks: readonly ThreadTask[]): AsyncGenerator<TaskEvent, void, void> {
    if (this.#run) throw new Error('the pool has a job already');
    const run: Run = {
      tasks,
      waiting: tasks.map((_, i) => i).reverse(),
      events: [],
      left: tasks.length,
      barren: 0,
      failure: null,
      wake: () => undefined,
    };
    this.#run = run;
    try {
      for (const seat of this.#seats) this.#give(seat);
      while (run.left > 0 || run.events.length > 0) {
        if (run.failure) throw run.failure;
        const events = run.events.splice(0);
        if (events.length === 0) await new Promise<void>((resolve) => (run.wake = resolve));
        yield* events;
      }
    } finally {
      await this.#stop(run);
      this.#run = null;
    }
  }

  close(): void {
    for (const { thread } of this.#seats.splice(0)) thread.end();
  }

  #seat(): Seat {
    const seat: Seat = { thread: this.#spawn(), task: null };
    seat.thread.listen((event) => this.#hear(seat, event));
    seat.thread.onDeath((reason) => this.#bury(seat, reason));
    seat.thread.post({ kind: 'open', form: this.#form });
    this.#seats.push(seat);
    return seat;
  }

  #give(seat: Seat): void {
    const run = this.#run;
    if (!run || run.isStopping) return;
    const index = run.waiting.pop();
    if (index === undefined) return;
    seat.task = index;
    seat.thread.post({ kind: 'task', task: run.tasks[index] });
  }

  #hear(seat: Seat, event: FromThread): void {
    const run = this.#run;
    const index = seat.task;
    if (!run || index === null) return;
    if (event.kind === 'done' || event.kind === 'stopped') {
      seat.task = null;
      run.barren = 0;
      if (event.kind === 'done') run.left -= 1;
      this.#give(seat);
    } else if (event.kind === 'failed') {
      seat.task = null;
      run.failure ??= new Error(event.message);
    } else run.events.push({ index, event });
    run.wake();
  }

  #bury(seat: Seat, reason: string): void {
    const at = this.#seats.indexOf(seat);
    // Ended by us.
    if (at < 0) return;
    this.#seats.splice(at, 1);
    const run = this.#run;
    if (run && seat.task !== null) {
      run.barren += 1;
      if (run.barren >= MAX_BARREN_DEATHS) {
        run.failure ??= new HostLostError(`threads end one after the other: ${reason}`);
      }
      run.events.push({ index: seat.task, event: { kind: 'again' } });
      run.waiting.push(seat.task);
    }
    this.#give(this.#seat());
    run?.wake();
  }

  /** Until every thread is idle: a task's events must not reach the next job. */
  async #stop(run: Run): Promise<void> {
    run.isStopping = true;
    for (const seat of this.#seats) if (seat.task !== null) seat.thread.post({ kind: 'stop' });
    while (this.#seats.some(({ task }) => task !== null)) {
      await new Promise<void>((resolve) => (run.wake = resolve));
    }
  }
}

interface Run {
  readonly tasks: readonly ThreadTask[];
  /** indices of tasks that no thread has, the next one last */
  readonly waiting: number[];
  readonly events: TaskEvent[];
  /** tasks that are not done */
  left: number;
  barren: number;
  failure: Error | null;
  isStopping?: boolean;
  wake: () => void;
}
