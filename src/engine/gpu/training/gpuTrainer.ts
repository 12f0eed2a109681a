/**
 * Training on a GPU device: blocks of replicas, each taken through all steps in paced submissions, with a readback at
 * the end of each segment.
 */
import { MAX_DISPATCHES_PER_SUBMIT, type Dispatch, type Gpu, type Kernel } from '../gpu.ts';
import { Pacer } from '../pacer.ts';
import { ReplicaBlock } from './replicaBlock.ts';
import {
  checkTraining,
  tokensPerStep,
  type Trainer,
  type TrainingEvent,
  type TrainingJob,
  type TrainingSegment,
} from '../../training.ts';
import type { TimeSink } from '../../engine.ts';
import type { TrainingKernel } from './generatedKernel.ts';
import { Strips } from './strips.ts';
import { planTraining, type TrainingPlan } from './trainingPlan.ts';
import { segmentEnds } from '../../training.ts';
import { updateSpec } from './update.ts';

/** Work of a replica's step that is not tokens, in tokens: rows are made and learned from cell by cell. */
const TOKENS_PER_CELL = 1;
/** Replicas that keep all processors at work: two workgroups for each of a few cores, or all threads of a graphics card. */
const LEAST_REPLICAS = { software: 512, hardware: 2 ** 16 } as const;

export interface TrainerOptions {
  readonly submitMs: number;
  readonly trainingKernel: TrainingKernel;
}

interface PacedKernel {
  readonly kernel: Kernel;
  readonly pacer: Pacer;
}

export class GpuTrainer implements Trainer {
  readonly #gpu: Gpu;
  readonly #options: TrainerOptions;
  readonly #adapter: 'software' | 'hardware';
  readonly #addTime: TimeSink;
  /** with what each has taught about its speed */
  readonly #kernels = new Map<string, Promise<PacedKernel>>();

  constructor(gpu: Gpu, isSoftware: boolean, options: TrainerOptions, addTime: TimeSink) {
    this.#gpu = gpu;
    this.#options = options;
    this.#adapter = isSoftware ? 'software' : 'hardware';
    this.#addTime = addTime;
  }

  async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    checkTraining(job);
    const plan = planTraining(job, this.#gpu.limits, this.#adapter, this.#options.trainingKernel);
    // Tables and buffers are made while the kernel compiles.
    const compiling = this.#compile(job, plan);
    yield { kind: 'compiling' };
    let tokensBefore = 0;
    for (let first = 0; first < job.replicaCount; first += plan.blockReplicas) {
      const replicaCount = Math.min(plan.blockReplicas, job.replicaCount - first);
      const uploadStart = performance.now();
      const block = new ReplicaBlock(this.#gpu, job, plan, job.firstReplica + first, replicaCount);
      this.#addTime({ uploadMs: performance.now() - uploadStart });
      try {
        const { kernel, pacer } = await compiling;
        block.bind(kernel);
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
      const strips = new Strips(block.replicaCount, firstStep, endStep, LEAST_REPLICAS[this.#adapter]);
      while (!strips.isDone()) {
        const pending: Dispatch[] = [];
        let replicaSteps = 0;
        while (!strips.isDone() && pending.length < MAX_DISPATCHES_PER_SUBMIT) {
          const stretch = strips.next(pacer.units / unitsPerStep - replicaSteps, pending.length === 0);
          if (stretch === null) break;
          pending.push(block.dispatch({ ...stretch, outcomeStep: firstStep }));
          replicaSteps += stretch.itemCount * stretch.stepCount;
        }
        const durationMs = await this.#gpu.run(pending);
        pacer.learn(replicaSteps * unitsPerStep, durationMs);
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
    const key = JSON.stringify([spec.constants, plan.memory, plan.generated]);
    const known = this.#kernels.get(key);
    if (known) return known;
    const start = performance.now();
    const compiled = this.#gpu.compile(spec).then((kernel) => {
      this.#addTime({ compileMs: performance.now() - start });
      return { kernel, pacer: new Pacer(this.#options.submitMs) };
    });
    // Whoever stopped before waiting for it has no use for its error.
    compiled.catch(() => undefined);
    this.#kernels.set(key, compiled);
    return compiled;
  }
}
