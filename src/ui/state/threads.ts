/**
 * Threads of the page that are started when they are first needed, and may die: every call ends, whatever becomes of its thread, and
 * the next one starts a fresh one.
 */
import { wrap, type Remote } from 'comlink';
import type { Answer } from '../../engine/worker/answer.ts';

interface Running<Host> {
  readonly worker: Worker;
  readonly remote: Remote<Host>;
  /** rejects when the thread dies, and never resolves */
  readonly died: Promise<never>;
  readonly kill: (why: string) => void;
}

export class PageThread<Host> {
  readonly #spawn: () => Worker;
  #running: Running<Host> | null = null;

  constructor(spawn: () => Worker) {
    this.#spawn = spawn;
  }

  get remote(): Remote<Host> {
    return this.#start().remote;
  }

  /** Calls it; an error of the thread itself is an answer, too. */
  async call<Value>(work: (remote: Remote<Host>) => Promise<Answer<Value>>): Promise<Answer<Value>> {
    const running = this.#start();
    try {
      return await Promise.race([work(running.remote), running.died]);
    } catch (error) {
      return {
        error: { name: 'ThreadError', message: error instanceof Error ? error.message : String(error) },
      };
    }
  }

  /** Ends it; calls in flight answer with the reason. */
  end(why: string): void {
    this.#running?.kill(why);
  }

  #start(): Running<Host> {
    if (this.#running) return this.#running;
    const worker = this.#spawn();
    let reject: (error: Error) => void = () => undefined;
    const died = new Promise<never>((_, fail) => {
      reject = fail;
    });
    // Nobody may be waiting.
    died.catch(() => undefined);
    const kill = (why: string): void => {
      worker.terminate();
      if (this.#running === running) this.#running = null;
      reject(new Error(why));
    };
    worker.addEventListener('error', (event) => {
      // A script that could not be fetched says nothing.
      const words = event.message as string | undefined;
      kill(words ? `the thread failed: ${words}` : 'a part of the page could not be fetched: reload it');
    });
    worker.addEventListener('messageerror', () => kill('the thread answered what cannot be read'));
    const running: Running<Host> = { worker, remote: wrap<Host>(worker), died, kill };
    this.#running = running;
    return running;
  }
}
