/**
 * The engine for machines without a GPU: compiled kernels (assembly/) on a pool of threads. The same draws and the same
 * integers as every other engine; training in float32 in one fixed order, so the same snapshots on every machine.
 */
import { InputError } from '../../input/inputError.ts';
import { SLICED_SAMPLER_ID } from '../../math/random/stream.ts';
import { conditionalTables } from '../../problem/conditional.ts';
import {
  checkJob,
  kernelFault,
  samplerId,
  tableFault,
  type GroupRange,
  type KernelFault,
  type SamplerEvent,
  type SamplingJob,
} from '../sampler.ts';
import {
  NO_TIMINGS,
  type Engine,
  type EngineEnvironment,
  type EngineTimings,
  type SelfTestResult,
} from '../engine.ts';
import { countCells, type PromptTally } from '../tally.ts';
import { checkTraining, type TrainingEvent, type TrainingJob, type TrainingSegment } from '../training.ts';
import { trainingTasks } from './trainingTasks.ts';
import { cpuSelfTest } from './selfTest.ts';
import { supportedForm, type KernelForm } from './kernels.ts';
import { CpuPool, type PoolThread } from './pool.ts';
import type { ClassDesign } from './promptSampler.ts';
import type { SamplingTask, ThreadTask } from './thread.ts';

/** Tasks for each thread, so that none waits long for the last one… */
const TASKS_PER_THREAD = 8;
/** …of this many tokens: less is not worth a task, and more keeps finished groups back for too long. */
const LEAST_TASK_TOKENS = 2 ** 20;
const MOST_TASK_TOKENS = 2 ** 26;
/** Tokens for each counter that a task hands over, at least. */
const TOKENS_PER_COUNTER = 4;

/** @throws InputError where a sampler is asked for that these kernels do not have */
function refuseSliced(job: SamplingJob): void {
  if (samplerId(job) !== SLICED_SAMPLER_ID) return;
  throw new InputError(
    `sampler ${SLICED_SAMPLER_ID}`,
    'an engine that has it: gpu or twin',
    'cpu',
    'ask for --engine gpu',
  );
}

export interface CpuOptions {
  /** starts a thread that runs `CpuThread.serve` */
  readonly spawn: () => PoolThread;
  readonly threadCount: number;
  /** what it runs on, in words: "Node 20.19", "Chromium 156" */
  readonly runtime: string;
  /** absent: what the machine supports */
  readonly form?: KernelForm;
}

export class CpuEngine implements Engine {
  readonly environment: EngineEnvironment;
  readonly #pool: CpuPool;
  readonly #form: KernelForm;
  #timings = NO_TIMINGS;
  #busyMs = 0;

  constructor({ spawn, threadCount, runtime, form = supportedForm() }: CpuOptions) {
    this.#form = form;
    this.#pool = new CpuPool(spawn, threadCount, form);
    this.environment = {
      engine: 'cpu',
      runtime,
      adapter: `${threadCount} ${threadCount === 1 ? 'thread' : 'threads'} of the host, WebAssembly${form === 'simd' ? ' SIMD' : ''}`,
      software: null,
      limits: { threads: threadCount },
      features: [form],
      flags: [],
    };
  }

  selfTest(fault?: KernelFault): Promise<SelfTestResult> {
    return Promise.resolve(cpuSelfTest(this.#form, fault));
  }

  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    checkJob(job);
    refuseSliced(job);
    const ranges = cutRanges(job, this.#pool.threadCount);
    const designs = new Map(ranges.map(({ prompt }) => [prompt, classDesign(job, prompt)]));
    const tasks = ranges.map((range) => samplingTask(job, range, designs.get(range.prompt)));
    const start = performance.now();
    let tokenCount = 0;
    const counted = new Set<number>();
    for await (const event of this.#run(tasks)) {
      if (event.kind === 'progress') {
        ({ tokenCount } = event);
        yield event;
      } else if (event.kind === 'tally' && !counted.has(event.index)) {
        // A thread may die between handing it over and being done: its task is repeated then.
        counted.add(event.index);
        yield { kind: 'chunks', chunks: [{ range: ranges[event.index], tally: event.tally }] };
      }
    }
    this.#timings = {
      ...this.#timings,
      steadyMs: this.#timings.steadyMs + performance.now() - start,
      steadyTokenCount: this.#timings.steadyTokenCount + tokenCount,
    };
  }

  async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    checkTraining(job);
    const tasks = trainingTasks(job);
    const segments = tasks.map((): TrainingSegment[] => []);
    // Segments of a task that was begun again: those that are known already are not taken twice.
    const received = new Uint32Array(tasks.length);
    let block = 0;
    let given = 0;
    for await (const event of this.#run(tasks)) {
      if (event.kind === 'progress') yield event;
      if (event.kind === 'again') received[event.index] = 0;
      if (event.kind === 'segment') {
        const { index } = event;
        received[index] += 1;
        if (received[index] > segments[index].length) segments[index].push(event.segment);
        // Block after block, whichever is ready first.
        while (block < tasks.length && given < segments[block].length) {
          yield { kind: 'segment', segment: segments[block][given] };
          given += 1;
          if (given < tasks[block].cuts.length) continue;
          segments[block] = [];
          block += 1;
          given = 0;
        }
      }
    }
  }

