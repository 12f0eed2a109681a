/**
 * Verifiers. Every `accept` clause compiles to one deterministic finite automaton that reads a trajectory's tokens;
 * the trajectory is correct when the state after the last token is an accepting one. This form is what the kernels
 * run and what the exact theory follows.
 */

/** The verifier of a prompt, as the problem file writes it. */
export type Accept =
  | { readonly sequences: readonly (readonly number[])[] }
  | { readonly sum: { readonly modulus: number; readonly residue: number } }
  | {
      readonly automaton: {
        readonly start: number;
        readonly accept: readonly number[];
        readonly next: readonly (readonly number[])[];
      };
    };

export interface Automaton {
  readonly stateCount: number;
  readonly start: number;
  /** [stateCount], 1 where the state accepts */
  readonly accepting: Uint8Array;
  /** [stateCount, vocab], the state after reading a token */
  readonly next: Uint32Array;
}

/** Entries of the `next` table that `compileAccept` will make: counted first, so that a limit can be kept. */
export function automatonEntryCount(accept: Accept, vocab: number, horizon: number): number {
  if ('sum' in accept) return accept.sum.modulus * vocab;
  if ('automaton' in accept) return accept.automaton.next.length * vocab;
  // Every distinct nonempty prefix is a state; in sorted order each sequence adds what lies past its common prefix.
  const sorted = [...accept.sequences].sort(compareSequences);
  let prefixCount = 0;
  sorted.forEach((sequence, index) => {
    let shared = 0;
    if (index > 0) while (shared < horizon && sorted[index - 1][shared] === sequence[shared]) shared += 1;
    prefixCount += horizon - shared;
  });
  return (2 + prefixCount) * vocab;
}

/** Lexicographic order of two sequences of equal length. */
export function compareSequences(a: readonly number[], b: readonly number[]): number {
  for (let t = 0; t < a.length; t += 1) if (a[t] !== b[t]) return a[t] - b[t];
  return 0;
}

/** @param accept already validated against vocab and horizon */
export function compileAccept(accept: Accept, vocab: number, horizon: number): Automaton {
  if ('sum' in accept) return sumAutomaton(accept.sum.modulus, accept.sum.residue, vocab);
  if ('sequences' in accept) return prefixTree(accept.sequences, vocab, horizon);
  const { start, accept: acceptingStates, next } = accept.automaton;
  const automaton = emptyAutomaton(next.length, start, vocab);
  next.forEach((row, state) => automaton.next.set(row, state * vocab));
  for (const state of acceptingStates) automaton.accepting[state] = 1;
  return automaton;
}

function emptyAutomaton(stateCount: number, start: number, vocab: number): Automaton {
  return {
    stateCount,
    start,
    accepting: new Uint8Array(stateCount),
    next: new Uint32Array(stateCount * vocab),
  };
}

/** States are residues: reading token v moves s to (s + v) mod m. */
function sumAutomaton(modulus: number, residue: number, vocab: number): Automaton {
  const automaton = emptyAutomaton(modulus, 0, vocab);
  automaton.accepting[residue] = 1;
  for (let state = 0; state < modulus; state += 1) {
    for (let token = 0; token < vocab; token += 1) {
      automaton.next[state * vocab + token] = (state + token) % modulus;
    }
  }
  return automaton;
}

/** State 0 rejects for good, state 1 is the empty prefix, every other state one prefix of an accepted sequence. */
function prefixTree(sequences: readonly (readonly number[])[], vocab: number, horizon: number): Automaton {
  const rejected = 0;
  const root = 1;
  const rows: Uint32Array[] = [new Uint32Array(vocab), new Uint32Array(vocab)];
  const accepting = new Set<number>();
  for (const sequence of sequences) {
    let state = root;
    for (let t = 0; t < horizon; t += 1) {
      const row = rows[state];
      if (row[sequence[t]] === rejected) {
        row[sequence[t]] = rows.length;
        rows.push(new Uint32Array(vocab));
      }
      state = row[sequence[t]];
    }
    accepting.add(state);
  }
  const automaton = emptyAutomaton(rows.length, root, vocab);
  rows.forEach((row, state) => automaton.next.set(row, state * vocab));
  for (const state of accepting) automaton.accepting[state] = 1;
  return automaton;
}
