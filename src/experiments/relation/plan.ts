/**
 * The plan of experiment `relation`: everything that is decided, from exact theory, before the first trajectory is
 * drawn. Which comparisons there will be, at which level each, and how many groups every prompt gets.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { estimators, type Estimator } from '../../estimators/estimators.ts';
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import { weightTables, type NotDefined, type WeightTable } from '../../estimators/weightTables.ts';
import { InputError } from '../../input/inputError.ts';
import { BATCH_COUNT } from '../../engine/tally.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { countComparisons, testableSecondMoments, type ComparisonLevels } from '../../lab/checks.ts';
import { neededGroups, promptLaw, tableLaw, type PromptLaw, type TableLaw } from '../../theory/promptLaw.ts';
import { relationProblems, type RelationProblem } from './problems.ts';
import type { Config } from '../../lab/settings.ts';

/** One for each problem; the last is the faulty engine's. */
export const DRAW_IDS = [0x100, 0x1ff] as const satisfies DrawIds;

/** Groups of a prompt whose slopes are all out of reach: enough for its other checks. */
const LEAST_GROUPS = 16 * BATCH_COUNT;

/**
 * Groups are planned for the whole catalogue at these ks, whatever is asked for: asking for more estimators or ks costs
 * no sampling, and asking for fewer changes no tally.
 */
const REFERENCE_KS = [1, 2, 4, 8, 15, 16];

export interface PlannedProblem extends RelationProblem {
  readonly drawId: number;
  readonly laws: readonly PromptLaw[];
  /** [prompts] */
  readonly groupCounts: readonly number[];
}

/** Everything decided before the first trajectory is drawn. */
export interface RelationPlan {
  readonly config: Config;
  readonly tables: readonly WeightTable[];
  readonly notDefined: readonly NotDefined[];
  readonly problems: readonly PlannedProblem[];
  readonly levels: ComparisonLevels;
  readonly totalTokens: number;
  readonly ks: readonly number[];
}

export function planRelation(config: Config): RelationPlan {
  const n = config.groupSize;
  const chosen = unbiased(config.estimators.flatMap((id) => findEstimator(id) ?? []));
  const { tables, notDefined } = weightTables(chosen, [n], config.ks);
  if (tables.length === 0) {
    const [first] = notDefined;
    throw new InputError(
      'estimators and k',
      `at least one that is unbiased and defined at n = ${n}`,
      notDefined.length > 0
        ? `${first.estimator} k = ${first.k ?? 1}, which ${first.reason}`
        : 'none that is unbiased',
      'choose another k or estimator, or leave out relation',
    );
  }
  const ks = config.ks.filter((k) => k <= n);
  const base = relationProblems().map((entry, index) => ({
    ...entry,
    drawId: drawId(DRAW_IDS, index),
    laws: entry.problem.prompts.map((prompt) => promptLaw(entry.problem, prompt, tables)),
  }));
  const laws = base.flatMap((problem) => problem.laws);
  const slopeLevel = FAMILY_LEVEL / Math.max(1, laws.length * tables.length);
  const reference = weightTables(unbiased(estimators), [n], REFERENCE_KS).tables;
  const referenceLevel = FAMILY_LEVEL / (laws.length * reference.length);
  const problems = base.map((problem): PlannedProblem => {
    const cap = Math.floor(config.tokensPerPrompt / (n * problem.problem.horizon));
    return {
      ...problem,
      groupCounts: problem.laws.map(({ theory }) =>
        groupsFor(
          reference.map((table) => tableLaw(table, theory)),
          referenceLevel,
          cap,
        ),
      ),
    };
  });
  const each = (comparisons: (law: PromptLaw, groupCount: number) => number): number =>
    FAMILY_LEVEL /
    Math.max(
      1,
      problems.reduce(
        (sum, { laws: own, groupCounts }) =>
          sum + own.reduce((part, law, i) => part + comparisons(law, groupCounts[i]), 0),
        0,
      ),
    );
  return {
    config,
    tables,
    notDefined,
    problems,
    ks,
    levels: {
      slopes: slopeLevel,
      coordinates: each((law) => tables.length * law.prompt.masses.length),
      passAtK: each(() => ks.length),
      counts: each((law) => countComparisons(law, n)),
      second: each((law, groups) => testableSecondMoments(law, n, groups).filter(Boolean).length),
    },
    totalTokens: problems.reduce(
      (sum, { problem, groupCounts }) =>
        sum + groupCounts.reduce((part, groups) => part + groups * n * problem.horizon, 0),
      0,
    ),
  };
}

/** Those that the theorem's α_k is claimed of; experiment `variance` holds all against their own law. */
const unbiased = (chosen: readonly Estimator[]): Estimator[] =>
  chosen.filter(({ objective }) => objective.estimates !== 'other');

/** As many groups as the most demanding slope within the cap needs, in whole rounds of the 128 batches. */
function groupsFor(laws: readonly TableLaw[], level: number, cap: number): number {
  const needed = laws.map((law) => neededGroups(law, level)).filter((groups) => groups <= cap);
  const groups = Math.max(BATCH_COUNT, Math.min(LEAST_GROUPS, cap), ...needed);
  return Math.ceil(groups / BATCH_COUNT) * BATCH_COUNT;
}