  /** What comes of tasks, each with its index; progress is that of all of them, less what a task that begins again had done. */
  async *#run(
    tasks: readonly ThreadTask[],
  ): AsyncGenerator<
    | { readonly kind: 'progress'; readonly tokenCount: number }
    | { readonly kind: 'again'; readonly index: number }
    | { readonly kind: 'tally'; readonly index: number; readonly tally: PromptTally }
    | { readonly kind: 'segment'; readonly index: number; readonly segment: TrainingSegment },
    void,
    void
  > {
    const done = new Float64Array(tasks.length);
    let tokenCount = 0;
    for await (const { index, event } of this.#pool.run(tasks)) {
      if (event.kind === 'progress') {
        this.#busyMs += event.busyMs;
        done[index] += event.tokenCount;
        tokenCount += event.tokenCount;
        yield { kind: 'progress', tokenCount };
        continue;
      }
      if (event.kind === 'again') {
        tokenCount -= done[index];
        done[index] = 0;
      }
      yield { ...event, index };
    }
  }

  /** The time that its threads were at work: as CPU time, as long as others leave them their cores. */
  cpuSeconds(): number {
    return this.#busyMs / 1000;
  }

  timings(): EngineTimings {
    return this.#timings;
  }

  close(): Promise<void> {
    this.#pool.close();
    return Promise.resolve();
  }
}

/** The tables of a prompt's groups by classes; null in plain sampling. */
function classDesign({ problem, given, fault }: SamplingJob, prompt: number): ClassDesign | null {
  if (given === undefined) return null;
  const { nodeCount, next, masses } = conditionalTables(problem, problem.prompts[prompt], tableFault(fault));
  return { nodeCount, next, masses, given };
}

function samplingTask(
  job: SamplingJob,
  { prompt, firstGroup, groupCount }: GroupRange,
  design: ClassDesign | null | undefined,
): SamplingTask {
  const { vocab, horizon, context, prompts } = job.problem;
  const { groupSize, level, seed, drawId } = job;
  const fault = kernelFault(job.fault);
  const { masses, automaton } = prompts[prompt];
  return {
    kind: 'sample',
    firstGroup,
    groupCount,
    job: {
      ...{ vocab, horizon, context, prompt: { masses, automaton }, promptIndex: prompt },
      ...{ groupSize, level, seed, drawId },
      ...(design ? { byClass: design } : {}),
      ...(fault === undefined ? {} : { fault }),
    },
  };
}

/** Parts of a job's ranges, each for one task. */
function cutRanges(job: SamplingJob, threadCount: number): GroupRange[] {
  const { problem, groupSize, level, ranges } = job;
  const tokensPerGroup = groupSize * problem.horizon;
  const groupCount = ranges.reduce((sum, range) => sum + range.groupCount, 0);
  const share = (groupCount * tokensPerGroup) / (threadCount * TASKS_PER_THREAD);
  const counters = level === 'full' ? countCells(problem, groupSize) : 0;
  const tokens = Math.max(
    Math.min(Math.max(share, LEAST_TASK_TOKENS), MOST_TASK_TOKENS),
    counters * TOKENS_PER_COUNTER,
  );
  const most = Math.max(1, Math.ceil(tokens / tokensPerGroup));
  return ranges.flatMap(({ prompt, firstGroup, groupCount: count }) => {
    const parts = Math.ceil(count / most);
    return Array.from({ length: parts }, (_, part) => {
      const from = Math.floor((part * count) / parts);
      const to = Math.floor(((part + 1) * count) / parts);
      return { prompt, firstGroup: firstGroup + from, groupCount: to - from };
    });
  });
}
