/**
 * Keeps submissions near a duration by measuring the one before. Drivers kill work that runs for seconds, progress
 * that comes in lumps is no progress, and a cancel waits for the submission in flight.
 *
 * Work is counted in units of the caller's choosing, proportional to time.
 */
export const TARGET_SUBMIT_MS = 50;
const FIRST_UNITS = 2 ** 15;
/** One measurement may be wrong (a first run compiles, a machine hiccups): the budget moves by at most this factor. */
const MAX_STEP = 4;

export class Pacer {
  readonly #targetMs: number;
  #units = FIRST_UNITS;

  constructor(targetMs = TARGET_SUBMIT_MS) {
    this.#targetMs = targetMs;
  }

  /** Units that the next submission may hold. */
  get units(): number {
    return this.#units;
  }

  /** Learns from a submission of `units` that took `durationMs`. */
  learn(units: number, durationMs: number): void {
    // A submission well below the budget is mostly overhead and says little about the rate.
    if (units < this.#units / 2 && durationMs < this.#targetMs) return;
    const wanted = durationMs > 0 ? (units * this.#targetMs) / durationMs : Infinity;
    this.#units = Math.max(1, Math.min(wanted, this.#units * MAX_STEP), this.#units / MAX_STEP);
  }
}
