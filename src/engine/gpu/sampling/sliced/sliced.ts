/** Host side of the kernels of `sliced@1`: one for each prompt that is sampled, which draw slices of 32 groups. */
import randomWgsl from '../../../../../shaders/lib/random.wgsl?raw';
import slicedWgsl from '../../../../../shaders/lib/sliced.wgsl?raw';
import wideWgsl from '../../../../../shaders/lib/wide.wgsl?raw';
import { SLICE_GROUPS } from '../../../../math/random/slicedStream.ts';
import { seedKey } from '../../../../math/random/stream.ts';
import {
  MAX_DISPATCHES_PER_SUBMIT,
  type BoundKernel,
  type Dispatch,
  type Gpu,
  type Kernel,
  type KernelSpec,
} from '../../gpu.ts';
import { kernelFault, type GroupRange, type KernelFault, type SamplingJob } from '../../../sampler.ts';
import { structWords } from '../../../structs.ts';
import type { PromptCounters } from '../counters.ts';
import { withFault } from '../faults.ts';
import type { JobRunner, Pass } from '../jobRunner.ts';
import type { JobPlan } from '../plan.ts';
import { slicesPerWorkgroup, sliceCountOf, slicesOf, slicesSchema, type Slices } from './slices.ts';
import { slicedSource } from './source.ts';

/** What is compiled of generated text. */
export function slicedSpec(
  text: string,
  entryPoint: string,
  workgroupSize: number,
  inputCount: number,
  fault: KernelFault | undefined,
): KernelSpec {
  return {
    source: withFault(
      {
        label: 'sliced',
        files: [
          { name: 'sliced', text },
          { name: 'sliced.wgsl', text: slicedWgsl },
          { name: 'random.wgsl', text: randomWgsl },
          { name: 'wide.wgsl', text: wideWgsl },
        ],
      },
      fault,
    ),
    entryPoint,
    constants: { WORKGROUP_SIZE: workgroupSize },
    inputCount,
    outputCount: 1,
  };
}

/**
 * Kernels of the prompts that a job samples, one after the other.
 *
 * @param compiled compiles under a key, once
 */
export async function slicedKernels(
  job: SamplingJob,
  workgroupSize: number,
  compiled: (key: string, spec: KernelSpec) => Promise<Kernel>,
): Promise<ReadonlyMap<number, Kernel>> {
  const { problem, groupSize } = job;
  const { vocab, horizon } = problem;
  const fault = kernelFault(job.fault);
  const kernels = new Map<number, Kernel>();
  for (const { prompt, groupCount } of job.ranges) {
    if (groupCount === 0 || kernels.has(prompt)) continue;
    const { accept } = problem.source.prompts[prompt];
    const text = slicedSource({ vocab, horizon, groupSize }, problem.prompts[prompt], accept);
    const spec = slicedSpec(text, 'tally', workgroupSize, 0, fault);
    kernels.set(prompt, await compiled(`${text}${fault ?? ''}`, spec));
  }
  return kernels;
}

/** Slices of one prompt. */
interface Piece extends Slices {
  readonly prompt: number;
  readonly slot: number;
}

export interface SlicedParts {
  readonly kernels: ReadonlyMap<number, Kernel>;
  readonly plan: JobPlan;
  readonly counters: PromptCounters;
  readonly workgroupSize: number;
  readonly isSoftware: boolean;
}

export class Sliced implements JobRunner<Piece> {
  readonly name = 'sliced';
  readonly maxBatchGroups = Infinity;
  readonly maxPieces = MAX_DISPATCHES_PER_SUBMIT;
  readonly maxUnits = Infinity;
  readonly unitsPerGroup: number;
  readonly counters: PromptCounters;
  readonly #job: SamplingJob;
  readonly #parts: SlicedParts;
  readonly #bound: ReadonlyMap<number, BoundKernel>;

  constructor(gpu: Gpu, job: SamplingJob, parts: SlicedParts) {
    this.#job = job;
    this.#parts = parts;
    this.counters = parts.counters;
    this.unitsPerGroup = job.groupSize * job.problem.horizon;
    this.#bound = new Map(
      [...parts.kernels].map(([prompt, kernel]) => [prompt, gpu.bind(kernel, [], [parts.counters.groups])]),
    );
  }

  /** A slice costs as much with few of its groups asked for as with all. */
  passes(batch: GroupRange): Pass<Piece>[] {
    const { slot } = this.counters.place(batch);
    return [
      {
        itemCount: sliceCountOf(batch),
        unitsPerItem: SLICE_GROUPS * this.unitsPerGroup,
        piece: (first, count) => ({ prompt: batch.prompt, slot, ...slicesOf(batch, first, count) }),
      },
    ];
  }

  dispatches(pieces: readonly Piece[]): Dispatch[] {
    return pieces.map((piece) => this.#dispatch(piece));
  }

  destroy(): void {
    // The counters are not its own.
  }

  #dispatch({ prompt, slot, first, count, firstLanes, lastLanes }: Piece): Dispatch {
    const { plan, workgroupSize, isSoftware } = this.#parts;
    const bound = this.#bound.get(prompt);
    if (!bound) throw new Error(`prompt ${prompt} has no kernel`);
    const [seedLow, seedHigh] = seedKey(this.#job.seed);
    const perWorkgroup = slicesPerWorkgroup(count, workgroupSize, isSoftware);
    return {
      bound,
      uniforms: structWords(slicesSchema, {
        seed_low: seedLow,
        seed_high: seedHigh,
        draw_id: this.#job.drawId,
        prompt,
        slice_low: first % 2 ** 32,
        slice_high: Math.floor(first / 2 ** 32),
        slice_count: count,
        slices_per_workgroup: perWorkgroup,
        first_lanes: firstLanes,
        last_lanes: lastLanes,
        groups_first: slot * plan.groupsWords,
      }),
      workgroupCount: Math.ceil(count / perWorkgroup),
    };
  }
}
