/**
 * How a block's replicas go through the steps of a segment: strip by strip, for a kernel reads a replica's parameters when a dispatch
 * begins and writes them when it ends. A strip is as many replicas as a submission takes through all steps, but no fewer than keep the
 * adapter busy.
 */

/** Some replicas by some steps: a dispatch. */
export interface Stretch {
  readonly item: number;
  readonly itemCount: number;
  readonly step: number;
  readonly stepCount: number;
}

export class Strips {
  readonly #replicaCount: number;
  readonly #firstStep: number;
  readonly #endStep: number;
  readonly #leastReplicas: number;
  #item = 0;
  #itemCount = 0;
  #step: number;

  constructor(replicaCount: number, firstStep: number, endStep: number, leastReplicas: number) {
    this.#replicaCount = replicaCount;
    this.#firstStep = firstStep;
    this.#endStep = endStep;
    this.#leastReplicas = leastReplicas;
    this.#step = firstStep;
  }

  isDone(): boolean {
    return this.#item === this.#replicaCount;
  }

  /**
   * @param most replicas by steps that are left of a submission's budget
   * @returns null where they hold no step of the strip in hand; a submission that is empty gets one all the same
   */
  next(most: number, isEmpty: boolean): Stretch | null {
    if (this.#step === this.#firstStep) this.#itemCount = this.#width(most, isEmpty);
    if (!isEmpty && most < this.#itemCount) return null;
    const stepCount = Math.max(1, Math.min(this.#endStep - this.#step, Math.floor(most / this.#itemCount)));
    const stretch = { item: this.#item, itemCount: this.#itemCount, step: this.#step, stepCount };
    this.#step += stepCount;
    if (this.#step === this.#endStep) {
      this.#item += this.#itemCount;
      this.#step = this.#firstStep;
    }
    return stretch;
  }

  /** Replicas of the strip that begins. */
  #width(most: number, isEmpty: boolean): number {
    const left = this.#replicaCount - this.#item;
    const wanted = Math.max(this.#leastReplicas, Math.floor(most / (this.#endStep - this.#firstStep)));
    // A strip takes the rest with it where that would keep nobody busy.
    const width = left - wanted < this.#leastReplicas ? left : wanted;
    return isEmpty ? Math.min(width, Math.max(1, Math.floor(most))) : width;
  }
}
