/** One line of progress on standard error, rewritten in place on a terminal and printed now and then elsewhere. */
import { formatCount, formatDuration } from './format.ts';

const REDRAW_MS = 100;
const LOG_MS = 5_000;

export class Progress {
  readonly #label: string;
  readonly #totalTokens: number;
  readonly #start = performance.now();
  #last = 0;

  constructor(label: string, totalTokens: number) {
    this.#label = label;
    this.#totalTokens = totalTokens;
  }

  show(tokenCount: number): void {
    const now = performance.now();
    const isTerminal = process.stderr.isTTY;
    if (now - this.#last < (isTerminal ? REDRAW_MS : LOG_MS)) return;
    if (!isTerminal && this.#last === 0) {
      // A log gets no line for work that is over before the first interval.
      this.#last = now;
      return;
    }
    this.#last = now;
    const seconds = (now - this.#start) / 1000;
    const rate = tokenCount / seconds;
    const left = rate > 0 ? formatDuration(((this.#totalTokens - tokenCount) / rate) * 1000) : '?';
    const share = Math.floor((100 * tokenCount) / Math.max(1, this.#totalTokens));
    const line = `${this.#label}  ${String(share).padStart(3)} %  ${formatCount(rate)} tokens/s  ${left} left`;
    process.stderr.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
