/** What is known of a table of one's own once it has been looked at. */
import type { Convention } from './ownEstimator.ts';
import type { AlphaCurve } from './passAtKMatch.ts';
import type { NearRow, RowFit } from './rowFits.ts';

export interface TableIdentity {
  readonly name: string;
  readonly n: number;
  /** the k that the file says it is meant for */
  readonly k: number | null;
  /** what the weights were taken to be in: a log does not say, and is read as whichever has a name */
  readonly convention: Convention;
  /** whether every group's weights sum to 0; null where the file does not show it for every c */
  readonly centred: boolean | null;
  /** weights that the file does not have */
  readonly missing: readonly string[];
  readonly estimates: 'unbiased' | 'multiple' | 'other' | 'nothing' | 'unknown';
  /** the k of the pass@k gradient that it estimates, or a multiple of */
  readonly matchedK: number | null;
  /** E G = factor ∇J_matchedK at every policy */
  readonly factor: number | null;
  /** largest |D − factor D_k| as a share of the largest |D| */
  readonly residual: number | null;
  /** the mistakes that have a name and give this table or log, the likeliest first */
  readonly mistakes: readonly string[];
  /** the catalogue's rows with the same weights up to a factor, those without one first */
  readonly sameAs: readonly RowFit[];
  /** the row that comes nearest, where none fits */
  readonly nearest: NearRow | null;
  /** E G = ∇ Σ_k a_k J_k: [n] a_1 .. a_n, or null where weights are missing or n is too large for float64 */
  readonly mixture: readonly number[] | null;
  /** α_eff against α_k over p, k being the file's, else matchedK, else 1; null where weights are missing */
  readonly curve: AlphaCurve | null;
  /** what a log was taken to be, a line each */
  readonly notes: readonly string[];
  /** all of it in one sentence, which begins with its name */
  readonly finding: string;
  /** other names that fit as well, in a sentence; '' where there are none */
  readonly alsoFits: string;
}
