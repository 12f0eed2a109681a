/**
 * The integer second moments of a group's score, S11, S10 and S00 (contract, level `moments`).
 *
 * With N^r_v the number of the group's trajectories of outcome r that are in row (t,u) and take v there,
 *   S_rr' = Σ_rows [ 2^16 Σ_v N^r_v N^r'_v − N^r Σ_v N^r'_v A_v − N^r' Σ_v N^r_v A_v + N^r N^r' B ]
 *   A_v = ⌊m_v / 2^16 + ½⌋,   B = ⌊2^16 Σ_v (m_v / 2^32)² + ½⌋
 * so that |G|² = 2^-16 (w1² S11 + 2 w1 w0 S10 + w0² S00). Theory uses the same A and B: rounding brings no bias.
 */
import { TOTAL_MASS } from '../problem/masses.ts';
import type { Problem, Prompt } from '../problem/problem.ts';
import type { PromptTheory } from '../theory/promptTheory.ts';
import type { Visits } from '../problem/outcome.ts';

export interface RoundedPolicy {
  /** [rowCount, vocab], A_v in units of 2^-16 */
  readonly tokenMass: Uint32Array;
  /** [rowCount], B in units of 2^-16 */
  readonly collision: Uint32Array;
}

export function roundedPolicy(
  problem: Pick<Problem, 'rowCount' | 'vocab'>,
  prompt: Pick<Prompt, 'masses'>,
): RoundedPolicy {
  const { vocab, rowCount } = problem;
  const { masses } = prompt;
  const tokenMass = new Uint32Array(masses.length);
  const collision = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row += 1) {
    let sum = 0;
    for (let cell = row * vocab; cell < (row + 1) * vocab; cell += 1) {
      tokenMass[cell] = Math.floor(masses[cell] / 2 ** 16 + 0.5);
      const policyProb = masses[cell] / TOTAL_MASS;
      sum += policyProb * policyProb;
    }
    collision[row] = Math.floor(2 ** 16 * sum + 0.5);
  }
  return { tokenMass, collision };
}

/** Exact expectations of the integer sums, as coefficients of c and n − c. */
export interface SecondMomentLaw {
  /** E[S11 | c], E[S10 | c], E[S00 | c] */
  readonly expected: (c: number) => readonly [number, number, number];
  /** K_11, K_10, K_00: the expectation of one pair, in units of 2^-16 */
  readonly pairs: readonly [number, number, number];
}

/**
 *   E[S11|c] = c K1 + c(c−1) K11,   E[S10|c] = c(n−c) K10,   E[S00|c] = (n−c) K0 + (n−c)(n−c−1) K00
 *   K_r = Σ a_r(t,u,v)(1 − 2A_v) + a_r(t,u) B
 *   K_rr' = Σ_rows [ Σ_v a_r a_r' − a_r(t,u) Σ_v a_r' A_v − a_r'(t,u) Σ_v a_r A_v + a_r(t,u) a_r'(t,u) B ]
 */
export function secondMomentLaw(
  problem: Problem,
  prompt: Prompt,
  theory: PromptTheory,
  groupSize: number,
): SecondMomentLaw {
  const { tokenMass, collision } = roundedPolicy(problem, prompt);
  const { vocab, rowCount } = problem;
  const visits = [theory.wrong?.visits, theory.correct?.visits];
  const single = (own: Visits | undefined): number => {
    if (!own) return 0;
    let sum = 0;
    for (let row = 0; row < rowCount; row += 1) {
      sum += own.row[row] * collision[row];
      for (let cell = row * vocab; cell < (row + 1) * vocab; cell += 1) {
        sum += own.token[cell] * (2 ** 16 - 2 * tokenMass[cell]);
      }
    }
    return sum;
  };
  const pair = (a: Visits | undefined, b: Visits | undefined): number => {
    if (!a || !b) return 0;
    let sum = 0;
    for (let row = 0; row < rowCount; row += 1) {
      let matches = 0;
      let massOfA = 0;
      let massOfB = 0;
      for (let cell = row * vocab; cell < (row + 1) * vocab; cell += 1) {
        matches += a.token[cell] * b.token[cell];
        massOfA += a.token[cell] * tokenMass[cell];
        massOfB += b.token[cell] * tokenMass[cell];
      }
      sum +=
        2 ** 16 * matches -
        a.row[row] * massOfB -
        b.row[row] * massOfA +
        a.row[row] * b.row[row] * collision[row];
    }
    return sum;
  };
  const [k0, k1] = visits.map(single);
  const k11 = pair(visits[1], visits[1]);
  const k10 = pair(visits[1], visits[0]);
  const k00 = pair(visits[0], visits[0]);
  return {
    pairs: [k11, k10, k00],
    expected: (c) => {
      const wrong = groupSize - c;
      return [c * k1 + c * (c - 1) * k11, c * wrong * k10, wrong * k0 + wrong * (wrong - 1) * k00];
    },
  };
}
