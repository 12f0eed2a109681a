/** Host side of shaders/ceilings.wgsl: the most that the adapter in use does of each thing, measured on it. */
import ceilingsWgsl from '../../../../shaders/ceilings.wgsl?raw';
import type { Ceilings, Resource } from '../../engine.ts';
import { structWords, type StructSchema } from '../../structs.ts';
import type { BoundKernel, Dispatch, Gpu } from '../gpu.ts';

export const loadSchema = {
  name: 'Load',
  fields: ['rounds', 'thread_count', 'table_mask'],
} as const satisfies StructSchema<string>;

const WORKGROUP_SIZE = 64;
/** Tables for loads lie in a near cache; those for bandwidth in none. */
const SMALL_WORDS = 2 ** 12;
const LARGE_WORDS = 2 ** 24;

interface Probe {
  readonly entryPoint: string;
  /** what a thread does in a round */
  readonly perRound: number;
  readonly tableWords: number;
}

const PROBES: Readonly<Record<Exclude<Resource, 'dispatches'>, Probe>> = {
  operations: { entryPoint: 'integer_operations', perRound: 64, tableWords: SMALL_WORDS },
  loads: { entryPoint: 'differing_loads', perRound: 8, tableWords: SMALL_WORDS },
  privateAccesses: { entryPoint: 'private_accesses', perRound: 16, tableWords: SMALL_WORDS },
  atomics: { entryPoint: 'atomics', perRound: 8, tableWords: SMALL_WORDS },
  bytes: { entryPoint: 'bandwidth', perRound: 16, tableWords: LARGE_WORDS },
};

/** A probe runs at least so long, and the best of several is the ceiling. */
const LEAST_MS = 15;
const TRIES = 5;
const FIRST_ROUNDS = 4;
const MOST_ROUNDS = 2 ** 20;
const DISPATCHES = 64;

/** Threads that fill an adapter: of a software one the cores, of hardware several for each lane. */
const THREADS = { software: 2 ** 11, hardware: 2 ** 19 } as const;

export async function measureCeilings(gpu: Gpu, isSoftware: boolean): Promise<Ceilings> {
  const threadCount = isSoftware ? THREADS.software : THREADS.hardware;
  const small = gpu.upload(
    'ceilings.small',
    Uint32Array.from({ length: SMALL_WORDS }, (_, i) => (i * 0x9e3779b1) >>> 0),
  );
  const large = gpu.storage('ceilings.large', LARGE_WORDS);
  const outputs = [
    gpu.storage('ceilings.results', threadCount),
    gpu.storage('ceilings.counters', SMALL_WORDS),
  ];
  try {
    const bind = async (entryPoint: string, table: GPUBuffer): Promise<BoundKernel> =>
      gpu.bind(await gpu.compile(specOf(entryPoint)), [table], outputs);
    const dispatch = (bound: BoundKernel, rounds: number, tableWords: number): Dispatch => ({
      bound,
      uniforms: structWords(loadSchema, { rounds, thread_count: threadCount, table_mask: tableWords - 1 }),
      workgroupCount: Math.ceil(threadCount / WORKGROUP_SIZE),
    });
    const rates: Partial<Record<Resource, number>> = {};
    for (const resource of Object.keys(PROBES) as (keyof typeof PROBES)[]) {
      const { entryPoint, perRound, tableWords } = PROBES[resource];
      const bound = await bind(entryPoint, tableWords === LARGE_WORDS ? large : small);
      let rounds = FIRST_ROUNDS;
      let durationMs = await gpu.run([dispatch(bound, rounds, tableWords)]);
      while (durationMs < LEAST_MS && rounds < MOST_ROUNDS) {
        rounds *= 2;
        durationMs = await gpu.run([dispatch(bound, rounds, tableWords)]);
      }
      for (let run = 1; run < TRIES; run += 1) {
        durationMs = Math.min(durationMs, await gpu.run([dispatch(bound, rounds, tableWords)]));
      }
      rates[resource] = (threadCount * rounds * perRound * 1000) / durationMs;
    }
    const nothing = await bind('nothing', small);
    const idle = Array.from({ length: DISPATCHES }, () => ({
      ...dispatch(nothing, 0, SMALL_WORDS),
      workgroupCount: 1,
    }));
    let idleMs = Infinity;
    for (let run = 0; run < TRIES; run += 1) idleMs = Math.min(idleMs, await gpu.run(idle));
    return { ...(rates as Record<keyof typeof PROBES, number>), dispatches: (DISPATCHES * 1000) / idleMs };
  } finally {
    for (const buffer of [small, large, ...outputs]) buffer.destroy();
  }
}

const specOf = (entryPoint: string): Parameters<Gpu['compile']>[0] => ({
  source: { label: `ceilings.${entryPoint}`, files: [{ name: 'ceilings.wgsl', text: ceilingsWgsl }] },
  entryPoint,
  constants: { WORKGROUP_SIZE },
  inputCount: 1,
  outputCount: 2,
});
