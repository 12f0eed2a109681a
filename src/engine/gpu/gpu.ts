/**
 * A device and the few things this project does with one: buffers, pipelines, submissions, readback. The only code
 * that creates GPU objects, but for its clock (gpuClock.ts). Guarantees:
 *
 * - a lost device rejects every pending and later call with `DeviceLostError`; nothing waits for ever;
 * - compile errors name the file and line of the WGSL they are about;
 * - pipelines have explicit layouts: group 0 uniforms (dynamic offset), group 1 read-only storage, group 2 outputs.
 */
import { DeviceLostError } from './adapter.ts';
import { GpuClock } from './gpuClock.ts';
import { withoutShifts } from './shifts.ts';

/** Values of GPUBufferUsage and friends: hosts other than browsers do not define the globals. */
const MAP_READ = 0x1;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const UNIFORM = 0x40;
const STORAGE = 0x80;
const MAP_MODE_READ = 0x1;
const STAGE_COMPUTE = 0x4;

/** Uniform blocks sit at multiples of this, the default minUniformBufferOffsetAlignment. */
const UNIFORM_STRIDE_BYTES = 256;
/** A loss is announced within a second of the failures that it causes. */
const LOSS_ANNOUNCED_WITHIN_MS = 2_000;
/** Dispatches that one submission may hold. */
export const MAX_DISPATCHES_PER_SUBMIT = 256;

/** WGSL of one kernel: the entry file first, so that its line numbers are the compiler's. */
export interface ShaderSource {
  readonly label: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

export interface KernelSpec {
  readonly source: ShaderSource;
  readonly entryPoint: string;
  readonly constants: Readonly<Record<string, number>>;
  /** storage buffers of group 1 and of group 2 */
  readonly inputCount: number;
  readonly outputCount: number;
}

export interface Kernel {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly inputs: GPUBindGroupLayout;
  readonly outputs: GPUBindGroupLayout;
}

/** A kernel with its buffers. */
export interface BoundKernel {
  readonly kernel: Kernel;
  readonly inputs: GPUBindGroup;
  readonly outputs: GPUBindGroup;
}

export interface Dispatch {
  readonly bound: BoundKernel;
  readonly uniforms: Uint32Array<ArrayBuffer>;
  readonly workgroupCount: number;
}

export class Gpu {
  readonly #device: GPUDevice;
  readonly #hasLaneShifts: boolean;
  /** what rejects each call in flight: all of them when the device is lost */
  readonly #waiting = new Set<(error: DeviceLostError) => void>();
  #loss: DeviceLostError | null = null;
  readonly #clock: GpuClock | null;
  /** read already, and not yet asked for, in ms */
  #clockMs = 0;
  readonly #uniforms: GPUBuffer;
  readonly #uniformLayout: GPUBindGroupLayout;
  readonly #uniformGroup: GPUBindGroup;

