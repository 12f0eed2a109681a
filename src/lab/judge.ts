/**
 * Judges families of comparisons: Holm's rule at a family's share of the run's false-alarm chance. What comes back has
 * the shape of what was given, so that nothing is sliced or counted off by hand.
 */
import { holm } from '../math/stats/holm.ts';
import { FAMILY_LEVEL, type Verdict } from '../math/stats/verdict.ts';
import { summary } from './checks.ts';
import type { CheckSummary, FamilySummary } from './results.ts';

/** Comparisons that are judged together. */
export interface Family {
  /** distinct among all experiments */
  readonly id: string;
  /** what is compared with what, in words */
  readonly question: string;
}

/** Whether a run was sampled to its planned end; if not, nothing is judged. */
export type Ending = 'complete' | 'cut short';

export const endingOf = ({ complete }: { readonly complete: boolean }): Ending =>
  complete ? 'complete' : 'cut short';

/** A planned check: `agree` or `inconclusive` by its precision alone. A p-value of null was not to be tested. */
export interface Judgeable {
  readonly pValue: number | null;
  readonly verdict: Verdict;
}

export interface JudgedChecks {
  readonly summary: FamilySummary;
  /** the check with its verdict: `disagree` where rejected, `inconclusive` where the run was cut short */
  readonly of: <Check extends Judgeable>(check: Check) => Check;
}

/** @param checks all of the family's, in any order; `of` takes these very objects */
export function judge(family: Family, checks: readonly Judgeable[], ending: Ending): JudgedChecks {
  const tested = checks.filter(({ pValue }) => pValue !== null);
  const { summary: found, rejected } = holmOver(
    family,
    tested.map(({ pValue }) => pValue ?? 1),
    ending,
  );
  const known = new Set(checks);
  const disagreeing = new Set(tested.filter((_, i) => rejected[i]));
  return {
    summary: found,
    of: (check) => {
      if (!known.has(check)) throw new Error(`family ${family.id}: this check was not among those judged`);
      if (ending === 'cut short') return { ...check, verdict: 'inconclusive' };
      return disagreeing.has(check) ? { ...check, verdict: 'disagree' } : check;
    },
  };
}

export interface JudgedParts {
  readonly summary: FamilySummary;
  readonly parts: readonly CheckSummary[];
}

/** Comparisons that can only reject, known by their p-values alone. @param parts [parts][comparisons of the part] */
export function judgeParts(
  family: Family,
  parts: readonly (readonly number[])[],
  ending: Ending,
): JudgedParts {
  const { summary: found, rejected } = holmOver(family, parts.flat(), ending);
  let next = 0;
  return {
    summary: found,
    parts: parts.map((part) => summary(part, rejected.slice(next, (next += part.length)))),
  };
}

/** A run cut short rejects nothing: its number of groups was not fixed beforehand. */
function holmOver(
  { id, question }: Family,
  pValues: readonly number[],
  ending: Ending,
): { readonly summary: FamilySummary; readonly rejected: readonly boolean[] } {
  const rejected = ending === 'complete' ? holm(pValues, FAMILY_LEVEL) : pValues.map(() => false);
  return {
    rejected,
    summary: { family: id, question, level: FAMILY_LEVEL, ...summary(pValues, rejected) },
  };
}
