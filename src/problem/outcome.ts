/**
 * What trajectories look like given their outcome: r = 1 correct, r = 0 wrong.
 *
 * A backward sweep gives b_r(node) = P(outcome r | node); for wrong trajectories it starts from the rejecting states,
 * never from 1 − b_1. Then the chain conditioned on r is a Markov chain again, with
 * q_r(v | node) = π(v) b_r(next) / b_r(node), and its forward sweep stays within [0, 1] whatever J1 is.
 * b_r is kept as mantissa × 2^(−512 e), so horizons of thousands do not underflow.
 */
import { TOTAL_MASS } from './masses.ts';
import type { Problem, Prompt } from './problem.ts';
import type { Reach } from './reach.ts';

const BLOCK = 2 ** 512;

/** Values mantissa × 2^(−512 exponent) ≥ 0; a zero has mantissa 0. */
interface ScaledLayer {
  readonly mantissa: Float64Array;
  readonly exponent: Int32Array;
}

export interface OutcomeChain {
  /** P(r); 0 if it underflows float64 although `possible` */
  readonly prob: number;
  /** whether any trajectory has this outcome */
  readonly possible: boolean;
  /**
   * q_r of layer t: [nodes, vocab], 0 where the token cannot lead to the outcome.
   * Rows of nodes from which the outcome cannot be reached are all 0.
   */
  readonly transitions: (t: number) => Float64Array;
}

/** @param successors [T] tables of `Reach.successors`, computed once and shared by both outcomes */
export function outcomeChain(
  problem: Problem,
  prompt: Prompt,
  reach: Reach,
  successors: readonly Int32Array[],
  outcome: 0 | 1,
): OutcomeChain {
  const { vocab, horizon } = problem;
  const { masses, automaton } = prompt;
  const last = reach.layers[horizon].state;
  const backward: ScaledLayer[] = new Array<ScaledLayer>(horizon + 1);
  backward[horizon] = {
    mantissa: Float64Array.from(last, (state) => (automaton.accepting[state] === outcome ? 1 : 0)),
    exponent: new Int32Array(last.length),
  };
  for (let t = horizon - 1; t >= 0; t -= 1) {
    backward[t] = stepBack(reach.layers[t].row, successors[t], backward[t + 1]);
  }

  function stepBack(row: Int32Array, targets: Int32Array, next: ScaledLayer): ScaledLayer {
    const mantissa = new Float64Array(row.length);
    const exponent = new Int32Array(row.length);
    for (let node = 0; node < row.length; node += 1) {
      let largest = Infinity;
      for (let token = 0; token < vocab; token += 1) {
        const target = targets[node * vocab + token];
        if (target >= 0 && next.mantissa[target] > 0) largest = Math.min(largest, next.exponent[target]);
      }
      if (largest === Infinity) continue;
      let sum = 0;
      for (let token = 0; token < vocab; token += 1) {
        const target = targets[node * vocab + token];
        if (target < 0 || next.mantissa[target] === 0) continue;
        const behind = next.exponent[target] - largest;
        // Two blocks behind is a factor below 2^-511 of the sum: nothing in float64.
        if (behind > 1) continue;
        const value = (masses[row[node] * vocab + token] / TOTAL_MASS) * next.mantissa[target];
        sum += behind === 0 ? value : value / BLOCK;
      }
      const small = sum < 1 / BLOCK;
      mantissa[node] = small ? sum * BLOCK : sum;
      exponent[node] = small ? largest + 1 : largest;
    }
    return { mantissa, exponent };
  }

  function transitions(t: number): Float64Array {
    const { row } = reach.layers[t];
    const here = backward[t];
    const next = backward[t + 1];
    const targets = successors[t];
    const q = new Float64Array(row.length * vocab);
    for (let node = 0; node < row.length; node += 1) {
      if (here.mantissa[node] === 0) continue;
      for (let token = 0; token < vocab; token += 1) {
        const target = targets[node * vocab + token];
        if (target < 0) continue;
        const behind = next.exponent[target] - here.exponent[node];
        if (behind > 1) continue;
        const ratio =
          ((masses[row[node] * vocab + token] / TOTAL_MASS) * next.mantissa[target]) / here.mantissa[node];
        q[node * vocab + token] = behind === 0 ? ratio : behind === 1 ? ratio / BLOCK : ratio * BLOCK;
      }
    }
    return q;
  }

  const start = backward[0];
  return {
    prob: start.exponent[0] > 2 ? 0 : start.mantissa[0] * BLOCK ** -start.exponent[0],
    possible: start.mantissa[0] > 0,
    transitions,
  };
}

/** Where trajectories of one outcome go. */
export interface Visits {
  /** [rowCount, vocab], a_r(t,u,v) = P(row visited and token taken | r) */
  readonly token: Float64Array;
  /** [rowCount], a_r(t,u), the sum over tokens */
  readonly row: Float64Array;
}

/** Forward sweep of the conditioned chain. */
export function outcomeVisits(
  problem: Problem,
  reach: Reach,
  successors: readonly Int32Array[],
  transitions: readonly Float64Array[],
): Visits {
  const { vocab, horizon, rowCount } = problem;
  const token = new Float64Array(rowCount * vocab);
  const row = new Float64Array(rowCount);
  let occupancy = Float64Array.of(1);
  for (let t = 0; t < horizon; t += 1) {
    const rows = reach.layers[t].row;
    const next = new Float64Array(reach.layers[t + 1].state.length);
    for (let node = 0; node < rows.length; node += 1) {
      if (occupancy[node] === 0) continue;
      for (let v = 0; v < vocab; v += 1) {
        const flow = occupancy[node] * transitions[t][node * vocab + v];
        if (flow === 0) continue;
        token[rows[node] * vocab + v] += flow;
        row[rows[node]] += flow;
        next[successors[t][node * vocab + v]] += flow;
      }
    }
    occupancy = next;
  }
  return { token, row };
}
