/**
 * Deliberate mistakes of the sampler by classes: conditional tables that are wrong, or exchanged, and words that are scaled. Each
 * is tried where it is easiest to see, and its chance of being seen is computed beforehand.
 */
import { BATCH_COUNT, type PromptTally } from '../../engine/tally.ts';
import type { Fault, SamplingJob } from '../../engine/sampler.ts';
import { meanPValue } from '../../lab/checks.ts';
import { measuredClassMean } from '../../lab/classChecks.ts';
import { CONTROL_LEVEL, rejectionPower, REQUIRED_POWER } from '../../lab/controls.ts';
import type { ControlResult } from '../../lab/results.ts';
import type { Config } from '../../lab/settings.ts';
import { conditionalTables, roundedTransitions, type ConditionalTables } from '../../problem/conditional.ts';
import { momentsAlong } from '../../theory/promptTheory.ts';
import type { ClassLaw } from '../../theory/classLaw.ts';
import type { GroupLaw } from '../../theory/promptLaw.ts';
import { scaledWordMasses } from './controls.ts';
import type { PlannedProblem } from './plan.ts';

export const CLASS_MISTAKES = [
  'neighbour-state',
  'scaled-word',
  'swapped-tables',
] as const satisfies readonly Fault[];
export type ClassMistake = (typeof CLASS_MISTAKES)[number];

const DESCRIPTIONS: Readonly<Record<ClassMistake, string>> = {
  'neighbour-state': 'conditional table of correct trajectories built with the neighbouring state',
  'scaled-word': 'random words times 1 - 2^-6, trajectories given the outcome',
  'swapped-tables': 'conditional tables of the two outcomes exchanged',
};

/** Where a mistake is tried: correct trajectories of one prompt. */
export interface ClassMistakePlan {
  readonly fault: ClassMistake;
  readonly law: ClassLaw;
  readonly place: string;
  /** of u over one correct trajectory, as it should be */
  readonly claim: GroupLaw;
  readonly power: number;
  readonly job: SamplingJob;
}

/** u over one correct trajectory, of a chain: its mean, variance and furthest value from the honest mean or its own. */
function lawOfChain(law: ClassLaw, tables: ConditionalTables): GroupLaw {
  const transitions = roundedTransitions(tables, 1, law.problem.vocab)!;
  const { reach, successors } = tables;
  const { mean, variance, least, greatest } = momentsAlong(
    law.problem,
    reach,
    successors,
    transitions,
    law.correct.gains,
  );
  return { mean, variance, bound: Math.max(mean - least, greatest - mean) };
}

/** The chain that a faulty sampler really draws from. */
function faultyTables({ problem, prompt, tables }: ClassLaw, fault: ClassMistake): ConditionalTables {
  if (fault !== 'scaled-word') return conditionalTables(problem, prompt, fault);
  const [wrong, correct] = tables.masses;
  const scaled = (masses: Float64Array | null): Float64Array | null =>
    masses && scaledWordMasses(masses, problem.vocab);
  return { ...tables, masses: [scaled(wrong), scaled(correct)] };
}

/** Picks the prompt whose mean moves furthest in standard deviations, then doubles the groups until the power is there. */
export function planClassMistake(
  fault: ClassMistake,
  problems: readonly PlannedProblem[],
  { groupSize, seed, classTokensPerPrompt }: Config,
  drawId: number,
): ClassMistakePlan {
  const candidates = problems.flatMap(({ id, problem, classes }) =>
    classes.map(({ law }, prompt) => {
      const claim = {
        mean: law.correct.mean,
        variance: law.correct.deviation ** 2,
        bound: law.correct.reach,
      };
      const truth = fault === 'swapped-tables' ? claim : lawOfChain(law, faultyTables(law, fault));
      const spread = Math.sqrt(claim.variance + truth.variance);
      const separation = spread > 0 ? Math.abs(truth.mean - claim.mean) / spread : 0;
      return { id, problem, prompt, law, claim, truth, separation };
    }),
  );
  const [best] = candidates.sort((a, b) => b.separation - a.separation);
  const limit = Math.max(BATCH_COUNT, Math.floor(classTokensPerPrompt / (groupSize * best.problem.horizon)));
  // Trajectories of exchanged tables have the other outcome, every one of them.
  const powerOf = (groups: number): number =>
    fault === 'swapped-tables' ? 1 : rejectionPower(best.claim, best.truth, groups * groupSize);
  let groupCount = BATCH_COUNT;
  while (groupCount * 2 <= limit && powerOf(groupCount) < REQUIRED_POWER) groupCount *= 2;
  return {
    fault,
    law: best.law,
    claim: best.claim,
    power: powerOf(groupCount),
    place: `${best.id} ${best.law.prompt.id}`,
    job: {
      problem: best.problem,
      ...{ groupSize, seed, drawId, level: 'full', fault },
      given: groupSize,
      ranges: [{ prompt: best.prompt, firstGroup: 0, groupCount }],
    },
  };
}

export function classMistakeControl(
  { fault, law, claim, power, place, job }: ClassMistakePlan,
  tally: PromptTally,
): ControlResult {
  const n = job.groupSize;
  const [{ groupCount }] = job.ranges;
  // c designed and c counted must be one, to the last group.
  const isAsDesigned = tally.groups[n] === groupCount;
  const { value, rounding } = isAsDesigned
    ? measuredClassMean(law, 1, tally, [n])
    : { value: NaN, rounding: 0 };
  const pValue = meanPValue(value, claim, groupCount * n, rounding);
  return {
    id: `classes-${fault}`,
    description: DESCRIPTIONS[fault],
    power,
    flagged: pValue <= CONTROL_LEVEL,
    pValue,
    detail: isAsDesigned
      ? `${place}, mean over ${groupCount * n} correct trajectories`
      : `${place}, ${groupCount - tally.groups[n]} of ${groupCount} groups do not have the c that they were designed to have`,
  };
}
