/** One line of progress on standard error, rewritten in place on a terminal and printed now and then elsewhere. */
import { formatCount, formatDuration } from '../experiment/format.ts';

const REDRAW_MS = 100;
const LOG_MS = 5_000;

export class Progress {
  readonly #label: string;
  readonly #isTerminal = process.stderr.isTTY;
  #start: number | null = null;
  #last = performance.now();

  constructor(label: string) {
    this.#label = label;
  }

  show(stage: string, tokenCount: number, totalTokens: number): void {
    const now = performance.now();
    // The rate counts from the first tokens on, not from compiling.
    if (tokenCount > 0) this.#start ??= now;
    if (now - this.#last < (this.#isTerminal ? REDRAW_MS : LOG_MS)) return;
    this.#last = now;
    const line =
      this.#start === null || now === this.#start
        ? `${this.#label}: ${stage}`
        : `${this.#label}: ${stage} ${this.#amount(tokenCount, totalTokens, now - this.#start)}`;
    process.stderr.write(this.#isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
  }

  clear(): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[K');
  }

  #amount(tokenCount: number, totalTokens: number, elapsedMs: number): string {
    const rate = tokenCount / elapsedMs;
    const left = formatDuration((totalTokens - tokenCount) / rate);
    const share = Math.floor((100 * tokenCount) / Math.max(1, totalTokens));
    return `${share} %, ${formatCount(rate * 1000)} tokens/s, ${left} left`;
  }
}
