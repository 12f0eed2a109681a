/**
 * Training on a GPU device: blocks of replicas, each taken through all steps in paced submissions, with a readback at
 * the end of each segment.
 */
import {
  MAX_DISPATCHES_PER_SUBMIT,
  type BoundKernel,
  type Dispatch,
  type Gpu,
  type Kernel,
} from '../gpu/gpu.ts';
import { structWords } from '../gpu/layout.ts';
import { Pacer } from '../gpu/pacer.ts';
import { seedKey, trajectoriesPerStream } from '../random/stream.ts';
import { floatBits, trainingSchema, type TrainingField } from './trainingBlock.ts';
import { outcomeTallies } from './outcomeTallies.ts';
import { planTraining, segmentEnds, type TrainingMemory, type TrainingPlan } from './trainingPlan.ts';
import { floats, trainingTables, type TrainingTables } from './trainingTables.ts';
import {
  checkTraining,
  paramCount,
  tokensPerStep,
  type Trainer,
  type TrainingEvent,
  type TrainingJob,
  type TrainingSegment,
} from './training.ts';
import { updateSpec } from './update.ts';

/** Work of a replica's step that is not tokens, in tokens: rows are made and learned from cell by cell. */
const TOKENS_PER_CELL = 1;

export interface TrainerOptions {
  readonly submitMs: number;
  readonly trainingMemory: TrainingMemory;
}

/** Where a trainer reports its times, in ms. */
export type TimeSink = (part: {
  readonly compileMs?: number;
  readonly uploadMs?: number;
  readonly steadyMs?: number;
  readonly steadyTokenCount?: number;
  readonly readbackMs?: number;
}) => void;

interface PacedKernel {
  readonly kernel: Kernel;
  readonly pacer: Pacer;
}

export class GpuTrainer implements Trainer {
  readonly #gpu: Gpu;
  readonly #options: TrainerOptions;
  readonly #memory: TrainingMemory;
  readonly #addTime: TimeSink;
  /** with what each has taught about its speed */
  readonly #kernels = new Map<string, Promise<PacedKernel>>();

  constructor(gpu: Gpu, isSoftware: boolean, options: TrainerOptions, addTime: TimeSink) {
    this.#gpu = gpu;
    this.#options = options;
    // What a software adapter calls workgroup memory is no nearer than any other: there the large kernel took three times
    // as long with it.
    this.#memory =
      options.trainingMemory === 'auto' && isSoftware ? 'variables or storage' : options.trainingMemory;
    this.#addTime = addTime;
  }

  async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    checkTraining(job);
    const plan = planTraining(job, this.#gpu.limits, this.#memory);
    yield { kind: 'compiling' };
    const { kernel, pacer } = await this.#compile(job, plan);
    let tokensBefore = 0;
    for (let first = 0; first < job.replicaCount; first += plan.blockReplicas) {
      const replicaCount = Math.min(plan.blockReplicas, job.replicaCount - first);
      const uploadStart = performance.now();
      const block = new ReplicaBlock(this.#gpu, kernel, job, plan, job.firstReplica + first, replicaCount);
      this.#addTime({ uploadMs: performance.now() - uploadStart });
      try {
        yield* this.#trainBlock(job, plan, block, pacer, tokensBefore);
      } finally {
        block.destroy();
      }
      tokensBefore += replicaCount * job.stepCount * tokensPerStep(job);
    }
  }

  async *#trainBlock(
    job: TrainingJob,
    plan: TrainingPlan,
    block: ReplicaBlock,
    pacer: Pacer,
    tokensBefore: number,
  ): AsyncGenerator<TrainingEvent, void, void> {
    const perStep = tokensPerStep(job);
    const cells = job.problem.rowCount * job.problem.vocab;
    const unitsPerStep = perStep + TOKENS_PER_CELL * job.batchSize * cells;
    let tokenCount = tokensBefore;
    if (job.snapshotSteps[0] === 0) yield { kind: 'segment', segment: await this.#read(block, 0, 0) };
    let firstStep = 0;
    for (const endStep of segmentEnds(job, plan.segmentSteps)) {
      let step = firstStep;
      let item = 0;
      while (step < endStep) {
        const pending: Dispatch[] = [];
        let units = 0;
        let replicaSteps = 0;
        // Whole steps of all replicas while the budget holds them; else a part of the replicas by one step.
        do {
          const isWhole = item === 0;
          const left = pacer.units - units;
          const itemCount = Math.max(1, Math.min(block.replicaCount - item, Math.floor(left / unitsPerStep)));
          const stepCount =
            isWhole && itemCount === block.replicaCount
              ? Math.max(1, Math.min(endStep - step, Math.floor(left / (itemCount * unitsPerStep))))
              : 1;
          pending.push(block.dispatch({ item, itemCount, step, stepCount, outcomeStep: firstStep }));
          units += itemCount * stepCount * unitsPerStep;
          replicaSteps += itemCount * stepCount;
          item += itemCount;
          if (item === block.replicaCount) {
            item = 0;
            step += stepCount;
          }
        } while (step < endStep && units < pacer.units && pending.length < MAX_DISPATCHES_PER_SUBMIT);
        const durationMs = await this.#gpu.run(pending);
        pacer.learn(units, durationMs);
        this.#addTime({ steadyMs: durationMs, steadyTokenCount: replicaSteps * perStep });
        tokenCount += replicaSteps * perStep;
        yield { kind: 'progress', tokenCount };
      }
      yield { kind: 'segment', segment: await this.#read(block, firstStep, endStep) };
      firstStep = endStep;
    }
  }

  async #read(block: ReplicaBlock, firstStep: number, endStep: number): Promise<TrainingSegment> {
    const start = performance.now();
    const segment = await block.read(firstStep, endStep);
    this.#addTime({ readbackMs: performance.now() - start });
    return segment;
  }

  #compile(job: TrainingJob, plan: TrainingPlan): Promise<PacedKernel> {
    const spec = updateSpec(job, plan);
    const key = JSON.stringify([spec.constants, plan.memory, plan.unrolled]);
    const known = this.#kernels.get(key);
    if (known) return known;
    const start = performance.now();
    const compiled = this.#gpu.compile(spec).then((kernel) => {
      this.#addTime({ compileMs: performance.now() - start });
      return { kernel, pacer: new Pacer(this.#options.submitMs) };
    });
    this.#kernels.set(key, compiled);
    return compiled;
  }
}

