/** A row's thresholds as steps from token to token. */

/** A threshold above 0; several equal ones are one, that passes several tokens. */
export interface Step {
  readonly threshold: number;
  /** the token below it, and the one from it on */
  readonly below: number;
  readonly above: number;
}

/** The distinct steps of a row, in order; `first` is the token of the word 0. */
export interface RowSteps {
  readonly first: number;
  readonly steps: readonly Step[];
}

/** @param thresholds a row's, not decreasing: T_v is where token v ends */
export function stepsOf(thresholds: ArrayLike<number>): RowSteps {
  const steps: Step[] = [];
  let first = 0;
  for (let v = 0; v < thresholds.length; v += 1) {
    const threshold = thresholds[v];
    const last = steps.at(-1);
    if (threshold === 0) first = v + 1;
    else if (last?.threshold === threshold) steps[steps.length - 1] = { ...last, above: v + 1 };
    else steps.push({ threshold, below: v, above: v + 1 });
  }
  return { first, steps };
}

export const bitOf = (threshold: number, depth: number): number => (threshold >>> (31 - depth)) & 1;
