/**
 * Exact values of a trained policy, in float64: the law of the verifier's final state, from which J1, the masses of modes
 * and answers follow, and the entropy of the trajectory. The policy is the softmax of base logits plus what theta adds;
 * the integer masses that training samples from differ from it by float32 rounding.
 */
import { normalise } from '../problem/masses.ts';
import { modeOfState, type Mode } from '../problem/modes.ts';
import { flatRows, type Problem, type Prompt } from '../problem/problem.ts';
import { reachableLayers } from '../problem/reach.ts';

/** Base logit of a token of probability 0: nothing that theta reaches brings it back. */
export const NEVER = -1e9;

/** A block of parameters that a prompt uses, and its feature. */
export interface Blend {
  readonly block: number;
  readonly feature: number;
}

/** [prompts], the blocks of parameters whose sum is added to each prompt's base logits. */
export function blends(problem: Problem): Blend[][] {
  return problem.prompts.map((_, prompt) =>
    problem.features
      ? problem.features[prompt]
          .map((feature, block) => ({ block, feature }))
          .filter(({ feature }) => feature !== 0)
      : [{ block: prompt, feature: 1 }],
  );
}

/** [prompts, cells], each row less its greatest. Probabilities become their logarithms. */
export function baseLogits(problem: Problem): Float64Array {
  const { vocab, rowCount, source, context } = problem;
  const logits = new Float64Array(source.prompts.length * rowCount * vocab);
  source.prompts.forEach((prompt, index) => {
    flatRows(prompt.logits ?? prompt.probabilities ?? [], context).forEach((row, r) => {
      const own = prompt.logits
        ? row
        : Array.from(normalise(row), (prob) => (prob > 0 ? Math.log(prob) : NEVER));
      const greatest = own.reduce((most, logit) => Math.max(most, logit), -Infinity);
      own.forEach((logit, v) => {
        logits[(index * rowCount + r) * vocab + v] = Math.max(NEVER, logit - greatest);
      });
    });
  });
  return logits;
}

/** What is exact about one prompt under one theta. */
export interface PolicyValue {
  readonly successProb: number;
  /** from its own sum: full relative precision where successProb is near 1 */
  readonly failureProb: number;
  /** [modes] */
  readonly modeProbs: readonly number[];
  /** of a whole trajectory, in nats */
  readonly entropy: number;
  /** [states], chance to end there */
  readonly finalProbs: Float64Array;
}

interface Graph {
  readonly prompt: Prompt;
  /** [T + 1], of the nodes of each layer: their row, and their state */
  readonly rows: readonly Int32Array[];
  readonly states: readonly Int32Array[];
  /** [T][nodes, vocab] */
  readonly successors: readonly Int32Array[];
  readonly labels: Int32Array;
}

/** Evaluates many thetas of one problem. */
export class PolicyEvaluator {
  readonly #problem: Problem;
  readonly #temperature: number;
  readonly #base: Float64Array;
  readonly #blends: readonly (readonly Blend[])[];
  readonly #graphs: readonly Graph[];
  readonly #modeCounts: readonly number[];
  /** [cells] */
  readonly #policy: Float64Array;
  readonly #rowEntropy: Float64Array;

  /** @param modes [prompts][modes] @param temperature of the policy that is evaluated */
  constructor(problem: Problem, modes: readonly (readonly Mode[])[], temperature = 1) {
    const { rowCount, vocab } = problem;
    this.#problem = problem;
    this.#temperature = temperature;
    this.#base = baseLogits(problem);
    this.#blends = blends(problem);
    this.#modeCounts = problem.prompts.map((_, index) => (modes[index] ?? []).length);
    this.#policy = new Float64Array(rowCount * vocab);
    this.#rowEntropy = new Float64Array(rowCount);
    this.#graphs = problem.prompts.map((prompt, index): Graph => {
      // Training may give any token mass, so no edge is left out.
      const open = { ...prompt, masses: new Float64Array(rowCount * vocab).fill(1) };
      const { layers, successors } = reachableLayers(problem, open);
      return {
        prompt,
        rows: layers.map(({ row }) => row),
        states: layers.map(({ state }) => state),
        successors: layers.slice(0, -1).map((_, t) => successors(t)),
        labels: modeOfState(prompt, problem, modes[index] ?? []),
      };
    });
  }

  /** @param theta [params] */
  evaluate(promptIndex: number, theta: ArrayLike<number>): PolicyValue {
    const { vocab, horizon } = this.#problem;
    const graph = this.#graphs[promptIndex];
    this.#writePolicy(promptIndex, theta);
    let occupancy = Float64Array.of(1);
    let entropy = 0;
    for (let t = 0; t < horizon; t += 1) {
      const rows = graph.rows[t];
      const targets = graph.successors[t];
      const next = new Float64Array(graph.states[t + 1].length);
      for (let node = 0; node < rows.length; node += 1) {
        const mass = occupancy[node];
        entropy += mass * this.#rowEntropy[rows[node]];
        for (let v = 0; v < vocab; v += 1) {
          next[targets[node * vocab + v]] += mass * this.#policy[rows[node] * vocab + v];
        }
      }
      occupancy = next;
    }
    const modeProbs = new Array<number>(this.#modeCounts[promptIndex]).fill(0);
    const finalProbs = new Float64Array(graph.prompt.automaton.stateCount);
    let [successProb, failureProb] = [0, 0];
    graph.states[horizon].forEach((state, node) => {
      const label = graph.labels[state];
      finalProbs[state] += occupancy[node];
      if (label === 0) failureProb += occupancy[node];
      else successProb += occupancy[node];
      if (label > 0) modeProbs[label - 1] += occupancy[node];
    });
    return { successProb, failureProb, modeProbs, entropy, finalProbs };
  }

  #writePolicy(promptIndex: number, theta: ArrayLike<number>): void {
    const { vocab, rowCount } = this.#problem;
    const cells = rowCount * vocab;
    const policy = this.#policy;
    for (let j = 0; j < cells; j += 1) {
      let x = this.#base[promptIndex * cells + j];
      for (const { block, feature } of this.#blends[promptIndex]) x += feature * theta[block * cells + j];
      policy[j] = x / this.#temperature;
    }
    for (let row = 0; row < rowCount; row += 1) {
      const first = row * vocab;
      let greatest = -Infinity;
      for (let j = first; j < first + vocab; j += 1) greatest = Math.max(greatest, policy[j]);
      let total = 0;
      let weighted = 0;
      for (let j = first; j < first + vocab; j += 1) {
        const offset = policy[j] - greatest;
        const share = Math.exp(offset);
        policy[j] = share;
        total += share;
        // A token that never occurs has no part in the entropy.
        if (share > 0) weighted += share * offset;
      }
      for (let j = first; j < first + vocab; j += 1) policy[j] /= total;
      // −Σ π ln π = ln Z − Σ π (x − max)
      this.#rowEntropy[row] = Math.log(total) - weighted / total;
    }
  }
}

/** A mode is kept if its mass is at least this share of J1. */
export const KEPT_SHARE = 0.01;

export function keptModes({
  modeProbs,
  successProb,
}: Pick<PolicyValue, 'modeProbs' | 'successProb'>): number {
  return modeProbs.filter((prob) => prob > 0 && prob >= KEPT_SHARE * successProb).length;
}
