/**
 * Holm's step-down rule (1979): which of a family of hypotheses to reject so that the chance of rejecting any true one
 * is at most `level`, whatever their dependence.
 *
 * A p-value that is no number counts as 0: a statistic that could not be computed is no evidence for its hypothesis.
 *
 * @returns for each p-value whether it is rejected, in the order given
 */
export function holm(pValues: readonly number[], level: number): boolean[] {
  const known = pValues.map((pValue) => (Number.isNaN(pValue) ? 0 : pValue));
  const order = known.map((_, index) => index).sort((a, b) => known[a] - known[b]);
  const rejected = new Array<boolean>(known.length).fill(false);
  for (let rank = 0; rank < order.length; rank += 1) {
    if (!(known[order[rank]] <= level / (order.length - rank))) break;
    rejected[order[rank]] = true;
  }
  return rejected;
}
