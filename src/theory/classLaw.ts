/**
 * The law of a slope that is measured given the outcome: N1 correct trajectories and N0 wrong ones, each drawn from its own
 * chain (problem/conditional.ts). With u = P(r) s·g/|g|², of mean 1 over correct and −1 over wrong trajectories, and
 * e1 = ū1 − 1, e0 = ū0 + 1,
 *
 *   slope / α = 1 + a e1 + b e0,   a = n E w1(m+1) / α,   b = n E w0(m) / α,   a − b = 1,   m ~ Binomial(n − 1, p)
 *
 * for every estimator whose weights depend on the own outcome and c alone. So one number a holds all that an estimator and a k
 * add: everything else is the two means. What is drawn from are the rounded chains; their exact means, not ±1, are the null.
 */
import { binomialLogProbabilities } from '../math/binomial.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import {
  conditionalTables,
  roundedTransitions,
  type ConditionalTables,
  type Outcome,
} from '../problem/conditional.ts';
import { outcomeVisits, type Visits } from '../problem/outcome.ts';
import type { Problem, Prompt } from '../problem/problem.ts';
import { bennettCumulant, type Cumulant } from '../math/stats/chernoff.ts';
import { centredGains, momentsAlong, type PromptTheory } from './promptTheory.ts';

/** u over the trajectories of one outcome, as the rounded chain has it. */
export interface ClassMoments {
  /** [rowCount, vocab]: u is the sum over the cells that a trajectory takes */
  readonly gains: Float64Array;
  /** ±1, but for the rounding of the tables */
  readonly mean: number;
  /** CV_r */
  readonly deviation: number;
  /** greatest |u − mean| */
  readonly reach: number;
  /** ln E exp(λ (u − mean)): one backward sweep */
  readonly cumulant: Cumulant;
  /** of the rounded chain */
  readonly visits: Visits;
}

/** What sampling by classes needs to know of a prompt whose J1 is neither 0 nor 1. */
export interface ClassLaw {
  readonly problem: Problem;
  readonly prompt: Prompt;
  readonly tables: ConditionalTables;
  readonly correct: ClassMoments;
  readonly wrong: ClassMoments;
}

/** @returns null where an outcome is impossible, or the gradient is 0: there is no slope */
export function classLaw(problem: Problem, prompt: Prompt, theory: PromptTheory): ClassLaw | null {
  const { successProb: p, failureProb: q, direction } = theory;
  const normSq = direction.reduce((sum, value) => sum + value * value, 0);
  if (!theory.correct || !theory.wrong || normSq === 0) return null;
  const tables = conditionalTables(problem, prompt);
  const centred = centredGains(problem, prompt, direction);
  const rarer = Math.min(p, q);
  const moments = (outcome: Outcome, prob: number): ClassMoments => {
    const transitions = roundedTransitions(tables, outcome, problem.vocab)!;
    // With d = g / min(p, q): P(r) s·g / |g|² = (P(r) / min(p, q)) s·d / |d|².
    const factor = prob / rarer / normSq;
    const gains = centred.map((gain) => factor * gain);
    const { reach, successors } = tables;
    const { mean, variance, least, greatest } = momentsAlong(problem, reach, successors, transitions, gains);
    return {
      gains,
      mean,
      deviation: Math.sqrt(variance),
      reach: Math.max(mean - least, greatest - mean),
      cumulant: (argument) => logMeanExp(problem, tables, transitions, gains, argument) - argument * mean,
      visits: outcomeVisits(problem, reach, successors, transitions),
    };
  };
  return { problem, prompt, tables, correct: moments(1, p), wrong: moments(0, q) };
}

/** ln E exp(λ u) over a chain, from the last position back, each node's mean kept as a logarithm. */
function logMeanExp(
  { vocab, horizon }: Problem,
  { reach, successors }: ConditionalTables,
  transitions: readonly Float64Array[],
  gains: Float64Array,
  argument: number,
): number {
  let after = new Float64Array(reach.layers[horizon].state.length);
  for (let t = horizon - 1; t >= 0; t -= 1) {
    const { row } = reach.layers[t];
    const here = new Float64Array(row.length);
    for (let node = 0; node < row.length; node += 1) {
      let largest = -Infinity;
      for (let v = 0; v < vocab; v += 1) {
        const edge = node * vocab + v;
        if (transitions[t][edge] > 0)
          largest = Math.max(largest, argument * gains[row[node] * vocab + v] + after[successors[t][edge]]);
      }
      if (largest === -Infinity) continue;
      // Σ q (e^x − 1), so that a mean next to 1 keeps its digits.
      let excess = 0;
      for (let v = 0; v < vocab; v += 1) {
        const edge = node * vocab + v;
        const chance = transitions[t][edge];
        if (chance > 0)
          excess +=
            chance *
            Math.expm1(argument * gains[row[node] * vocab + v] + after[successors[t][edge]] - largest);
      }
      here[node] = largest + Math.log1p(excess);
    }
    after = here;
  }
  return after[0];
}

