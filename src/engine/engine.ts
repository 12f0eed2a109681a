/**
 * What every engine is: it samples, it trains, and it can be asked whether it does so rightly. The GPU, the twin and a
 * browser at the other end of a wire implement it alike; experiments see nothing else.
 */
import type { SamplerId } from '../math/random/stream.ts';
import type { KernelFault, Sampler, SamplingJob } from './sampler.ts';
import type { Trainer } from './training.ts';

/** Where the time of an engine went, summed over its life. */
export interface EngineTimings {
  readonly compileMs: number;
  readonly uploadMs: number;
  /** the first submission of each sampling job: drivers finish compiling there */
  readonly firstRunMs: number;
  readonly steadyMs: number;
  readonly readbackMs: number;
  readonly steadyTokenCount: number;
  /** submissions of sampling jobs */
  readonly submissions: number;
  /** on the GPU itself, by its timestamps; null where it has none, or there is no GPU */
  readonly gpuMs: number | null;
  /** tokens sampled by each kernel, where an engine has a choice of them */
  readonly kernels: Readonly<Record<string, number>>;
}

/** The machine an engine runs on, for reports. Absent is absent. */
export interface EngineEnvironment {
  readonly engine: 'gpu' | 'cpu' | 'twin';
  readonly runtime: string;
  readonly adapter: string;
  /** whether the adapter is a software one; null where there is none */
  readonly software: boolean | null;
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
  readonly flags: readonly string[];
}

/** What a kernel does, for one token. */
export interface KernelCounts {
  readonly operations: number;
  /** loads from storage that differ between neighbouring threads */
  readonly loads: number;
  /** reads and writes of arrays that a thread has to itself */
  readonly privateAccesses: number;
  readonly atomics: number;
}

/** What may bound a kernel. */
export type Resource = keyof KernelCounts | 'bytes' | 'dispatches';

/** The most of each that an adapter does in a second, measured on it. */
export type Ceilings = Readonly<Record<Resource, number>>;

/** A kernel for a job, and the adapter that it runs on. */
export interface KernelProfile {
  readonly kernel: string;
  readonly perToken: KernelCounts;
  readonly ceilings: Ceilings;
}

/** Known answers computed by the engine itself, on the adapter in use. */
export interface SelfTestResult {
  readonly caseCount: number;
  /** the cases that failed, as sentences */
  readonly failures: readonly string[];
}

/** What another engine checked of an engine's work. */
export interface Verification {
  /** where it was checked; null where it was not */
  readonly on: EngineEnvironment | null;
  /** why nothing, or no more, was checked, in words; null where all was that should be */
  readonly missing: string | null;
  /** groups and jobs of sampling that both counted alike, to the last bit */
  readonly groups: number;
  readonly jobs: number;
  /** kinds of training steps that were held against the twin */
  readonly steps: readonly string[];
  /** what was not alike, as sentences */
  readonly differences: readonly string[];
}

export interface Engine extends Sampler, Trainer {
  readonly environment: EngineEnvironment;
  /** how often a fresh host took over; absent where there is none to lose */
  readonly recoveryCount?: number;
  /** Random words and the token rule at every boundary of several rows, as a sampler has them (absent: `cdf@1`). */
  selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<SelfTestResult>;
  timings(): EngineTimings;
  /** CPU-seconds that it has spent so far, all its threads and processes together; null, or absent, where that is not known */
  cpuSeconds?(): number | null;
  /** what bounds a job's kernel; null where its operations cannot be counted, absent where there is no kernel to choose */
  profile?(job: SamplingJob): Promise<KernelProfile | null>;
  /** this engine's parts, each by itself; absent where it is one */
  engines?(): Promise<readonly Engine[]>;
  /** absent where no other engine checks this one */
  verification?(): Promise<Verification>;
  close(): Promise<void>;
}

/** Whoever adds up what parts of the work took. */
export type TimeSink = (part: Partial<EngineTimings>) => void;

export const NO_TIMINGS: EngineTimings = {
  compileMs: 0,
  uploadMs: 0,
  firstRunMs: 0,
  steadyMs: 0,
  readbackMs: 0,
  steadyTokenCount: 0,
  submissions: 0,
  gpuMs: null,
  kernels: {},
};

export function addTimings(a: EngineTimings, b: EngineTimings): EngineTimings {
  return {
    compileMs: a.compileMs + b.compileMs,
    uploadMs: a.uploadMs + b.uploadMs,
    firstRunMs: a.firstRunMs + b.firstRunMs,
    steadyMs: a.steadyMs + b.steadyMs,
    readbackMs: a.readbackMs + b.readbackMs,
    steadyTokenCount: a.steadyTokenCount + b.steadyTokenCount,
    submissions: a.submissions + b.submissions,
    gpuMs: a.gpuMs === null ? b.gpuMs : a.gpuMs + (b.gpuMs ?? 0),
    kernels: Object.fromEntries(
      [...new Set([...Object.keys(a.kernels), ...Object.keys(b.kernels)])].map((name) => [
        name,
        (a.kernels[name] ?? 0) + (b.kernels[name] ?? 0),
      ]),
    ),
  };
}
