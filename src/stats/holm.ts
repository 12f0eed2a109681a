/**
 * Holm's step-down rule (1979): which of a family of hypotheses to reject so that the chance of rejecting any true one
 * is at most `level`, whatever their dependence.
 *
 * @returns for each p-value whether it is rejected, in the order given
 */
export function holm(pValues: readonly number[], level: number): boolean[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a] - pValues[b]);
  const rejected = new Array<boolean>(pValues.length).fill(false);
  for (let rank = 0; rank < order.length; rank += 1) {
    if (!(pValues[order[rank]] <= level / (order.length - rank))) break;
    rejected[order[rank]] = true;
  }
  return rejected;
}
