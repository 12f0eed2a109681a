/** |G|² of an estimator's group gradient G, summed over groups, from a tally's second moments. */
import { BATCH_COUNT, SECOND_MOMENTS, type PromptTally } from '../../src/engine/tally.ts';
import type { WeightTable } from '../../src/estimators/weightTables.ts';

/** |S| is counted in units of 2^-16. */
const SECOND_UNIT = 2 ** -16;

/**
 * Σ_groups |G|² = 2^-16 Σ_c (w1² S11 + 2 w1 w0 S10 + w0² S00), over the groups of each batch: [128]
 *
 * @param tally of level `moments` or `full`
 */
export function squaresByBatch({ second }: PromptTally, { n, correct, wrong }: WeightTable): Float64Array {
  if (second === undefined) throw new RangeError('tally: expected second moments, got a tally without them');
  return Float64Array.from({ length: BATCH_COUNT }, (_, batch) => {
    let sum = 0;
    for (let c = 0; c <= n; c += 1) {
      const [w1, w0] = [correct[c], wrong[c]];
      const first = (batch * (n + 1) + c) * SECOND_MOMENTS;
      sum += w1 * w1 * Number(second[first]);
      sum += 2 * w1 * w0 * Number(second[first + 1]);
      sum += w0 * w0 * Number(second[first + 2]);
    }
    return SECOND_UNIT * sum;
  });
}
