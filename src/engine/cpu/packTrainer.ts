/** Host side of assembly/training.ts: a block of replicas of a job in a thread's memory, trained segment by segment. */
import type { ContextKind, Prompt } from '../../problem/problem.ts';
import { seedKey, trajectoriesPerStream } from '../../math/random/stream.ts';
import type { Blend } from '../../theory/trainedPolicy.ts';
import { structSizeBytes, type StructSchema } from '../structs.ts';
import type { Optimiser, Simko } from '../training.ts';
import { automatonRows, LANES, type Arena, type KernelForm, type Kernels } from './kernels.ts';

/** What a block of replicas needs, and no more: it travels to a thread. */
export interface BlockJob {
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  readonly rowCount: number;
  readonly promptCount: number;
  readonly paramCount: number;
  readonly isShared: boolean;
  readonly groupSize: number;
  readonly batchSize: number;
  readonly temperature: number;
  readonly entropyBonus: number;
  readonly simko: Simko | null;
  readonly optimiser: Optimiser;
  readonly seed: number;
  readonly drawId: number;
  readonly keepsMasses: boolean;
  /** [prompts, cells] */
  readonly base: Float32Array;
  /** [prompts] */
  readonly blends: readonly (readonly Blend[])[];
  /** the distinct verifiers, and the outcome bits of their states; prompts name theirs by its place here */
  readonly verifiers: readonly { readonly automaton: Prompt['automaton']; readonly bits: Uint32Array }[];
  readonly verifierOf: readonly number[];
  /** [n + 1, 2] */
  readonly weights: Float32Array;
  /** [steps, 2] */
  readonly rates: Float32Array;
  readonly initialTheta: Float32Array | null;
  readonly firstReplica: number;
  readonly replicaCount: number;
}

const wordFields = [
  ...(['vocab', 'rowCount', 'horizon', 'groupSize', 'streamLength', 'batchSize', 'promptCount'] as const),
  ...([
    'paramCount',
    'seedLow',
    'seedHigh',
    'drawId',
    'hasContext',
    'isShared',
    'isAdam',
    'isSimko',
  ] as const),
  ...([
    'base',
    'blendStarts',
    'blendParams',
    'blendFeatures',
    'automata',
    'starts',
    'weights',
    'rates',
  ] as const),
  ...(['inverseTemperature', 'scale', 'decay1', 'rest1', 'decay2', 'rest2', 'epsilon'] as const),
  ...(['bonusPerVisit', 'simkoRank', 'simkoPart', 'topCount', 'share', 'penalty'] as const),
  ...(['words', 'thresholds', 'likeliest', 'counts', 'forks', 'entropies'] as const),
  ...(['trail', 'trailRows', 'sorted', 'policies', 'logs', 'gradient', 'kept'] as const),
];

export const trainingSchema = { name: 'Training', fields: wordFields } satisfies StructSchema<string>;

type Field = (typeof wordFields)[number];

/** Fields that are f32; all others are u32. */
export const REALS: ReadonlySet<string> = new Set<Field>([
  ...(['inverseTemperature', 'scale', 'decay1', 'rest1', 'decay2', 'rest2', 'epsilon'] as const),
  ...(['bonusPerVisit', 'simkoPart', 'share', 'penalty'] as const),
]);

/** What the replicas of a block did in some steps. */
export interface BlockSteps {
  /** [steps, batch, replicas] */
  readonly outcomes: Uint32Array<ArrayBuffer>;
  /** [replicas, params] */
  readonly theta: Float32Array<ArrayBuffer> | null;
  /** [replicas, prompts, cells] */
  readonly masses: Uint32Array<ArrayBuffer> | null;
}

export class PackTrainer {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #job: BlockJob;
  readonly #lanes: number;
  readonly #packCount: number;
  readonly #at: number;
  readonly #theta: number;
  readonly #means: number;
  readonly #squares: number;
  /** each pack's own where masses are kept, for they are read after the last pack */
  readonly #kept: number;
  readonly #outcomes: number;
  readonly #packBytes: number;
  readonly #cellCount: number;

