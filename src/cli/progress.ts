/** One line of progress on standard error, rewritten in place on a terminal and printed now and then elsewhere. */
import type { OverallProgress } from '../lab/watcher.ts';
import { formatCount, formatDuration } from '../view/format.ts';

const REDRAW_MS = 100;
const BAR_WIDTH = 24;
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

/** A whole run: a bar that is rewritten on a terminal; elsewhere a line as each experiment ends, and now and then where one lasts. */
export class RunBar {
  readonly #isTerminal = process.stderr.isTTY;
  #last = performance.now() - (LOG_MS - FIRST_LOG_MS);
  #ended = 0;

  show(overall: OverallProgress, stage: string): void {
    const now = performance.now();
    if (now - this.#last < (this.#isTerminal ? REDRAW_MS : LOG_MS)) return;
    this.#last = now;
    const { share, experiment, index, count } = overall;
    const filled = Math.round(share * BAR_WIDTH);
    const words = `${Math.floor(100 * share)} %, ${index} of ${count}, ${experiment} ${stage}${leftWords(overall)}`;
    process.stderr.write(
      this.#isTerminal
        ? `\r\u001b[K[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${words}`
        : `passk-bench: ${words}\n`,
    );
  }

  /** @param count experiments of the run */
  ended(experiment: string, seconds: number, count: number, overall: OverallProgress | null): void {
    this.#ended += 1;
    if (this.#isTerminal) return;
    this.#last = performance.now();
    const left = overall === null || this.#ended === count ? '' : leftWords(overall);
    process.stderr.write(
      `passk-bench: ${this.#ended} of ${count}, ${experiment} in ${formatDuration(1000 * seconds)}${left}\n`,
    );
  }

  clear(): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[K');
  }
}

const leftWords = ({ secondsLeft }: OverallProgress): string =>
  secondsLeft === null ? '' : `, ${formatDuration(1000 * secondsLeft)} left`;
