/** The GPU side of a block of replicas: its buffers, one dispatch of its kernel, and what is read back of it. */
import type { Stretch } from './strips.ts';
import type { BoundKernel, Dispatch, Gpu, Kernel } from '../gpu.ts';
import { structWords } from '../../structs.ts';
import { seedKey, trajectoriesPerStream } from '../../../math/random/stream.ts';
import { outcomeTallies } from '../../outcomeTallies.ts';
import { paramCount, type TrainingJob, type TrainingSegment } from '../../training.ts';
import { floatBits, trainingSchema, type TrainingField } from './trainingBlock.ts';
import type { TrainingPlan } from './trainingPlan.ts';
import { floats, trainingTables, type TrainingTables } from './trainingTables.ts';

/** Buffers of a block of replicas. */
export class ReplicaBlock {
  readonly replicaCount: number;
  readonly #gpu: Gpu;
  readonly #job: TrainingJob;
  readonly #plan: TrainingPlan;
  readonly #firstReplica: number;
  readonly #tables: TrainingTables;
  readonly #state: GPUBuffer;
  readonly #outcomes: GPUBuffer;
  readonly #masses: GPUBuffer;
  readonly #inputs: readonly GPUBuffer[];
  /** where the general kernel keeps replicas in storage */
  readonly #memory: readonly GPUBuffer[];
  #bound: BoundKernel | null = null;
  readonly #all: GPUBuffer[] = [];

  constructor(gpu: Gpu, job: TrainingJob, plan: TrainingPlan, firstReplica: number, replicaCount: number) {
    this.#gpu = gpu;
    this.#job = job;
    this.#plan = plan;
    this.#firstReplica = firstReplica;
    this.replicaCount = replicaCount;
    const keep = (buffer: GPUBuffer): GPUBuffer => {
      this.#all.push(buffer);
      return buffer;
    };
    const tables = trainingTables(job, plan.generated);
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
    this.#inputs = [
      upload('baseLogits', tables.baseLogits),
      upload('verifiers', tables.verifiers),
      upload('prompts', tables.prompts),
      upload('tables', tables.tables),
    ];
    this.#memory = plan.memory === 'storage' ? [storage('memory', plan.layout.slotCount * replicaCount)] : [];
  }

  /** Before the first dispatch. */
  bind(kernel: Kernel): void {
    this.#bound = this.#gpu.bind(kernel, this.#inputs, [
      this.#state,
      this.#outcomes,
      this.#masses,
      ...this.#memory,
    ]);
  }

  dispatch({
    item,
    itemCount,
    step,
    stepCount,
    outcomeStep,
  }: Stretch & { readonly outcomeStep: number }): Dispatch {
    const bound = this.#bound;
    if (!bound)
      throw new Error('a block of replicas: expected a kernel before its first dispatch, got none; bind one');
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
      draw_id: this.#job.drawId,
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
      bound,
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