  /** Takes the whole arena. @param mostSteps of one segment */
  constructor(kernels: Kernels, form: KernelForm, arena: Arena, job: BlockJob, mostSteps: number) {
    const lanes = LANES[form];
    const { vocab, horizon, rowCount, promptCount, paramCount, groupSize, optimiser, simko } = job;
    const cellCount = rowCount * vocab;
    const ofPack = (values: number): number => arena.take(values * lanes * 4);
    const zerosOfPack = (values: number): number => arena.takeZeros(values * lanes * 4);
    arena.clear();
    this.#kernels = kernels;
    this.#memory = arena.memory;
    this.#job = job;
    this.#lanes = lanes;
    this.#cellCount = promptCount * cellCount;
    this.#packCount = Math.ceil(job.replicaCount / lanes);
    this.#packBytes = paramCount * lanes * 4;
    const isAdam = optimiser.kind === 'adam';
    const streamLength = trajectoriesPerStream(groupSize, horizon);
    const [seedLow, seedHigh] = seedKey(job.seed);
    const { blendStarts, blendParams, blendFeatures } = blendTables(job, cellCount);
    const verifiers = job.verifiers.map(({ automaton, bits }) => ({
      address: arena.takeWords(automatonRows(automaton, vocab, bits)),
      start: automaton.start * (vocab + 1) * 4,
    }));
    const simkoPlace = simko ? (horizon - 1) * simko.quantile : 0;
    const values: Readonly<Record<Field, number>> = {
      ...{ vocab, rowCount, horizon, groupSize, streamLength, promptCount, paramCount, seedLow, seedHigh },
      batchSize: job.batchSize,
      drawId: job.drawId,
      hasContext: job.context === 'none' ? 0 : 1,
      isShared: job.isShared ? 1 : 0,
      isAdam: isAdam ? 1 : 0,
      isSimko: simko ? 1 : 0,
      base: arena.takeReals(job.base),
      blendStarts: arena.takeWords(blendStarts),
      blendParams: arena.takeWords(blendParams),
      blendFeatures: arena.takeReals(blendFeatures),
      automata: arena.takeWords(job.verifierOf.map((index) => verifiers[index].address)),
      starts: arena.takeWords(job.verifierOf.map((index) => verifiers[index].start)),
      weights: arena.takeReals(job.weights),
      rates: arena.takeReals(job.rates),
      inverseTemperature: 1 / job.temperature,
      scale: 1 / (job.temperature * job.batchSize),
      decay1: isAdam ? optimiser.decay1 : 0,
      rest1: isAdam ? 1 - optimiser.decay1 : 0,
      decay2: isAdam ? optimiser.decay2 : 0,
      rest2: isAdam ? 1 - optimiser.decay2 : 0,
      epsilon: isAdam ? optimiser.epsilon : 0,
      bonusPerVisit: job.entropyBonus / groupSize,
      simkoRank: Math.floor(simkoPlace),
      simkoPart: simkoPlace - Math.floor(simkoPlace),
      topCount: simko?.topCount ?? 0,
      share: simko?.share ?? 0,
      penalty: simko?.penalty ?? 0,
      words: ofPack(4 + streamLength * horizon),
      thresholds: ofPack(cellCount),
      likeliest: ofPack(rowCount),
      counts: zerosOfPack(cellCount),
      forks: zerosOfPack(simko ? cellCount : 0),
      entropies: ofPack(simko ? rowCount : 0),
      trail: ofPack(horizon),
      trailRows: arena.take(horizon * 4),
      sorted: arena.take(horizon * 4),
      policies: ofPack(vocab),
      logs: ofPack(vocab),
      gradient: ofPack(job.isShared ? paramCount : 0),
      kept: 0,
    };
    this.#at = arena.take(structSizeBytes(trainingSchema));
    this.#theta = arena.take(this.#packCount * this.#packBytes);
    this.#means = arena.takeZeros(isAdam ? this.#packCount * this.#packBytes : 0);
    this.#squares = arena.takeZeros(isAdam ? this.#packCount * this.#packBytes : 0);
    this.#kept = zerosOfPack(job.keepsMasses ? this.#packCount * this.#cellCount : 0);
    this.#outcomes = arena.take(mostSteps * job.batchSize * job.replicaCount * 4);
    const view = new DataView(this.#memory.buffer, this.#at);
    trainingSchema.fields.forEach((field, i) => {
      if (REALS.has(field)) view.setFloat32(4 * i, values[field], true);
      else view.setUint32(4 * i, values[field], true);
    });
    const theta = new Float32Array(this.#memory.buffer, this.#theta, this.#packCount * paramCount * lanes);
    for (let i = 0; i < theta.length; i += 1) {
      theta[i] = job.initialTheta?.[Math.floor(i / lanes) % paramCount] ?? 0;
    }
  }

  /** Units of work of a segment: a pack's step. */
  get packCount(): number {
    return this.#packCount;
  }

  /** Steps firstStep .. endStep − 1 of one pack, whose outcomes go where the segment that begins with segmentStep keeps them. */
  trainPack(pack: number, segmentStep: number, firstStep: number, endStep: number): void {
    const { batchSize, replicaCount, firstReplica, keepsMasses } = this.#job;
    const replica = pack * this.#lanes;
    const stride = replicaCount * 4;
    if (keepsMasses) {
      const field = trainingSchema.fields.indexOf('kept');
      const kept = this.#kept + pack * this.#cellCount * this.#lanes * 4;
      new DataView(this.#memory.buffer).setUint32(this.#at + 4 * field, kept, true);
    }
    this.#kernels.trainPack(
      this.#at,
      this.#theta + pack * this.#packBytes,
      this.#means + pack * this.#packBytes,
      this.#squares + pack * this.#packBytes,
      firstReplica + replica,
      Math.min(this.#lanes, replicaCount - replica),
      this.#outcomes + (firstStep - segmentStep) * batchSize * stride + replica * 4,
      stride,
      firstStep,
      endStep - firstStep,
    );
  }

  /** What a segment of so many steps gave. */
  take(stepCount: number, withTheta: boolean): BlockSteps {
    const { batchSize, replicaCount, paramCount, keepsMasses } = this.#job;
    const { buffer } = this.#memory;
    return {
      outcomes: new Uint32Array(buffer, this.#outcomes, stepCount * batchSize * replicaCount).slice(),
      theta: withTheta
        ? this.#byReplica(
            new Float32Array(buffer, this.#theta),
            paramCount,
            new Float32Array(replicaCount * paramCount),
          )
        : null,
      masses:
        withTheta && keepsMasses && stepCount > 0
          ? this.#byReplica(
              new Uint32Array(buffer, this.#kept),
              this.#cellCount,
              new Uint32Array(replicaCount * this.#cellCount),
            )
          : null,
    };
  }

  /** From [packs, values, lanes] to [replicas, values]. */
  #byReplica<Values extends Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(
    source: Float32Array | Uint32Array,
    valueCount: number,
    target: Values,
  ): Values {
    for (let replica = 0; replica < this.#job.replicaCount; replica += 1) {
      const lane = replica % this.#lanes;
      const first = (replica - lane) * valueCount + lane;
      for (let i = 0; i < valueCount; i += 1)
        target[replica * valueCount + i] = source[first + i * this.#lanes];
    }
    return target;
  }
}

function blendTables(
  { blends }: BlockJob,
  cellCount: number,
): {
  readonly blendStarts: readonly number[];
  readonly blendParams: readonly number[];
  readonly blendFeatures: readonly number[];
} {
  const all = blends.flat();
  let end = 0;
  return {
    blendStarts: [0, ...blends.map((own) => (end += own.length))],
    blendParams: all.map(({ block }) => block * cellCount),
    blendFeatures: all.map(({ feature }) => feature),
  };
}
