/** What experiment `relation` finds: raw numbers only, and what is absent is absent. */
import type { NotDefined } from '../../estimators/weightTables.ts';
import type {
  CheckSummary,
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
}

export interface ProblemResult {
  readonly id: string;
  readonly description: string;
  readonly problemSha256: string;
  readonly massesSha256: string;
  readonly experiment: number;
  readonly prompts: readonly PromptResult[];
}

/** Its tallies' hashes stand beside the prompts. */
export interface RelationResult extends Omit<SamplingResult, 'tallies'> {
  readonly experiment: 'relation';
  readonly problems: readonly ProblemResult[];
  readonly notDefined: readonly NotDefined[];
  readonly slopeCount: { readonly agree: number; readonly inconclusive: number; readonly disagree: number };
  /** slopes that this preset must decide for the run to count */
  readonly slopesToDecide: number;
  readonly controls: readonly ControlResult[];
}
