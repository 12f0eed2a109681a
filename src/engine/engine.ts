/**
 * What every engine is: it samples, it trains, and it can be asked whether it does so rightly. The GPU, the twin and a
 * browser at the other end of a wire implement it alike; experiments see nothing else.
 */
import type { Fault, Sampler } from './sampler.ts';
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

/** Known answers computed by the engine itself, on the adapter in use. */
export interface SelfTestResult {
  readonly caseCount: number;
  /** the cases that failed, as sentences */
  readonly failures: readonly string[];
}

export interface Engine extends Sampler, Trainer {
  readonly environment: EngineEnvironment;
  /** Random words and the token rule at every boundary of several rows. */
  selfTest(fault?: Fault): Promise<SelfTestResult>;
  timings(): EngineTimings;
  close(): Promise<void>;
}

export const NO_TIMINGS: EngineTimings = {
  compileMs: 0,
  uploadMs: 0,
  firstRunMs: 0,
  steadyMs: 0,
  readbackMs: 0,
  steadyTokenCount: 0,
};

export function addTimings(a: EngineTimings, b: EngineTimings): EngineTimings {
  return {
    compileMs: a.compileMs + b.compileMs,
    uploadMs: a.uploadMs + b.uploadMs,
    firstRunMs: a.firstRunMs + b.firstRunMs,
    steadyMs: a.steadyMs + b.steadyMs,
    readbackMs: a.readbackMs + b.readbackMs,
    steadyTokenCount: a.steadyTokenCount + b.steadyTokenCount,
  };
}
