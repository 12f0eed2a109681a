/** One line of progress on standard error, rewritten in place on a terminal and printed now and then elsewhere. */
import { formatCount, formatDuration } from '../view/format.ts';

const REDRAW_MS = 100;
const LOG_MS = 5_000;
/** The first line comes sooner: that it works is soon told. */
const FIRST_LOG_MS = 1_000;

export class Progress {
  readonly #label: string;
  readonly #unit: string;
  readonly #isTerminal = process.stderr.isTTY;
  #start: number | null = null;
  #last = performance.now() - (LOG_MS - FIRST_LOG_MS);

  /** @param unit what is counted */
  constructor(label: string, unit = 'tokens') {
    this.#label = label;
    this.#unit = unit;
  }

  show(stage: string, count: number, total: number): void {
    const now = performance.now();
    // The rate counts from the first of them on, not from compiling.
    if (count > 0) this.#start ??= now;
    if (now - this.#last < (this.#isTerminal ? REDRAW_MS : LOG_MS)) return;
    this.#last = now;
    const line =
      this.#start === null || now === this.#start
        ? `${this.#label}: ${stage}`
        : `${this.#label}: ${stage} ${this.#amount(count, total, now - this.#start)}`;
    process.stderr.write(this.#isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
  }

  clear(): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[K');
  }

  #amount(count: number, total: number, elapsedMs: number): string {
    const rate = count / elapsedMs;
    const left = formatDuration((total - count) / rate);
    const share = Math.floor((100 * count) / Math.max(1, total));
    return `${share} %, ${formatCount(rate * 1000)} ${this.#unit}/s, ${left} left`;
  }
}
