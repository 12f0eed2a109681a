/**
 * How many trajectories of each outcome a prompt's slopes need, from theory alone, before any is drawn.
 */
import { chernoffPValue, criticalByCumulant } from '../math/stats/chernoff.ts';
import { RESOLVED_DEVIATION, RESOLVED_POWER_Z } from '../math/stats/verdict.ts';
import {
  classBennett,
  classCumulant,
  classVariance,
  type ClassCell,
  type ClassCounts,
  type ClassLaw,
} from '../theory/classLaw.ts';
import type { OpenReason } from './results.ts';

/** More than this of one prompt no run draws: a cell that needs more is out of reach, which is a finding. */
export const OUT_OF_REACH = 1e9;

/** Which bound of the tails resolves a cell: Bennett's, or, where its range keeps the cell open, the generating function. */
export type Bound = 'bennett' | 'exact';

/** What the trajectories of a normal mean are raised by, in turn, until the bound, too, is close enough. */
const FACTORS: Readonly<Record<Bound, readonly number[]>> = {
  bennett: Array.from({ length: 60 }, (_, step) => 1.03 ** step),
  exact: Array.from({ length: 7 }, (_, step) => 1.25 ** step),
};

/** Trajectories for each squared unit of noise to signal, were the mean normal: ((√(2 ln(2/level)) + 1.645) / 0.1)². */
export function trajectoriesPerNoise(level: number): number {
  return ((Math.sqrt(2 * Math.log(2 / level)) + RESOLVED_POWER_Z) / RESOLVED_DEVIATION) ** 2;
}

/** ln of the trajectories that a cell needs, in the best proportion, were its mean normal; −Infinity where nothing varies. */
export const logNeeded = ({ logNoise }: ClassCell, level: number): number =>
  Math.log(trajectoriesPerNoise(level)) + 2 * logNoise;

export const isOutOfReach = (cell: ClassCell, level: number): boolean =>
  logNeeded(cell, level) > Math.log(OUT_OF_REACH) || cell.offset + Number.EPSILON > RESOLVED_DEVIATION;

/** Whether a slope off by 10 % would be rejected with chance 95 %, and by which bound; null where it would not. */
export function resolvedBy(
  cell: ClassCell,
  law: ClassLaw,
  counts: ClassCounts,
  level: number,
  allowed: readonly Bound[] = ['bennett', 'exact'],
): Bound | null {
  const variance = classVariance(cell, law, counts);
  if (!Number.isFinite(variance)) return null;
  const left = RESOLVED_DEVIATION - cell.offset - RESOLVED_POWER_Z * Math.sqrt(variance);
  // No bound is closer than the normal approximation on both sides.
  if (Math.sqrt(2 * Math.log(2 / level) * variance) > left) return null;
  const within = (bound: Bound): boolean => criticalDeviation(cell, law, counts, level, bound) <= left;
  return allowed.find(within) ?? null;
}

/** Why a cell is not decided. @param cap of the prompt's trajectories */
export function openReason(
  cell: ClassCell,
  law: ClassLaw,
  counts: ClassCounts,
  level: number,
  cap: number,
): OpenReason {
  if (isOutOfReach(cell, level)) return 'out of reach';
  if (logNeeded(cell, level) > Math.log(cap)) return 'cap';
  const variance = classVariance(cell, law, counts);
  return trajectoriesPerNoise(level) * variance > 1 ? 'shared plan' : 'bound';
}

/** The deviation of slope / α that is rejected at `level`, on whichever side it takes more. */
export function criticalDeviation(
  cell: ClassCell,
  law: ClassLaw,
  counts: ClassCounts,
  level: number,
  bound: Bound,
): number {
  const variance = classVariance(cell, law, counts);
  if (bound === 'bennett') return criticalByCumulant(level, variance, classBennett(cell, law, counts));
  return Math.max(
    ...([1, -1] as const).map((side) =>
      criticalByCumulant(level, variance, classCumulant(cell, law, counts, side)),
    ),
  );
}

/** p-value of a measured slope / α. @param deviation from the mean of the rounded chains, signed */
export function classPValue(
  cell: ClassCell,
  law: ClassLaw,
  counts: ClassCounts,
  bound: Bound,
  deviation: number,
  rounding: number,
): number {
  // What is no number agrees with nothing.
  if (!Number.isFinite(deviation)) return 0;
  const variance = classVariance(cell, law, counts);
  const cumulant =
    bound === 'bennett'
      ? classBennett(cell, law, counts)
      : classCumulant(cell, law, counts, deviation >= 0 ? 1 : -1);
  return chernoffPValue(Math.abs(deviation), variance, cumulant, rounding);
}

/**
 * Trajectories of each outcome: for one cell after the other, the least demanding first, as many as it needs beside those
 * before it, as long as they stay within the cap. The largest over the cells of what each would have in the best proportion:
 * enough for all of them.
 *
 * @param unit counts are multiples of it
 * @param cap of both together
 */
export function planClasses(
  law: ClassLaw,
  cells: readonly ClassCell[],
  level: number,
  unit: number,
  cap: number,
  allowed: readonly Bound[] = ['bennett', 'exact'],
): ClassCounts {
  let counts: ClassCounts = { correct: unit, wrong: unit };
  const perNoise = trajectoriesPerNoise(level);
  const inOrder = cells
    .filter((cell) => Number.isFinite(cell.correct) && logNeeded(cell, level) <= Math.log(cap))
    .sort((a, b) => a.logNoise - b.logNoise);
  for (const cell of inOrder) {
    const noise = Math.exp(cell.logNoise);
    const wanted = (coefficient: number, deviation: number): number =>
      perNoise * Math.abs(coefficient) * deviation * noise;
    const base = {
      correct: wanted(cell.correct, law.correct.deviation),
      wrong: wanted(cell.wrong, law.wrong.deviation),
    };
    const raised = (factor: number): ClassCounts => ({
      correct: Math.max(counts.correct, Math.ceil((factor * base.correct) / unit) * unit),
      wrong: Math.max(counts.wrong, Math.ceil((factor * base.wrong) / unit) * unit),
    });
    // Bennett's bound in fine steps; the exact one, which takes sweeps, in coarse ones and only where that was not enough.
    for (const bound of allowed) {
      const resolves = (tried: ClassCounts): boolean => resolvedBy(cell, law, tried, level, [bound]) !== null;
      const affordable = FACTORS[bound].map(raised).filter((tried) => tried.correct + tried.wrong <= cap);
      const most = affordable.at(-1);
      // What the most of them do not resolve, fewer do not either.
      const found = most && resolves(most) ? affordable.find(resolves) : undefined;
      if (!found) continue;
      counts = found;
      break;
    }
  }
  return counts;
}
