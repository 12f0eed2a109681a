/** Slopes as cells, each seen twice: by plain sampling, and given the outcome. What one word says of both, and how many say it. */
import { eitherVerdict } from '../../lab/classChecks.ts';
import type { ClassCheck, SlopeCheck } from '../../lab/results.ts';
import type { Verdict } from '../../math/stats/verdict.ts';
import type { ProblemSet } from './problems.ts';
import type { CellCounts, ProblemResult } from './result.ts';

/** One slope, seen twice: by plain sampling, and given the outcome. */
export interface Cell {
  readonly plain: SlopeCheck;
  /** absent where the run was cut short, or c was not as designed */
  readonly byClass: ClassCheck | undefined;
}

export const isDecided = (check: { readonly verdict: string } | undefined): boolean =>
  check?.verdict === 'agree' || check?.verdict === 'disagree';

export function cellsOf(problems: readonly ProblemResult[], set: ProblemSet): Cell[] {
  return problems
    .filter((problem) => problem.set === set)
    .flatMap(({ prompts }) =>
      prompts.flatMap(({ slopes, classes }) =>
        slopes.map((plain, i) => ({ plain, byClass: classes.cells.at(i) })),
      ),
    );
}

export const verdictOf = ({ plain, byClass }: Cell): Verdict => eitherVerdict(plain, byClass);

/** The word of every slope, of both sets of problems. */
export function verdictsOfCells(problems: readonly ProblemResult[]): { verdict: Verdict }[] {
  return (['usual', 'wide'] as const).flatMap((set) =>
    cellsOf(problems, set).map((cell) => ({ verdict: verdictOf(cell) })),
  );
}

export function countCells(problems: readonly ProblemResult[], set: ProblemSet): CellCounts {
  const cells = cellsOf(problems, set);
  const count = (holds: (cell: Cell, verdict: Verdict) => boolean): number =>
    cells.filter((cell) => holds(cell, verdictOf(cell))).length;
  return {
    total: cells.length,
    plain: count(({ plain }, verdict) => verdict === 'agree' && plain.verdict === 'agree'),
    byClass: count(({ plain }, verdict) => verdict === 'agree' && plain.verdict !== 'agree'),
    outOfReach: count((_, verdict) => verdict === 'out of reach'),
    inconclusive: count((_, verdict) => verdict === 'inconclusive'),
    disagree: count((_, verdict) => verdict === 'disagree'),
  };
}
