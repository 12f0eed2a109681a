/**
 * Trajectories given their outcome, as integer tables (`cdf@1/classes`): for each outcome r and each node (context,
 * verifier state) of each layer the conditional chain's row q_r(v | node) = π(v) b_r(next) / b_r(node), rounded to masses
 * exactly as a policy's row is. What is sampled, and what theory speaks of, are these masses and nothing else.
 *
 * Nodes are numbered layer after layer, as `reachableLayers` finds them; those of the last layer draw no token.
 */
import { InputError } from '../input/inputError.ts';
import { sha256 } from '../input/canonical.ts';
import { normalise, TOTAL_MASS, writeMasses } from './masses.ts';
import { outcomeChain } from './outcome.ts';
import type { Problem, Prompt } from './problem.ts';
import { reachableLayers, type Reach } from './reach.ts';

/** Masses of all prompts of a problem and both outcomes together. */
export const MAX_CONDITIONAL_ENTRIES = 2 ** 22;

export type Outcome = 0 | 1;
export const OUTCOMES = [0, 1] as const satisfies readonly Outcome[];

/** A deliberate mistake in the tables, for negative controls. */
export type TableFault =
  /** a token is weighed by the chance of the outcome from the node beside the one that it leads to */
  | 'neighbour-state'
  /** the tables of the two outcomes are exchanged */
  | 'swapped-tables';

/** One prompt's tables. */
export interface ConditionalTables {
  readonly reach: Reach;
  /** [T] `Reach.successors` */
  readonly successors: readonly Int32Array[];
  /** of all layers but the last */
  readonly nodeCount: number;
  /** [T + 1], the number of each layer's first node */
  readonly layerStarts: readonly number[];
  /** [nodeCount, vocab], the number of the node that a token leads to; that of the node itself where none does, or none is left */
  readonly next: Uint32Array<ArrayBuffer>;
  /** [2][nodeCount, vocab] masses by outcome, rows of 0 where the outcome cannot be reached; null where it is impossible */
  readonly masses: readonly [wrong: Float64Array | null, correct: Float64Array | null];
}

/** @throws InputError if the prompt has too many reachable states (reach.ts) */
export function conditionalTables(problem: Problem, prompt: Prompt, fault?: TableFault): ConditionalTables {
  const { vocab, horizon } = problem;
  const reach = reachableLayers(problem, prompt);
  const successors = Array.from({ length: horizon }, (_, t) => reach.successors(t));
  const layerStarts = [0];
  for (const { state } of reach.layers) layerStarts.push(layerStarts[layerStarts.length - 1] + state.length);
  layerStarts.pop();
  const nodeCount = layerStarts[horizon];
  const next = new Uint32Array(nodeCount * vocab);
  successors.forEach((targets, t) => {
    targets.forEach((target, edge) => {
      const node = layerStarts[t] + Math.floor(edge / vocab);
      next[layerStarts[t] * vocab + edge] =
        target < 0 || t + 1 === horizon ? node : layerStarts[t + 1] + target;
    });
  });
  const [wrong, correct] = OUTCOMES.map((outcome): Float64Array | null => {
    const chain = outcomeChain(problem, prompt, reach, successors, outcome);
    if (!chain.possible) return null;
    const masses = new Float64Array(nodeCount * vocab);
    successors.forEach((targets, t) => {
      const transitions = chain.transitions(t);
      const weights =
        fault === 'neighbour-state' && outcome === 1
          ? neighbourTransitions(transitions, reach.layers[t].row, prompt, vocab)
          : transitions;
      for (let node = 0; node < targets.length / vocab; node += 1) {
        const row = weights.subarray(node * vocab, (node + 1) * vocab);
        // Nodes from which the outcome cannot be reached have no row.
        if (row.every((chance) => chance === 0)) continue;
        const at = (layerStarts[t] + node) * vocab;
        writeMasses(row, masses.subarray(at, at + vocab));
      }
    });
    return masses;
  });
  return {
    reach,
    successors,
    nodeCount,
    layerStarts,
    next,
    masses: fault === 'swapped-tables' ? [correct, wrong] : [wrong, correct],
  };
}

