/** A family of comparisons judged together: Holm's rule at the family's share of the run's false-alarm chance. */
import { holm } from '../math/stats/holm.ts';
import { FAMILIES, FAMILY_LEVEL, type Family, type Verdict } from '../math/stats/verdict.ts';
import { summary } from './checks.ts';
import type { FamilySummary } from './results.ts';

/** Whether a run was sampled to its planned end; if not, nothing is judged. */
export type Ending = 'complete' | 'cut short';

export interface Judged {
  readonly summary: FamilySummary;
  /** in the order of the p-values */
  readonly rejected: readonly boolean[];
}

/** A run cut short rejects nothing: its number of groups was not fixed beforehand. */
export function judgeFamily(family: Family, pValues: readonly number[], ending: Ending): Judged {
  const rejected = ending === 'complete' ? holm(pValues, FAMILY_LEVEL) : pValues.map(() => false);
  return {
    rejected,
    summary: { family, question: FAMILIES[family], level: FAMILY_LEVEL, ...summary(pValues, rejected) },
  };
}

/** The verdicts of checks: planned ones, but `disagree` where rejected and `inconclusive` where a run was cut short. */
export function withVerdicts<Row extends { readonly verdict: Verdict }>(
  rows: readonly Row[],
  rejected: readonly boolean[],
  ending: Ending,
): Row[] {
  if (ending === 'cut short') return rows.map((row) => ({ ...row, verdict: 'inconclusive' }));
  return rows.map((row, i) => (rejected[i] ? { ...row, verdict: 'disagree' } : row));
}