/** One estimator and k at one prompt: what its slope takes of the two means. */
export interface ClassCell {
  readonly table: WeightTable;
  /** a; Infinity where float64 has no such number */
  readonly correct: number;
  /** b */
  readonly wrong: number;
  /** ln(|a| CV1 + |b| CV0): noise to signal of one trajectory, drawn in the best proportion; −Infinity where nothing varies */
  readonly logNoise: number;
  /** |E slope / α − 1|, by the rounding of the tables alone */
  readonly offset: number;
}

/** @param table of an estimator of the pass@k gradient, or of pass@1's */
export function classCell(table: WeightTable, law: ClassLaw, theory: PromptTheory): ClassCell {
  const { successProb: p, failureProb: q } = theory;
  const { n } = table;
  const k = table.k ?? 1;
  // α = k q^(k−1); only ratios are formed, for α itself may underflow.
  const logs = binomialLogProbabilities(n - 1, p, q);
  const logFailure = q < 0.5 ? Math.log(q) : Math.log1p(-p);
  const logAlpha = Math.log(k) + (k - 1) * logFailure;
  const share = (weight: (m: number) => number): { value: number; log: number } => {
    const terms = Array.from(logs, (log, m) => {
      const size = n * Math.abs(weight(m));
      return { sign: Math.sign(weight(m)), log: size === 0 ? -Infinity : log + Math.log(size) - logAlpha };
    });
    const largest = Math.max(...terms.map(({ log }) => log));
    if (largest === -Infinity) return { value: 0, log: -Infinity };
    const scaled = terms.reduce((sum, { sign, log }) => sum + sign * Math.exp(log - largest), 0);
    return { value: scaled * Math.exp(largest), log: Math.log(Math.abs(scaled)) + largest };
  };
  const correct = share((m) => table.correct[m + 1]);
  const wrong = share((m) => table.wrong[m]);
  const parts = [
    correct.log + Math.log(law.correct.deviation),
    wrong.log + Math.log(law.wrong.deviation),
  ].filter((log) => log > -Infinity);
  const largest = Math.max(-Infinity, ...parts);
  return {
    table,
    correct: correct.value,
    wrong: wrong.value,
    logNoise:
      largest === -Infinity
        ? -Infinity
        : largest + Math.log(parts.reduce((sum, log) => sum + Math.exp(log - largest), 0)),
    offset: Math.abs(times(correct.value, law.correct.mean - 1) + times(wrong.value, law.wrong.mean + 1)),
  };
}

/** A coefficient of 0 takes nothing, whatever it would be multiplied with. */
export const times = (coefficient: number, value: number): number =>
  coefficient === 0 ? 0 : coefficient * value;

/** Numbers of trajectories drawn by classes. */
export interface ClassCounts {
  readonly correct: number;
  readonly wrong: number;
}

/** W of slope / α: a² CV1²/N1 + b² CV0²/N0. */
export function classVariance(cell: ClassCell, law: ClassLaw, counts: ClassCounts): number {
  const part = (coefficient: number, deviation: number, count: number): number =>
    coefficient === 0 || deviation === 0 ? 0 : (coefficient * deviation) ** 2 / count;
  return (
    part(cell.correct, law.correct.deviation, counts.correct) +
    part(cell.wrong, law.wrong.deviation, counts.wrong)
  );
}

/** ψ of slope / α less its mean, by Bennett's lemma for each class. The same for both sides. */
export function classBennett(cell: ClassCell, law: ClassLaw, counts: ClassCounts): Cumulant {
  const term = (
    coefficient: number,
    { deviation, reach }: ClassMoments,
    count: number,
  ): { variance: number; bound: number } => ({
    variance: coefficient === 0 ? 0 : (coefficient * deviation) ** 2 / count,
    bound: coefficient === 0 ? 0 : (Math.abs(coefficient) * reach) / count,
  });
  return bennettCumulant([
    term(cell.correct, law.correct, counts.correct),
    term(cell.wrong, law.wrong, counts.wrong),
  ]);
}

/** ψ itself, on the side where the slope is too large (1) or too small (−1): never above Bennett's, at the cost of sweeps. */
export function classCumulant(cell: ClassCell, law: ClassLaw, counts: ClassCounts, side: 1 | -1): Cumulant {
  const part = (
    coefficient: number,
    { cumulant, deviation }: ClassMoments,
    count: number,
    argument: number,
  ): number =>
    coefficient === 0 || deviation === 0 ? 0 : count * cumulant((side * argument * coefficient) / count);
  return (argument) =>
    part(cell.correct, law.correct, counts.correct, argument) +
    part(cell.wrong, law.wrong, counts.wrong, argument);
}
