/**
 * What a command holds that must not outlive it, and what signals do to it: the one place for both.
 *
 * The first INT, TERM or HUP ends a command: what it holds is closed, and it exits with 130. One that can end in order, as a
 * run does with a report of what is finished, takes the signal itself. A second one ends the process at once; whatever is
 * left then is killed or removed by the `exit` handlers of those who made it.
 */
import { EXIT } from './exit.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Time that what is held has to close after a signal. */
const CLOSING_MS = 5_000;

/** A signal ended the command before it was done. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}

interface Closable {
  close(): Promise<void> | void;
}

export class Lifetime {
  readonly #say: (line: string) => void;
  readonly #controller = new AbortController();
  readonly #held = new Set<Promise<Closable>>();
  #ending: 'at once' | 'in order' | 'by a signal' = 'at once';
  #isWatching = false;
  #interrupt: (error: InterruptedError) => void = () => undefined;
  readonly #interrupted = new Promise<never>((_, reject) => (this.#interrupt = reject));
  readonly #onSignal = (): void => {
    if (this.#controller.signal.aborted) process.exit(EXIT.interrupted);
    this.#controller.abort();
    if (this.#ending === 'in order') {
      this.#say('passk-bench: stopping after the submission in flight (again to stop at once)');
    } else if (this.#ending === 'at once') {
      this.#interrupt(new InterruptedError('stopped'));
    }
  };

  constructor(say: (line: string) => void) {
    this.#say = say;
    this.#interrupted.catch(() => undefined);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From here on signals come to us; until then they end the process as they end any other. */
  watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** Signals end the process again, as they end any other. */
  unwatch(): void {
    this.#isWatching = false;
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  /** Opens what must be closed however the command ends, also while it opens. */
  hold<Held extends Closable>(open: () => Promise<Held>): Promise<Held> {
    this.watch();
    const held = open();
    this.#held.add(held);
    held.catch(() => this.#held.delete(held));
    return held;
  }

  /** Done when a signal comes: the end that a server is meant to have. */
  stopped(): Promise<void> {
    this.watch();
    this.#ending = 'by a signal';
    return new Promise((resolve) => this.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** The command looks at `signal` itself from here on. */
  endInOrder(): void {
    this.watch();
    this.#ending = 'in order';
  }

  /** @throws InterruptedError as soon as a signal ends the command */
  within<Value>(work: Promise<Value>): Promise<Value> {
    work.catch(() => undefined);
    return Promise.race([work, this.#interrupted]);
  }

  /** Closes what is held. Signals are still heard meanwhile. */
  async end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSING_MS);
    });
    const closed = Promise.allSettled([...this.#held].map(async (held) => (await held).close()));
    await (this.signal.aborted ? Promise.race([closed, patience]) : closed);
    clearTimeout(timer);
    this.#held.clear();
    this.unwatch();
  }
}
