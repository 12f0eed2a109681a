/**
 * Negative controls: deliberate mistakes that the suite must see. Each is tried where it is easiest to see, and its
 * chance of being seen is computed beforehand; below 1 − 1e-6 it has no power here and is not held against the run.
 */
import { catalogued } from '../../estimators/estimatorSpec.ts';
import { tableFromWeights, weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import { TOTAL_MASS } from '../../problem/masses.ts';
import { passAtKWeight } from '../../math/passAtK.ts';
import type { Problem } from '../../problem/problem.ts';
import { solvePrompt } from '../../theory/promptTheory.ts';
import type { PromptTally } from '../../engine/tally.ts';
import { scaledWord } from '../../engine/sampler.ts';
import { binomialPValue, lowerTail, upperTail } from '../../math/stats/tails.ts';
import { meanPValue } from '../../lab/checks.ts';
import { CONTROL_LEVEL, rejectionPower, REQUIRED_POWER } from '../../lab/controls.ts';
import { measuredGradient } from '../../lab/measure.ts';
import { claimed, tableLaw, type GroupLaw, type PromptLaw } from '../../theory/promptLaw.ts';
import type { ControlResult } from '../../lab/results.ts';
import type { PromptClasses } from './plan.ts';
import type { ProblemSet } from './problems.ts';

/** A prompt's law with its finished tally. */
export interface SampledPrompt {
  readonly problemId: string;
  readonly set: ProblemSet;
  readonly law: PromptLaw;
  readonly tally: PromptTally;
  readonly groupCount: number;
  /** given the outcome: what was planned, and the tallies of the passes: correct ones alone, wrong ones alone, every c */
  readonly classes: { readonly plan: PromptClasses; readonly tallies: readonly PromptTally[] };
}

/** pkpo with each group's mean weight taken off: a bug found in the wild. Multiplies the gradient by 1 − k/n. */
export function meanCentred(table: WeightTable): WeightTable {
  const { n } = table;
  const correct = new Float64Array(n + 1);
  const wrong = new Float64Array(n + 1);
  for (let c = 0; c <= n; c += 1) {
    const mean = (c * table.correct[c] + (n - c) * table.wrong[c]) / n;
    if (c > 0) correct[c] = table.correct[c] - mean;
    if (c < n) wrong[c] = table.wrong[c] - mean;
  }
  return tableFromWeights(
    { ...table, estimatorId: `${table.estimatorId}, mean-centred`, centred: true },
    correct,
    wrong,
  );
}

interface Candidate {
  readonly sampled: SampledPrompt;
  readonly table: WeightTable;
  readonly claim: GroupLaw;
  readonly power: number;
  readonly detail: string;
}

/** The pkpo slope of a mean-centred table, claimed to be α_k. */
function centredCandidate(sampled: SampledPrompt, pkpo: WeightTable): Candidate {
  const { theory } = sampled.law;
  const honest = tableLaw(pkpo, theory);
  const table = meanCentred(pkpo);
  const truth = tableLaw(table, theory).trueSlope;
  return {
    sampled,
    table,
    claim: honest.slope,
    power: rejectionPower(honest.slope, truth, sampled.groupCount),
    detail: `pkpo k = ${pkpo.k}, true factor 1 - k/n = ${1 - (pkpo.k ?? 0) / pkpo.n}`,
  };
}

/** The honest pkpo slope, claimed to be α_{k−1}: the two are far apart except at p = 1/k. */
function offByOneCandidate(sampled: SampledPrompt, pkpo: WeightTable): Candidate {
  const { theory } = sampled.law;
  const k = pkpo.k ?? 2;
  const truth = tableLaw(pkpo, theory).trueSlope;
  const mean = passAtKWeight(theory.successProb, k - 1);
  const claim = claimed(truth, mean);
  return {
    sampled,
    table: pkpo,
    claim,
    power: rejectionPower(claim, truth, sampled.groupCount),
    detail: `pkpo k = ${k} held against alpha_${k - 1}`,
  };
}

/** Controls that need no further sampling: wrong weights and a wrong law, on the tallies at hand. */
export function tallyControls(
  sampled: readonly SampledPrompt[],
  n: number,
  ks: readonly number[],
): ControlResult[] {
  const pkpo = catalogued('pkpo');
  const tables = ks.filter((k) => k >= 2 && k <= n).map((k) => weightTable(pkpo, n, k));
  const usable = sampled.filter(({ law }) => law.theory.gradientNormSq > 0);
  return [
    judge(
      'mean-centred-pkpo',
      'pkpo weights less their mean in each group',
      usable.flatMap((prompt) =>
        tables.filter(({ k }) => k !== n).map((table) => centredCandidate(prompt, table)),
      ),
    ),
    judge(
      'alpha-off-by-one',
      'alpha_(k-1) in place of alpha_k',
      usable.flatMap((prompt) => tables.map((table) => offByOneCandidate(prompt, table))),
    ),
  ];
}

function judge(id: string, description: string, candidates: readonly Candidate[]): ControlResult {
  const best = [...candidates].sort((a, b) => b.power - a.power).at(0);
  if (!best)
    return { id, description, power: 0, flagged: false, pValue: null, detail: 'no prompt to try it on' };
  const { law, tally, groupCount, problemId } = best.sampled;
  const { mean, rounding } = measuredGradient(law.problem, law.prompt, tally, groupCount, best.table);
  const { gradient, gradientNormSq } = law.theory;
  const slope = mean.reduce((sum, value, j) => sum + value * gradient[j], 0) / gradientNormSq;
  const pValue = meanPValue(
    slope,
    best.claim,
    groupCount,
    (rounding * mean.length) / Math.sqrt(gradientNormSq),
  );
  return {
    id,
    description,
    power: best.power,
    flagged: pValue <= CONTROL_LEVEL,
    pValue,
    detail: `${problemId} ${law.prompt.id}, ${best.detail}, ${groupCount} groups`,
  };
}

/** Masses that a sampler with scaled words really has: counted over all 2^32 words, row by row. */
export function scaledWordMasses(honest: Float64Array, vocab: number): Float64Array {
  const masses = Float64Array.from(honest);
  for (let first = 0; first < masses.length; first += vocab) {
    let threshold = 0;
    let previous = 0;
    for (let cell = first; cell < first + vocab; cell += 1) {
      threshold += honest[cell];
      const words = wordsBelow(threshold);
      masses[cell] = words - previous;
      previous = words;
    }
  }
  return masses;
}

/** How many of the 2^32 words have scaledWord(word) < threshold: the map never falls, so bisect. */
function wordsBelow(threshold: number): number {
  let low = 0;
  let high = TOTAL_MASS;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (scaledWord(middle) < threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where to try the scaled word, on how many groups, and the chance to see it. */
export interface ScaledWordPlan {
  readonly problem: Problem;
  readonly problemId: string;
  readonly promptIndex: number;
  readonly groupCount: number;
  readonly power: number;
  readonly successProb: number;
}

/** Picks the prompt whose J1 moves furthest in standard deviations, then doubles the groups until the power is there. */
export function planScaledWord(
  problems: readonly {
    readonly id: string;
    readonly problem: Problem;
    readonly laws: readonly PromptLaw[];
  }[],
  n: number,
  maxTokens: number,
): ScaledWordPlan {
  const candidates = problems.flatMap(({ id, problem, laws }) =>
    laws.map((law, promptIndex) => {
      const p = law.theory.successProb;
      const faulty = solvePrompt(problem, {
        ...law.prompt,
        masses: scaledWordMasses(law.prompt.masses, problem.vocab),
      }).successProb;
      const separation =
        (Math.abs(faulty - p) / Math.sqrt(p * law.theory.failureProb)) * Math.sqrt(1 / problem.horizon);
      return { id, problem, promptIndex, p, faulty, separation };
    }),
  );
  const [best] = candidates.sort((a, b) => b.separation - a.separation);
  const limit = Math.max(256, Math.floor(maxTokens / (n * best.problem.horizon)));
  let groupCount = 256;
  while (groupCount * 2 <= limit && countPower(groupCount * n, best.p, best.faulty) < REQUIRED_POWER)
    groupCount *= 2;
  return {
    problem: best.problem,
    problemId: best.id,
    promptIndex: best.promptIndex,
    groupCount,
    power: countPower(groupCount * n, best.p, best.faulty),
    successProb: best.p,
  };
}

/** Exact chance that Binomial(N, faulty) is rejected as Binomial(N, p) at CONTROL_LEVEL. */
function countPower(trials: number, p: number, faulty: number): number {
  // The acceptance region is an interval: bisect its two ends.
  const accepted = (x: number): boolean => binomialPValue(x, trials, p) > CONTROL_LEVEL;
  const centre = Math.round(trials * p);
  const end = (outside: number): number => {
    let inside = centre;
    let out = outside;
    while (Math.abs(out - inside) > 1) {
      const middle = Math.trunc((inside + out) / 2);
      if (accepted(middle)) inside = middle;
      else out = middle;
    }
    return inside;
  };
  return lowerTail(end(-1) - 1, trials, faulty) + upperTail(end(trials + 1) + 1, trials, faulty);
}

/** Successes of the faulty sampler against the honest J1. */
export function scaledWordControl(plan: ScaledWordPlan, tally: PromptTally): ControlResult {
  const n = tally.groups.length - 1;
  const successes = tally.groups.reduce((sum, groups, c) => sum + groups * c, 0);
  const pValue = binomialPValue(successes, plan.groupCount * n, plan.successProb);
  return {
    id: 'scaled-word',
    description: 'random words times 1 - 2^-6, in the kernel',
    power: plan.power,
    flagged: pValue <= CONTROL_LEVEL,
    pValue,
    detail: `${plan.problemId} p${plan.promptIndex}, successes of ${plan.groupCount * n} trajectories`,
  };
}

/** `<` for `<=` in the kernel: the boundary test must name failures. */
export function strictThresholdControl(failures: readonly string[], caseCount: number): ControlResult {
  return {
    id: 'strict-threshold',
    description: '`<` for `<=` in the token rule, in the kernel',
    power: 1,
    flagged: failures.length > 0,
    pValue: null,
    detail: `boundary test: ${failures.length} of ${caseCount} known answers fail`,
  };
}
