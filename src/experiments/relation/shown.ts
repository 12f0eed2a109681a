/** What the charts of `relation` draw, picked from its result. */
import type { Interval } from '../../view/section.ts';
import { cellsOf } from './cells.ts';
import type { RelationShown, SlopeShown } from './figures.ts';
import type { RelationResult } from './result.ts';

const interval = ({ value, low, high }: Interval): Interval => ({ value, low, high });

export function relationShown({ problems }: RelationResult, ks: readonly number[]): RelationShown {
  const slopes = (['usual', 'wide'] as const).flatMap((set) =>
    problems
      .filter((problem) => problem.set === set)
      .flatMap((problem) =>
        problem.prompts.flatMap((prompt) =>
          cellsOf([{ ...problem, prompts: [prompt] }], set).map(({ plain, byClass }): SlopeShown => ({
            problem: problem.id,
            estimator: plain.estimator,
            k: plain.k,
            successProb: prompt.successProb,
            slope: { ...interval(plain.slope), count: plain.slope.count },
            verdict: plain.verdict,
            given: byClass?.ratio ? { ...interval(byClass.ratio), verdict: byClass.verdict } : null,
          })),
        ),
      ),
  );
  return { ks, slopes };
}
