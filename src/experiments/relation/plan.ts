/**
 * The plan of experiment `relation`: everything that is decided, from exact theory, before the first trajectory is
 * drawn. Which comparisons there will be, at which level each, and how many groups every prompt gets.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { estimators, type Estimator } from '../../estimators/estimators.ts';
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import { isOutOfReach, openReason, planClasses, resolvedBy, type Bound } from '../../lab/classPlan.ts';
import { classCellComparisons } from '../../lab/classChecks.ts';
import {
  classCell,
  classLaw,
  type ClassCell,
  type ClassCounts,
  type ClassLaw,
} from '../../theory/classLaw.ts';
import type { OpenReason } from '../../lab/results.ts';
import { weightTables, type NotDefined, type WeightTable } from '../../estimators/weightTables.ts';
import { InputError } from '../../input/inputError.ts';
import { BATCH_COUNT } from '../../engine/tally.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { countComparisons, testableSecondMoments, type ComparisonLevels } from '../../lab/checks.ts';
import {
  neededGroups,
  promptLaw,
  resolves,
  tableLaw,
  type PromptLaw,
  type TableLaw,
} from '../../theory/promptLaw.ts';
import { relationProblems, type ProblemSet, type RelationProblem } from './problems.ts';
import { PRESETS, settings, type Config, type Preset } from '../../lab/settings.ts';

/** One for each problem and pass; the last ones are those of the deliberate mistakes. */
export const DRAW_IDS = [0x100, 0x1ff] as const satisfies DrawIds;
/** Where the ids of each pass begin: each has draws of its own, or their errors would not be independent. */
const FIRST_ID = { plain: 0, correct: 0x40, wrong: 0x60, each: 0x80, mistake: 0xf0 } as const;
export type Pass = keyof typeof FIRST_ID;
export const passDrawId = (pass: Pass, index: number): number => drawId(DRAW_IDS, FIRST_ID[pass] + index);

/** Groups of a prompt whose slopes are all out of reach: enough for its other checks. */
const LEAST_GROUPS = 16 * BATCH_COUNT;

/**
 * Groups are planned for the whole catalogue at these ks, whatever is asked for: asking for more estimators or ks costs
 * no sampling, and asking for fewer changes no tally.
 */
const REFERENCE_KS = [1, 2, 4, 8, 15, 16];

export interface PlannedProblem extends RelationProblem {
  /** place in the list: what its draw ids go by */
  readonly index: number;
  readonly laws: readonly PromptLaw[];
  /** [prompts], of plain sampling */
  readonly groupCounts: readonly number[];
  /** [prompts] */
  readonly classes: readonly PromptClasses[];
}

/** What is drawn of a prompt given the outcome. */
export interface PromptClasses {
  readonly law: ClassLaw;
  /** those of the tables that were asked for */
  readonly cells: readonly ClassCell[];
  readonly counts: ClassCounts;
  /** [tables], by which bound each is decided; null where it is not */
  readonly decided: readonly (Bound | null)[];
  /** [tables], why it is not; null where it is */
  readonly open: readonly (OpenReason | null)[];
  /** [tables], the longer preset that decides it; null where it is decided, or none does */
  readonly decidedBy: readonly (Preset | null)[];
}

/** CV1 below which nearly all correct trajectories have one score: the prompt is a needle, and its cells prove little. */
export const NEEDLE_DEVIATION = 0.01;

