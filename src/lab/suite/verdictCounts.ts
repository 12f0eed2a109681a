/** How many checks of a report ended how, over all experiments. */
import type { Verdict } from '../../math/stats/verdict.ts';
import type { ExperimentResults } from '../results.ts';

/** Every check that can agree; coordinates, cells and moments, which can only reject, are counted in their families. */
export function verdictsOf(results: ExperimentResults): Verdict[] {
  const { relation, figure1, signal, variance, aggregate, temperature, updates, collapse } = results;
  const checks: { readonly verdict: Verdict }[] = [
    ...(relation?.problems.flatMap(({ prompts }) => prompts.flatMap(({ slopes }) => slopes)) ?? []),
    ...(figure1?.points.flatMap(({ slopes }) => slopes) ?? []),
    ...(signal?.prompts.flatMap(({ cells }) => cells) ?? []),
    ...(variance?.prompts.flatMap(({ cells }) =>
      cells.flatMap(({ slope, structural, direct }) => [slope, structural, direct]),
    ) ?? []),
    ...(aggregate?.cases.flatMap(({ cells }) => cells) ?? []),
    ...(temperature?.policies.flatMap(({ points }) => points.flatMap(({ passAtK }) => passAtK)) ?? []),
    ...(updates?.cells ?? []),
    ...(collapse?.cases.map(({ discovery }) => discovery) ?? []),
    ...(collapse?.curves.flatMap(({ points }) => points) ?? []),
  ];
  return checks.map(({ verdict }) => verdict);
}

export function countVerdicts(verdicts: readonly Verdict[], verdict: Verdict): number {
  return verdicts.filter((given) => given === verdict).length;
}