/** The replicas that one dispatch takes through some steps. */
interface Stretch {
  readonly item: number;
  readonly itemCount: number;
  readonly step: number;
  readonly stepCount: number;
  readonly outcomeStep: number;
}

/** Buffers of a block of replicas. */
class ReplicaBlock {
  readonly replicaCount: number;
  readonly #gpu: Gpu;
  readonly #job: TrainingJob;
  readonly #plan: TrainingPlan;
  readonly #firstReplica: number;
  readonly #tables: TrainingTables;
  readonly #state: GPUBuffer;
  readonly #outcomes: GPUBuffer;
  readonly #masses: GPUBuffer;
  readonly #bound: BoundKernel;
  readonly #all: GPUBuffer[] = [];

  constructor(
    gpu: Gpu,
    kernel: Kernel,
    job: TrainingJob,
    plan: TrainingPlan,
    firstReplica: number,
    replicaCount: number,
  ) {
    this.#gpu = gpu;
    this.#job = job;
    this.#plan = plan;
    this.#firstReplica = firstReplica;
    this.replicaCount = replicaCount;
    const keep = (buffer: GPUBuffer): GPUBuffer => {
      this.#all.push(buffer);
      return buffer;
    };
    const tables = trainingTables(job, plan.unrolled);
    this.#tables = tables;
    const upload = (name: string, words: Uint32Array<ArrayBuffer>): GPUBuffer =>
      keep(gpu.upload(`ReplicaBlock.${name}`, words));
    const storage = (name: string, words: number): GPUBuffer =>
      keep(gpu.storage(`ReplicaBlock.${name}`, words));
    const { problem, batchSize } = job;
    this.#state = upload('state', this.#initialState());
    this.#outcomes = storage(
      'outcomes',
      Math.min(plan.segmentSteps, Math.max(1, job.stepCount)) * batchSize * replicaCount,
    );
    const cells = problem.prompts.length * problem.rowCount * problem.vocab;
    this.#masses = storage('masses', job.masses === 'kept' ? cells * replicaCount : 0);
    this.#bound = gpu.bind(
      kernel,
      [
        upload('baseLogits', tables.baseLogits),
        upload('verifiers', tables.verifiers),
        upload('prompts', tables.prompts),
        upload('tables', tables.tables),
      ],
      [
        this.#state,
        this.#outcomes,
        this.#masses,
        ...(plan.memory === 'storage' ? [storage('memory', plan.layout.slotCount * replicaCount)] : []),
      ],
    );
  }

  dispatch({ item, itemCount, step, stepCount, outcomeStep }: Stretch): Dispatch {
    const { problem, groupSize, batchSize, simko, optimiser } = this.#job;
    const { layout } = this.#plan;
    const { vocab, horizon, rowCount, prompts } = problem;
    const [seedLow, seedHigh] = seedKey(this.#job.seed);
    const isAdam = optimiser.kind === 'adam';
    // The quantile's place among T rising entropies (linear interpolation between neighbours).
    const place = (simko?.quantile ?? 0) * (horizon - 1);
    const fields: Record<TrainingField, number> = {
      vocab,
      horizon,
      row_count: rowCount,
      cell_count: rowCount * vocab,
      param_count: paramCount(problem),
      prompt_count: prompts.length,
      batch_size: batchSize,
      group_size: groupSize,
      stream_length: trajectoriesPerStream(groupSize, horizon),
      seed_low: seedLow,
      seed_high: seedHigh,
      experiment: this.#job.experiment,
      replica_first: this.#firstReplica,
      replica_count: this.replicaCount,
      item_first: item,
      item_count: itemCount,
      step_first: step,
      step_count: stepCount,
      outcome_step: outcomeStep,
      rates_first: this.#tables.ratesFirst,
      blend_first: this.#tables.blendFirst,
      gradient_first: layout.gradientFirst,
      moments_first: layout.momentsFirst,
      threshold_first: layout.thresholdFirst,
      largest_first: layout.largestFirst,
      count_first: layout.countFirst,
      fork_first: layout.forkFirst,
      entropy_first: layout.entropyFirst,
      trail_first: layout.trailFirst,
      inverse_temperature_bits: floatBits(1 / this.#job.temperature),
      inverse_batch_bits: floatBits(1 / batchSize),
      entropy_bonus_bits: floatBits(this.#job.entropyBonus),
      adam_decay_1_bits: floatBits(isAdam ? optimiser.decay1 : 0),
      adam_decay_2_bits: floatBits(isAdam ? optimiser.decay2 : 0),
      adam_gain_1_bits: floatBits(isAdam ? 1 - optimiser.decay1 : 0),
      adam_gain_2_bits: floatBits(isAdam ? 1 - optimiser.decay2 : 0),
      adam_epsilon_bits: floatBits(isAdam ? optimiser.epsilon : 0),
      simko_share_bits: floatBits(simko?.share ?? 0),
      simko_top: simko?.topCount ?? 1,
      simko_penalty_bits: floatBits(simko?.penalty ?? 1),
      simko_rank: Math.floor(place),
      simko_between_bits: floatBits(place - Math.floor(place)),
    };
    return {
      bound: this.#bound,
      uniforms: structWords(trainingSchema, fields),
      workgroupCount: Math.ceil(itemCount / this.#plan.workgroupSize),
    };
  }

  async read(firstStep: number, endStep: number): Promise<TrainingSegment> {
    const { snapshotSteps, batchSize, problem } = this.#job;
    const count = this.replicaCount;
    const hasSnapshot = snapshotSteps.includes(endStep);
    const hasMasses = hasSnapshot && this.#job.masses === 'kept' && endStep > 0;
    const params = paramCount(problem);
    const cells = problem.prompts.length * problem.rowCount * problem.vocab;
    const parts = [
      { buffer: this.#outcomes, wordCount: (endStep - firstStep) * batchSize * count },
      { buffer: this.#state, wordCount: hasSnapshot ? params * count : 0 },
      { buffer: this.#masses, wordCount: hasMasses ? cells * count : 0 },
    ];
    const [outcomes, state, masses] = await this.#gpu.read(
      parts.map((part) => ({ ...part, wordFirst: 0 })),
      'keep',
    );
    const words = new Uint32Array(outcomes);
    return {
      firstReplica: this.#firstReplica,
      replicaCount: count,
      firstStep,
      endStep,
      ...outcomeTallies(words, count, this.#job.groupSize),
      outcomes: this.#job.outcomes === 'each' ? words : null,
      theta: hasSnapshot ? transposed(new Float32Array(state), params, count) : null,
      masses: hasMasses ? transposed(new Uint32Array(masses), cells, count) : null,
    };
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }

  /** theta, and moments of 0: [state words, replicas] */
  #initialState(): Uint32Array<ArrayBuffer> {
    const state = new Uint32Array(this.#plan.stateWords * this.replicaCount);
    const theta = floats(this.#job.initialTheta ?? []);
    theta.forEach((bits, i) => state.fill(bits, i * this.replicaCount, (i + 1) * this.replicaCount));
    return state;
  }
}

/** [rows, columns] as [columns, rows] */
function transposed<Words extends Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(
  words: Words,
  rows: number,
  columns: number,
): Words {
  const turned = words.slice() as Words;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      turned[column * rows + row] = words[row * columns + column];
    }
  }
  return turned;
}