  /** @param hasLaneShifts the adapter shifts one lane at a time, and its kernels had better do without (shifts.ts) */
  constructor(device: GPUDevice, hasLaneShifts: boolean) {
    this.#device = device;
    this.#hasLaneShifts = hasLaneShifts;
    this.#clock = GpuClock.of(device);
    void device.lost.then((info) => {
      this.#loss = new DeviceLostError(`the GPU device was lost: ${info.message || info.reason}`);
      for (const reject of this.#waiting) reject(this.#loss);
      this.#waiting.clear();
    });
    this.#uniforms = device.createBuffer({
      label: 'Gpu.uniforms',
      size: MAX_DISPATCHES_PER_SUBMIT * UNIFORM_STRIDE_BYTES,
      usage: UNIFORM | COPY_DST,
    });
    this.#uniformLayout = device.createBindGroupLayout({
      label: 'Gpu.uniformLayout',
      entries: [
        { binding: 0, visibility: STAGE_COMPUTE, buffer: { type: 'uniform', hasDynamicOffset: true } },
      ],
    });
    this.#uniformGroup = device.createBindGroup({
      label: 'Gpu.uniformGroup',
      layout: this.#uniformLayout,
      entries: [{ binding: 0, resource: { buffer: this.#uniforms, size: UNIFORM_STRIDE_BYTES } }],
    });
  }

  get limits(): GPUSupportedLimits {
    return this.#device.limits;
  }

  /** A zeroed storage buffer; a binding cannot be empty, so at least one word. */
  storage(label: string, wordCount: number): GPUBuffer {
    return this.#device.createBuffer({
      label,
      size: Math.max(1, wordCount) * 4,
      usage: STORAGE | COPY_SRC | COPY_DST,
    });
  }

  /** A storage buffer that holds `words`. */
  upload(label: string, words: Uint32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.storage(label, words.length);
    this.#device.queue.writeBuffer(buffer, 0, words);
    return buffer;
  }

  /** Overwrites a buffer's first words, before what is submitted next. */
  write(buffer: GPUBuffer, words: Uint32Array<ArrayBuffer>): void {
    this.#device.queue.writeBuffer(buffer, 0, words);
  }

  /** @throws Error with the WGSL's file, line and text where it does not compile */
  async compile(spec: KernelSpec): Promise<Kernel> {
    const device = this.#device;
    const { label } = spec.source;
    const code = spec.source.files.map((file) => file.text).join('\n');
    const module = device.createShaderModule({
      label,
      code: this.#hasLaneShifts ? withoutShifts(code) : code,
    });
    const info = await this.#orLost(module.getCompilationInfo());
    const fault = info.messages.find((message) => message.type === 'error');
    if (fault) throw new Error(`${label}: ${locate(spec.source, fault.lineNum)}: ${fault.message}`);
    const inputs = this.#storageLayout(`${label}.inputs`, spec.inputCount, 'read-only-storage');
    const outputs = this.#storageLayout(`${label}.outputs`, spec.outputCount, 'storage');
    const pipeline = await this.#orLost(
      device.createComputePipelineAsync({
        label,
        layout: device.createPipelineLayout({
          label,
          bindGroupLayouts: [this.#uniformLayout, inputs, outputs],
        }),
        compute: { module, entryPoint: spec.entryPoint, constants: spec.constants },
      }),
    );
    return { label, pipeline, inputs, outputs };
  }

  bind(kernel: Kernel, inputs: readonly GPUBuffer[], outputs: readonly GPUBuffer[]): BoundKernel {
    return {
      kernel,
      inputs: this.#bindGroup(`${kernel.label}.inputs`, kernel.inputs, inputs),
      outputs: this.#bindGroup(`${kernel.label}.outputs`, kernel.outputs, outputs),
    };
  }

  /**
   * Runs dispatches in order and waits for the last.
   *
   * @param dispatches at most MAX_DISPATCHES_PER_SUBMIT
   * @returns host time from submission to completion, in ms
   */
  async run(dispatches: readonly Dispatch[]): Promise<number> {
    const device = this.#device;
    const words = new Uint32Array((dispatches.length * UNIFORM_STRIDE_BYTES) / 4);
    dispatches.forEach(({ uniforms }, index) => words.set(uniforms, (index * UNIFORM_STRIDE_BYTES) / 4));
    device.queue.writeBuffer(this.#uniforms, 0, words);
    const encoder = device.createCommandEncoder({ label: 'Gpu.run' });
    const timestampWrites = this.#clock?.next();
    const pass = encoder.beginComputePass({
      label: 'Gpu.run',
      ...(timestampWrites ? { timestampWrites } : {}),
    });
    dispatches.forEach(({ bound, workgroupCount }, index) => {
      pass.setPipeline(bound.kernel.pipeline);
      pass.setBindGroup(0, this.#uniformGroup, [index * UNIFORM_STRIDE_BYTES]);
      pass.setBindGroup(1, bound.inputs);
      pass.setBindGroup(2, bound.outputs);
      pass.dispatchWorkgroups(workgroupCount);
    });
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await this.#orLost(device.queue.onSubmittedWorkDone());
    const durationMs = performance.now() - start;
    if (this.#clock?.isFull === true) await this.#readClock();
    return durationMs;
  }

  /** What all runs since the last call took on the GPU itself, in ms; null where it has no timestamps. */
  async gpuTime(): Promise<number | null> {
    if (!this.#clock) return null;
    await this.#readClock();
    const durationMs = this.#clockMs;
    this.#clockMs = 0;
    return durationMs;
  }

  async #readClock(): Promise<void> {
    this.#clockMs += (await this.#clock?.read((work) => this.#orLost(work))) ?? 0;
  }

  /** Copies the first words of buffers to the host, then zeroes those words if asked to. */
  async read(
    sources: readonly {
      readonly buffer: GPUBuffer;
      readonly wordFirst: number;
      readonly wordCount: number;
    }[],
    then: 'keep' | 'clear',
  ): Promise<ArrayBuffer[]> {
    const device = this.#device;
    const sizes = sources.map(({ wordCount }) => wordCount * 4);
    const staging = device.createBuffer({
      label: 'Gpu.read',
      size: sizes.reduce((total, size) => total + size, 0),
      usage: MAP_READ | COPY_DST,
    });
    const encoder = device.createCommandEncoder({ label: 'Gpu.read' });
    let offset = 0;
    sources.forEach(({ buffer, wordFirst }, index) => {
      encoder.copyBufferToBuffer(buffer, wordFirst * 4, staging, offset, sizes[index]);
      if (then === 'clear') encoder.clearBuffer(buffer, wordFirst * 4, sizes[index]);
      offset += sizes[index];
    });
    device.queue.submit([encoder.finish()]);
    await this.#orLost(staging.mapAsync(MAP_MODE_READ));
    const mapped = staging.getMappedRange();
    offset = 0;
    const copies = sizes.map((size) => {
      const copy = mapped.slice(offset, offset + size);
      offset += size;
      return copy;
    });
    staging.unmap();
    staging.destroy();
    return copies;
  }

  destroy(): void {
    this.#device.destroy();
  }

  #storageLayout(label: string, count: number, type: GPUBufferBindingType): GPUBindGroupLayout {
    return this.#device.createBindGroupLayout({
      label,
      entries: Array.from({ length: count }, (_, binding) => ({
        binding,
        visibility: STAGE_COMPUTE,
        buffer: { type },
      })),
    });
  }

  #bindGroup(label: string, layout: GPUBindGroupLayout, buffers: readonly GPUBuffer[]): GPUBindGroup {
    return this.#device.createBindGroup({
      label,
      layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
  }

  /**
   * When a GPU process dies, pending calls may fail with words of their own before the loss itself is announced. A race would
   * be shorter, but each race against a promise that never settles stays in memory with it.
   */
  #orLost<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const lose = (error: DeviceLostError): void => {
        this.#waiting.delete(lose);
        reject(error);
      };
      this.#waiting.add(lose);
      if (this.#loss) lose(this.#loss);
      work.then(
        (value) => {
          this.#waiting.delete(lose);
          resolve(value);
        },
        (error: unknown) => {
          const fail = (): void => {
            this.#waiting.delete(lose);
            reject(error instanceof Error ? error : new Error(String(error)));
          };
          if (error instanceof DeviceLostError) fail();
          else setTimeout(fail, LOSS_ANNOUNCED_WITHIN_MS);
        },
      );
    });
  }
}

/** "sample.wgsl:41: the line's text" for a line of the joined source. */
function locate(source: ShaderSource, lineNumber: number): string {
  let line = lineNumber;
  for (const { name, text } of source.files) {
    const lines = text.split('\n');
    if (line <= lines.length) return `${name}:${line}: ${(lines[line - 1] ?? '').trim()}`;
    line -= lines.length;
  }
  return 'unknown line';
}
