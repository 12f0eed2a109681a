/**
 * The states a trajectory can be in: for each position, the (context, verifier state) pairs that have positive
 * probability. Everything exact is a sweep over these layers; what cannot be reached costs nothing.
 */
import { InputError } from '../input/inputError.ts';
import { rowIndex, type Problem, type Prompt } from './problem.ts';

/** Edges of all layers together; beyond it exact theory would need minutes and gigabytes. */
export const MAX_EDGES = 2 ** 26;

export interface Layer {
  /** [nodes], the verifier state of each node */
  readonly state: Int32Array;
  /** [nodes], the policy row that acts there (meaningless in the last layer) */
  readonly row: Int32Array;
}

/** The layers and the edges between them: for each node and each token of positive mass, the node it leads to. */
export interface Reach {
  /** [T + 1] layers; layer t holds the nodes before the token at position t is drawn */
  readonly layers: readonly Layer[];
  /** Fills `successors` [nodes of layer t, vocab] with node numbers of layer t + 1, −1 where the mass is 0. */
  readonly successors: (t: number) => Int32Array;
}

/** @throws InputError if the layers hold more than MAX_EDGES edges */
export function reachableLayers(problem: Problem, prompt: Prompt): Reach {
  const { vocab, horizon } = problem;
  const { automaton, masses } = prompt;
  const contextCount = problem.context === 'none' ? 1 : vocab;
  // number[context * states + state] = node number in the layer that was last entered there, checked by `owner`.
  const number = new Int32Array(contextCount * automaton.stateCount);
  const owner = new Int32Array(number.length).fill(-1);
  const layers: Layer[] = [
    { state: Int32Array.of(automaton.start), row: Int32Array.of(rowIndex(problem, 0, 0)) },
  ];
  let nodeCount = 1;
  for (let t = 0; t < horizon; t += 1) {
    const { state, row } = layers[t];
    const nextState: number[] = [];
    const nextRow: number[] = [];
    for (let node = 0; node < state.length; node += 1) {
      for (let token = 0; token < vocab; token += 1) {
        if (masses[row[node] * vocab + token] === 0) continue;
        const target = automaton.next[state[node] * vocab + token];
        const key = contextCount === 1 ? target : token * automaton.stateCount + target;
        if (owner[key] === t + 1) continue;
        owner[key] = t + 1;
        nextState.push(target);
        nextRow.push(t + 1 < horizon ? rowIndex(problem, t + 1, token) : key);
      }
    }
    nodeCount += nextState.length;
    if (nodeCount * vocab > MAX_EDGES) {
      throw new InputError(
        `prompt '${prompt.id}'`,
        `at most ${MAX_EDGES} reachable (position, context, verifier state, token) combinations for exact theory`,
        `more by position ${t}`,
        'use a smaller verifier or a shorter horizon',
      );
    }
    layers.push({ state: Int32Array.from(nextState), row: Int32Array.from(nextRow) });
  }

  function successors(t: number): Int32Array {
    const { state, row } = layers[t];
    const next = layers[t + 1];
    // The context of a node of layer t + 1 is in its row; at the last layer `row` holds the key itself.
    for (let node = 0; node < next.state.length; node += 1) {
      number[nodeKey(t + 1, next, node)] = node;
    }
    const targets = new Int32Array(state.length * vocab).fill(-1);
    for (let node = 0; node < state.length; node += 1) {
      for (let token = 0; token < vocab; token += 1) {
        if (masses[row[node] * vocab + token] === 0) continue;
        const target = automaton.next[state[node] * vocab + token];
        targets[node * vocab + token] =
          number[contextCount === 1 ? target : token * automaton.stateCount + target];
      }
    }
    return targets;
  }

  function nodeKey(t: number, layer: Layer, node: number): number {
    if (contextCount === 1) return layer.state[node];
    if (t === horizon) return layer.row[node];
    const context = (layer.row[node] - 1) % vocab;
    return context * automaton.stateCount + layer.state[node];
  }

  return { layers, successors };
}