/** Everything decided before the first trajectory is drawn. */
export interface RelationPlan {
  readonly config: Config;
  readonly tables: readonly WeightTable[];
  readonly notDefined: readonly NotDefined[];
  readonly problems: readonly PlannedProblem[];
  readonly levels: Readonly<Record<ProblemSet, ComparisonLevels>>;
  /** of one tally cell given the outcome */
  readonly classCellLevel: number;
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
    index,
    laws: entry.problem.prompts.map((prompt) => promptLaw(entry.problem, prompt, tables)),
  }));
  const promptCounts = { usual: 0, wide: 0 };
  for (const { set, laws } of base) promptCounts[set] += laws.length;
  const reference = weightTables(unbiased(estimators), [n], REFERENCE_KS).tables;
  const levelOf = (set: ProblemSet, tableCount: number): number =>
    FAMILY_LEVEL / Math.max(1, promptCounts[set] * tableCount);
  const problems = base.map((problem): PlannedProblem => {
    const level = levelOf(problem.set, reference.length);
    const cap = Math.floor(config.tokensPerPrompt / (n * problem.problem.horizon));
    return {
      ...problem,
      groupCounts: problem.laws.map(({ theory }) =>
        groupsFor(
          reference.map((table) => tableLaw(table, theory)),
          level,
          cap,
        ),
      ),
      classes: problem.laws.map((law) =>
        planPromptClasses(law, tables, reference, levelOf(problem.set, tables.length), level, config),
      ),
    };
  });
  const each = (comparisons: (problem: PlannedProblem, prompt: number) => number): number =>
    FAMILY_LEVEL /
    Math.max(
      1,
      problems.reduce(
        (sum, problem) =>
          sum + problem.laws.reduce((part, _, prompt) => part + comparisons(problem, prompt), 0),
        0,
      ),
    );
  const shared = {
    coordinates: each(({ laws }, prompt) => tables.length * laws[prompt].prompt.masses.length),
    passAtK: each(() => ks.length),
    counts: each(({ laws }, prompt) => countComparisons(laws[prompt], n)),
    second: each(
      ({ laws, groupCounts }, prompt) =>
        testableSecondMoments(laws[prompt], n, groupCounts[prompt]).filter(Boolean).length,
    ),
  };
  return {
    config,
    tables,
    notDefined,
    problems,
    ks,
    levels: {
      usual: { ...shared, slopes: levelOf('usual', tables.length) },
      wide: { ...shared, slopes: levelOf('wide', tables.length) },
    },
    classCellLevel: each(({ classes }, prompt) =>
      designs(classes[prompt].counts, n).reduce(
        (sum, designed) => sum + classCellComparisons(classes[prompt].law, designed),
        0,
      ),
    ),
  };
}

/** [correct, wrong, each][n + 1]: the groups of each c that the three passes by classes draw of a prompt. */
export function designs({ correct, wrong }: ClassCounts, n: number): number[][] {
  const only = (c: number, groups: number): number[] =>
    Array.from({ length: n + 1 }, (_, at) => (at === c ? groups : 0));
  return [only(n, correct / n), only(0, wrong / n), Array.from({ length: n + 1 }, () => BATCH_COUNT)];
}

function planPromptClasses(
  { problem, prompt, theory }: PromptLaw,
  tables: readonly WeightTable[],
  reference: readonly WeightTable[],
  level: number,
  referenceLevel: number,
  { groupSize, classTokensPerPrompt }: Config,
): PromptClasses {
  const law = classLaw(problem, prompt, theory);
  if (!law) throw new Error(`prompt ${prompt.id}: relation asks for prompts whose J1 is neither 0 nor 1`);
  const unit = BATCH_COUNT * groupSize;
  const capOf = (tokens: number): number => Math.floor(tokens / problem.horizon);
  const cap = capOf(classTokensPerPrompt);
  const referenceCells = reference.map((table) => classCell(table, law, theory));
  const counts = planClasses(law, referenceCells, referenceLevel, unit, cap);
  const cells = tables.map((table) => classCell(table, law, theory));
  const decided = cells.map((cell) => resolvedBy(cell, law, counts, level));
  const longer = PRESETS.map((preset) => ({ preset, tokens: settings.classTokensPerPrompt.byPreset[preset] }))
    .filter(({ tokens }) => tokens > classTokensPerPrompt)
    .map(({ preset, tokens }) => ({
      preset,
      counts: planClasses(law, referenceCells, referenceLevel, unit, capOf(tokens), ['bennett']),
    }));
  return {
    law,
    cells,
    counts,
    decided,
    open: cells.map((cell, i) => (decided[i] === null ? openReason(cell, law, counts, level, cap) : null)),
    decidedBy: cells.map((cell, i) =>
      decided[i] !== null || isOutOfReach(cell, level)
        ? null
        : (longer.find((plan) => resolvedBy(cell, law, plan.counts, level, ['bennett']) !== null)?.preset ??
          null),
    ),
  };
}

/** Those that the theorem's α_k is claimed of; experiment `variance` holds all against their own law. */
const unbiased = (chosen: readonly Estimator[]): Estimator[] =>
  chosen.filter(({ objective }) => objective.estimates !== 'other');

/** As many groups as the most demanding slope within the cap needs, in whole rounds of the 128 batches. */
function groupsFor(laws: readonly TableLaw[], level: number, cap: number): number {
  const needed = laws
    .filter(({ slope }) => slope.mean > 0 && resolves(slope, cap, level))
    .map((law) => neededGroups(law, level));
  const groups = Math.max(BATCH_COUNT, Math.min(LEAST_GROUPS, cap), ...needed);
  return Math.ceil(groups / BATCH_COUNT) * BATCH_COUNT;
}
