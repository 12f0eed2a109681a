/**
 * Progress of a whole run: one share and one time left over all its experiments, from what each is expected to take and what those
 * before it took. Never a rate over something else.
 */
import type { OverallProgress, RunProgress } from '../watcher.ts';

/** Part of an experiment's time that its sampling and training take, about; planning and checking share the rest. */
const WORK_SHARE = 0.85;
/** No estimate before so much of the run: the machine's speed is not known yet. */
const LEAST_SHARE = 0.02;
/** How much of the run the belief weighs that this machine is as fast as the one that expectations are of. */
const PRIOR_SHARE = 0.03;

export class OverallEstimate {
  readonly #names: readonly string[];
  /** seconds that each is expected to take, on a machine that need not be this one */
  readonly #expected: readonly number[];
  readonly #total: number;
  readonly #now: () => number;
  #index = 0;
  #experimentStart: number;
  #share = 0;
  /** of the experiment in hand: its work so far, and whether that began again */
  #work = 0;
  #hasPasses = false;
  /** seconds of finished experiments: expected, and real */
  #doneExpected = 0;
  #doneReal = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(expected: readonly { readonly name: string; readonly seconds: number }[], now: () => number) {
    this.#names = expected.map(({ name }) => name);
    this.#expected = expected.map(({ seconds }) => seconds);
    this.#total = this.#expected.reduce((sum, seconds) => sum + seconds, 0);
    this.#now = now;
    this.#experimentStart = now();
  }

  /** An experiment is about to begin. */
  begin(name: string): void {
    this.#index = this.#names.indexOf(name);
    this.#experimentStart = this.#now();
    this.#work = 0;
    this.#hasPasses = false;
  }

  /** It is done. @returns the seconds that it took */
  end(): number {
    const seconds = (this.#now() - this.#experimentStart) / 1000;
    this.#doneExpected += this.#expected[this.#index];
    this.#doneReal += seconds;
    return seconds;
  }

  at({
    tokenCount,
    totalTokens,
    stage,
    share,
  }: Pick<RunProgress, 'tokenCount' | 'totalTokens' | 'stage' | 'share'>): OverallProgress {
    const expected = this.#expected[this.#index];
    const elapsed = (this.#now() - this.#experimentStart) / 1000;
    // How this machine compares with the one that expectations are of.
    const slowness = this.#doneExpected > 0 ? this.#doneReal / this.#doneExpected : 1;
    const byTime = elapsed / Math.max(elapsed, expected * slowness, 1e-3);
    const byWork = totalTokens > 0 ? WORK_SHARE * Math.min(1, tokenCount / totalTokens) : 0;
    const isWork = (stage === 'sampling' || stage === 'training') && totalTokens > 0;
    // Several passes count their tokens apart: once work has begun again, time speaks.
    if (isWork && byWork < this.#work - 0.05) this.#hasPasses = true;
    if (isWork) this.#work = byWork;
    const within = share ?? (isWork && !this.#hasPasses ? byWork : Math.min(byTime, 0.95));
    this.#share = Math.min(
      0.999,
      Math.max(this.#share, (this.#doneExpected + expected * within) / this.#total),
    );
    // Expected and real seconds of what is done, this experiment's part too; a run that has hardly begun is as expected.
    const prior = PRIOR_SHARE * this.#total;
    const doneExpected = prior + this.#doneExpected + expected * within;
    const pace = (prior + this.#doneReal + elapsed) / doneExpected;
    const expectedLeft = this.#total - this.#doneExpected - expected * within;
    return {
      share: this.#share,
      within: Math.min(0.99, within),
      secondsLeft: this.#share < LEAST_SHARE ? null : pace * expectedLeft,
      experiment: this.#names[this.#index],
      index: this.#index + 1,
      count: this.#names.length,
    };
  }
}
