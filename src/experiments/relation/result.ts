/** What experiment `relation` finds: raw numbers only, and what is absent is absent. */
import type { ProblemSet } from './problems.ts';
import type { NotDefined } from '../../estimators/weightTables.ts';
import type {
  CheckSummary,
  ClassCheck,
  ClassMeanResult,
  ControlResult,
  PassAtKCheck,
  SamplingResult,
  SlopeCheck,
} from '../../lab/results.ts';

export interface PromptResult {
  readonly id: string;
  readonly successProb: number;
  readonly gradientNormSq: number;
  readonly groupCount: number;
  /** of the raw counts, with everything that determines them */
  readonly tallySha256: string;
  readonly slopes: readonly SlopeCheck[];
  readonly passAtK: readonly PassAtKCheck[];
  readonly coordinates: CheckSummary;
  readonly counts: CheckSummary;
  readonly second: CheckSummary;
  /** the same prompt by classes */
  readonly classes: PromptClassResult;
}

/** What a prompt shows given the outcome: the two means that it all rests on first, then its cells. */
export interface PromptClassResult {
  /** [correct, wrong]; empty in a run that was cut short */
  readonly means: readonly ClassMeanResult[];
  /** in the order of `slopes`; empty in a run that was cut short */
  readonly cells: readonly ClassCheck[];
  /** trajectories of the main passes */
  readonly correctCount: number;
  readonly wrongCount: number;
  /** nearly all correct trajectories have one score: cells of such a prompt prove little */
  readonly isNeedle: boolean;
  /** largest difference that the mixture identity leaves */
  readonly mixtureError: number;
  /** tally cells of all passes by classes, and whether c was what it was designed to be */
  readonly counts: CheckSummary;
  readonly second: CheckSummary;
}

/** Slopes of a set of prompts, each counted once. */
export interface CellCounts {
  readonly total: number;
  /** decided by plain sampling */
  readonly plain: number;
  /** decided only given the outcome, the law of c being tested apart */
  readonly byClass: number;
  /** more than 1e9 trajectories of the prompt needed, even given the outcome */
  readonly outOfReach: number;
  /** a longer run decides them */
  readonly inconclusive: number;
  readonly disagree: number;
}

export interface ProblemResult {
  readonly id: string;
  readonly set: ProblemSet;
  readonly description: string;
  readonly problemSha256: string;
  readonly massesSha256: string;
  readonly experiment: number;
  readonly prompts: readonly PromptResult[];
}

/** `tallies` are those by classes; the plain ones' hashes stand beside the prompts. */
export interface RelationResult extends SamplingResult {
  readonly experiment: 'relation';
  readonly problems: readonly ProblemResult[];
  readonly notDefined: readonly NotDefined[];
  /** of the usual prompts, and of the two wide problems */
  readonly cells: CellCounts;
  readonly wideCells: CellCounts;
  /** slopes of the usual prompts that are decided given the outcome, those that plain sampling decides among them */
  readonly decidedGivenOutcome: number;
  /** slopes that this preset must decide, by plain sampling and given the outcome, for the run to count */
  readonly toDecide: { readonly plain: number; readonly givenOutcome: number };
  /** tokens drawn given the outcome, part of tokenCount */
  readonly classTokenCount: number;
  readonly controls: readonly ControlResult[];
}
