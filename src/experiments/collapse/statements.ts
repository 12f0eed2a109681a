/** What the cases of Theorem 3.2 (2) say together: for each rule and each reading of the statement, where it holds, and what failing cases share. */
import type { CollapseCase, CollapseCell, CollapseStatement, Holds } from './result.ts';

const STATEMENTS = [
  { statement: 'per batch', verdict: (cell: CollapseCell): Holds => cell.perBatch },
  { statement: 'in mean, first order', verdict: (cell: CollapseCell): Holds => cell.inMeanFirstOrder },
  { statement: 'in mean, finite step', verdict: (cell: CollapseCell): Holds => cell.inMeanFiniteStep },
] as const;

/** "An update without M2 never lowers the mass of M1": for each rule and each reading, where it holds. */
export function collapseStatements(cases: readonly CollapseCase[]): CollapseStatement[] {
  const rules = cases.at(0)?.cells.map(({ rule }) => rule) ?? [];
  return rules.flatMap((rule, r) =>
    STATEMENTS.map(({ statement, verdict }): CollapseStatement => {
      const by = (wanted: Holds): CollapseCase[] => cases.filter(({ cells }) => verdict(cells[r]) === wanted);
      const [holds, fails, open] = [by('holds'), by('fails'), by('open')];
      return {
        rule,
        statement,
        holds: holds.length,
        fails: fails.length,
        open: open.length,
        condition: conditionOf(fails, holds, open),
      };
    }),
  );
}

/** What a case may be known by. */
const TRAITS: readonly { readonly words: string; readonly has: (entry: CollapseCase) => boolean }[] = [
  { words: 'M1 is several trajectories', has: ({ modeSize }) => modeSize === 'several trajectories' },
  { words: 'M1 is one trajectory', has: ({ modeSize }) => modeSize === 'one trajectory' },
  { words: 'there is wrong mass', has: ({ wrong }) => wrong !== 'none' },
  { words: 'most wrong mass is one trajectory', has: ({ wrong }) => wrong === 'one wrong trajectory' },
  { words: 'wrong mass is spread', has: ({ wrong }) => wrong === 'many wrong trajectories' },
  {
    words: 'wrong mass exceeds that of M1',
    has: ({ modeProb, rareProb }) => 1 - modeProb - rareProb > modeProb,
  },
  {
    words: 'M1 is several trajectories or there is wrong mass',
    has: ({ modeSize, wrong }) => modeSize === 'several trajectories' || wrong !== 'none',
  },
  {
    words: 'most wrong mass is one trajectory and exceeds that of M1',
    has: ({ wrong, modeProb, rareProb }) =>
      wrong === 'one wrong trajectory' && 1 - modeProb - rareProb > modeProb,
  },
  { words: 'trajectories have two tokens', has: ({ horizon }) => horizon > 1 },
  { words: 'groups hold two trajectories', has: ({ groupSize }) => groupSize === 2 },
  {
    words: 'M1 is several trajectories and there is wrong mass',
    has: ({ modeSize, wrong }) => modeSize === 'several trajectories' && wrong !== 'none',
  },
  {
    words: 'M1 is several trajectories of two tokens',
    has: ({ modeSize, horizon }) => modeSize === 'several trajectories' && horizon > 1,
  },
];

/** Where a statement fails among the cases tried, in words: a trait that all failing cases have, and no other if none is open. */
function conditionOf(
  fails: readonly CollapseCase[],
  holds: readonly CollapseCase[],
  open: readonly CollapseCase[],
): string {
  const left = open.length > 0 ? `; ${open.length} are open` : '';
  if (fails.length === 0)
    return open.length === 0 ? 'holds in every case' : `fails in no case that is decided${left}`;
  if (holds.length === 0 && open.length === 0) return 'fails in every case';
  const shared = TRAITS.filter(({ has }) => fails.every(has));
  const narrowest = [...shared].sort((a, b) => holds.filter(a.has).length - holds.filter(b.has).length)[0] as
    (typeof TRAITS)[number] | undefined;
  if (!narrowest || open.length > 0) {
    const names = fails.map(({ id }) => id);
    return `fails in ${fails.length} cases, among them: ${names.slice(0, 2).join('; ')}${left}`;
  }
  const same = holds.filter(narrowest.has).length;
  return same === 0
    ? `of the cases tried, fails exactly in those where ${narrowest.words}`
    : `fails only where ${narrowest.words} (and holds in ${same} of ${same + fails.length} such cases)`;
}