/**
 * The mistake: b of the node that the next possible token leads to, as if the backward sweep had been read one place off.
 * Trajectories still have the outcome, only not with the chances that they should.
 */
function neighbourTransitions(
  transitions: Float64Array,
  policyRows: Int32Array,
  { masses }: Prompt,
  vocab: number,
): Float64Array {
  const shifted = new Float64Array(transitions.length);
  policyRows.forEach((row, node) => {
    const policy = masses.subarray(row * vocab, (row + 1) * vocab);
    const own = transitions.subarray(node * vocab, (node + 1) * vocab);
    const possible = Array.from(own.keys()).filter((v) => own[v] > 0);
    const weights = new Float64Array(vocab);
    possible.forEach((v, i) => {
      const neighbour = possible[(i + 1) % possible.length];
      weights[v] = policy[v] * (own[neighbour] / policy[neighbour]);
    });
    if (possible.length > 0) shifted.set(normalise(weights), node * vocab);
  });
  return shifted;
}

/** The rounded chain of one outcome as `outcomeVisits` and the sweeps of the theory take it: [T][nodes of layer t, vocab] */
export function roundedTransitions(
  { layerStarts, masses, successors }: ConditionalTables,
  outcome: Outcome,
  vocab: number,
): Float64Array[] | null {
  const own = masses[outcome];
  if (!own) return null;
  return successors.map((targets, t) =>
    own
      .slice(layerStarts[t] * vocab, layerStarts[t] * vocab + targets.length)
      .map((mass) => mass / TOTAL_MASS),
  );
}

/** Entries that the tables of a problem have: by prompt, outcome, node and token. */
export function conditionalEntries(problem: Problem): number {
  return problem.prompts.reduce((sum, prompt) => {
    const { layers } = reachableLayers(problem, prompt);
    return (
      sum + 2 * problem.vocab * layers.slice(0, -1).reduce((nodes, { state }) => nodes + state.length, 0)
    );
  }, 0);
}

/** @throws InputError where the tables are too large, or a prompt cannot have an outcome that is asked for */
export function checkConditional(problem: Problem, outcomes: readonly Outcome[]): void {
  const entries = conditionalEntries(problem);
  if (entries > MAX_CONDITIONAL_ENTRIES) {
    throw new InputError(
      'sampling given the outcome',
      `at most ${MAX_CONDITIONAL_ENTRIES} entries of conditional tables (2 outcomes x reachable states x tokens)`,
      String(entries),
      'use fewer prompts or a smaller verifier, or plain sampling',
    );
  }
  for (const prompt of problem.prompts) {
    const { masses } = conditionalTables(problem, prompt);
    for (const outcome of outcomes) {
      if (masses[outcome]) continue;
      throw new InputError(
        `prompt '${prompt.id}'`,
        `a policy of which some trajectories are ${outcome === 1 ? 'correct' : 'wrong'}`,
        `J1 = ${1 - outcome}`,
        outcome === 1
          ? 'ask for --given 0, or for plain sampling'
          : 'ask for --given n, or for plain sampling',
      );
    }
  }
}

/**
 * Over the masses of all tables by prompt, outcome (0, then 1), layer, node in the order of `reachableLayers`, and token,
 * as little-endian 64-bit integers; nodes without a row, and outcomes without a table, add nothing.
 */
export function conditionalSha256(problem: Problem): Promise<string> {
  const { vocab } = problem;
  const rows = problem.prompts.flatMap((prompt) =>
    conditionalTables(problem, prompt).masses.flatMap((masses) =>
      masses
        ? Array.from({ length: masses.length / vocab }, (_, node) =>
            masses.subarray(node * vocab, (node + 1) * vocab),
          ).filter((row) => row.some((mass) => mass > 0))
        : [],
    ),
  );
  const bytes = new DataView(new ArrayBuffer(rows.length * vocab * 8));
  rows.forEach((row, index) => {
    row.forEach((mass, token) => bytes.setBigUint64((index * vocab + token) * 8, BigInt(mass), true));
  });
  return sha256(new Uint8Array(bytes.buffer));
}
