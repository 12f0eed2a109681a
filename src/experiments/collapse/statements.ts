/**
 * Theorem 3.2 (2), "an update on a batch without M2 never lowers the mass of M1": for each rule and each reading what is known of
 * every policy, and what happens in the cases tried. A pattern of the cases is called one; only a law is given as a condition.
 *
 * With m1, m2 the masses of M1 and M2: E s = 0, so given no sample of M2 the mean score is −∇m2/(1 − m2), and with weights 1/n the
 * rate of E[m1] is, for any policy and any n, to first order
 *
 *   all samples          −∇m1·∇m2 / (1 − m2)
 *   successes only       |∇m1|² / (1 − m2)
 *   centred baseline     ∇m1·∇( m1/(1 − m2) )
 */
import { dot } from '../../theory/sharedParameters.ts';
import type { CaseTheory } from './cases.ts';
import type { CollapseCase, CollapseCell, CollapseStatement, Holds } from './result.ts';

export const RULES = ['all samples', 'successes only', 'centred baseline'] as const;
export type Rule = (typeof RULES)[number];

/** The rate of E[π(M1)] for weights 1/n (those of rloo for the centred baseline), given no sample of M2: exact, any n. */
export function lawOfRule(rule: Rule, { mode, rareMode }: Pick<CaseTheory, 'mode' | 'rareMode'>): number {
  const others = rareMode.failureProb;
  const across = dot(mode.gradient, rareMode.gradient);
  if (rule === 'all samples') return -across / others;
  if (rule === 'successes only') return mode.gradientNormSq / others;
  return mode.gradientNormSq / others + (mode.successProb * across) / (others * others);
}

type Reading = CollapseStatement['statement'];

/** What is known of every policy, not of the cases alone. */
const KNOWN: Readonly<Record<Rule, Readonly<Record<Reading, string>>>> = {
  'all samples': {
    'per batch': 'no law is known to us',
    'in mean, first order':
      'the rate is -grad m1 . grad m2 / (1 - m2): fails exactly where grad m1 . grad m2 > 0, for arms as eps -> 0 where a typical ' +
      'wrong draw is likelier than a typical draw of M1 (E[pi(y) | wrong] > E[pi(y) | M1])',
    'in mean, finite step': 'depends on the rate; it need not go with the first order, either way',
  },
  'successes only': {
    'per batch': 'a theorem where M1 is one trajectory; else no law is known to us',
    'in mean, first order':
      'a theorem: the rate is |grad m1|^2 / (1 - m2), never negative, for any policy and any n',
    'in mean, finite step': 'no law is known to us',
  },
  'centred baseline': {
    'per batch': 'a theorem for one token, and where M1 is one trajectory; else no law is known to us',
    'in mean, first order':
      'the rate is grad m1 . grad( m1/(1 - m2) ): a theorem for one token, and where m1 |grad m2| <= (1 - m2) |grad m1|, so for ' +
      'eps -> 0; with two tokens it can be negative, though no case tried is',
    'in mean, finite step': 'no law is known to us',
  },
};

const READINGS: readonly { readonly statement: Reading; readonly verdict: (cell: CollapseCell) => Holds }[] =
  [
    { statement: 'in mean, first order', verdict: (cell) => cell.inMeanFirstOrder },
    { statement: 'in mean, finite step', verdict: (cell) => cell.inMeanFiniteStep },
    { statement: 'per batch', verdict: (cell) => cell.perBatch },
  ];

/** For each rule and each reading: what is known of it, and in how many cases it holds. */
export function collapseStatements(cases: readonly CollapseCase[]): CollapseStatement[] {
  return RULES.flatMap((rule) =>
    READINGS.map(({ statement, verdict }): CollapseStatement => {
      const cellsOf = (entry: CollapseCase): CollapseCell[] =>
        entry.cells.filter((cell) => cell.rule === rule);
      const count = (wanted: Holds): number =>
        cases.filter((entry) => cellsOf(entry).some((cell) => verdict(cell) === wanted)).length;
      const sampled = cases.filter((entry) =>
        cellsOf(entry).some(({ exactChange }) => exactChange === null),
      ).length;
      return {
        rule,
        statement,
        holds: count('holds'),
        fails: count('fails'),
        open: count('open'),
        sampled: statement === 'in mean, finite step' ? sampled : 0,
        law: KNOWN[rule][statement],
      };
    }),
  );
}
