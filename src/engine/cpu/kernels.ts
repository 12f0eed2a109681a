/** The compiled kernels of assembly/, as WebAssembly modules and instances. */
import type { Automaton } from '../../problem/automaton.ts';
import { scalar, simd } from './compiled.ts';

/** Which form of the kernels: four lanes or one. Both give the same bits. */
export type KernelForm = 'simd' | 'scalar';

/**
 * A verifier as the kernels walk it, [states, vocab + 1]: the offset of the next state's row for each token, and what the state
 * is worth at the end.
 */
export function automatonRows(
  { stateCount, next }: Automaton,
  vocab: number,
  worth: ArrayLike<number>,
): Uint32Array {
  const rows = new Uint32Array(stateCount * (vocab + 1));
  for (let state = 0; state < stateCount; state += 1) {
    const at = state * (vocab + 1);
    for (let token = 0; token < vocab; token += 1) {
      rows[at + token] = next[state * vocab + token] * (vocab + 1) * 4;
    }
    rows[at + vocab] = worth[state];
  }
  return rows;
}

/** What assembly/index.ts exports. Addresses and offsets are bytes in `memory`. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  sampleGroups(
    prompt: number,
    firstLow: number,
    groupHigh: number,
    groupCount: number,
    level: number,
    hasContext: number,
    fault: number,
  ): void;
  writeGuides(prompt: number, rowCount: number): void;
  writeStream(
    at: number,
    counter0: number,
    counter1: number,
    counter2: number,
    counter3: number,
    key0: number,
    key1: number,
    count: number,
  ): void;
  trainPack(
    training: number,
    theta: number,
    means: number,
    squares: number,
    replica: number,
    laneCount: number,
    outcomes: number,
    outcomeStride: number,
    firstStep: number,
    stepCount: number,
  ): void;
  expOfReal(x: number): number;
  logOfReal(x: number): number;
  firstFreeByte(): number;
  tokenOfWord(prompt: number, row: number, word: number, fault: number): number;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** Numbers that a v128 holds, or that the scalar form handles at a time. */
export const LANES: Readonly<Record<KernelForm, number>> = { simd: 4, scalar: 1 };

/** @returns `simd` where this machine's WebAssembly has it */
export function supportedForm(): KernelForm {
  return WebAssembly.validate(bytesOf(simd)) ? 'simd' : 'scalar';
}

/** A memory and the kernels over it: a thread's own. Off the main thread this may be done synchronously. */
export function openKernels(form: KernelForm): Kernels {
  const module = new WebAssembly.Module(bytesOf(form === 'simd' ? simd : scalar));
  const abort = (): never => {
    throw new Error('a kernel stopped itself');
  };
  return new WebAssembly.Instance(module, { env: { abort } }).exports as unknown as Kernels;
}

/** Hands out places in a memory, each a multiple of 16, which grows with what is asked of it. */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly #start: number;
  #end: number;

  constructor(kernels: Kernels) {
    this.memory = kernels.memory;
    this.#start = Math.ceil(kernels.firstFreeByte() / 16) * 16;
    this.#end = this.#start;
  }

  /** Takes everything back: what was handed out is another's from now on. */
  clear(): void {
    this.#end = this.#start;
  }

  /** @returns an address; what is there is whatever was there before: `takeZeros` clears it */
  take(sizeBytes: number): number {
    const at = this.#end;
    this.#end = at + Math.ceil(sizeBytes / 16) * 16;
    const missing = this.#end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
    return at;
  }

  takeZeros(sizeBytes: number): number {
    const at = this.take(sizeBytes);
    new Uint8Array(this.memory.buffer, at, sizeBytes).fill(0);
    return at;
  }

  takeReals(reals: ArrayLike<number>): number {
    const at = this.take(reals.length * 4);
    new Float32Array(this.memory.buffer, at, reals.length).set(reals);
    return at;
  }

  takeWords(words: ArrayLike<number>): number {
    const at = this.take(words.length * 4);
    new Uint32Array(this.memory.buffer, at, words.length).set(words);
    return at;
  }
}
