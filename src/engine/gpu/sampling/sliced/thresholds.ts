/**
 * A row's thresholds as a binary trie of their first bits: which of the words that share so many bits are still undecided, and by
 * which thresholds. What the text of a comparison follows.
 */

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

/** Whether a path to some thresholds goes on with a bit. */
export function branchesOf(
  steps: readonly Step[],
  depth: number,
): { readonly zeros: readonly Step[]; readonly ones: readonly Step[] } {
  return {
    zeros: steps.filter(({ threshold }) => bitOf(threshold, depth) === 0),
    ones: steps.filter(({ threshold }) => bitOf(threshold, depth) === 1),
  };
}
