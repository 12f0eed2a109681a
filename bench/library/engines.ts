/** `passk-bench/engines`: sampling and training, on threads of this Node process, on Dawn, or in plain TypeScript. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../src/engine/engine.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';
import { openNodeEngine } from '../nodeGpu.ts';
import { openCpuEngine } from '../nodeThreads.ts';

export interface EngineRequest {
  /** cpu: compiled kernels on threads; gpu: WebGPU by Dawn, the optional package `webgpu`; twin: the plain reference */
  readonly engine: 'cpu' | 'gpu' | 'twin';
  /** of the CPU engine; as many as the machine has where absent */
  readonly threads?: number;
}

/**
 * An engine, to be closed when it is done. All give the same tallies to the last bit.
 *
 * @throws NoGpuError where `gpu` is asked for and there is none
 */
export async function openEngine({ engine, threads }: EngineRequest): Promise<Engine> {
  if (engine === 'twin') return new TwinEngine();
  if (engine === 'gpu') return openNodeEngine({});
  const folder = dirname(fileURLToPath(import.meta.url));
  return openCpuEngine(join(folder, 'cpuThread.mjs'), threads === undefined ? {} : { threadCount: threads });
}

export type { Engine } from '../../src/engine/engine.ts';
export { NoGpuError } from '../../src/engine/gpu/adapter.ts';
export { everyPrompt, type SamplingJob, type SamplerEvent } from '../../src/engine/sampler.ts';
export type { TrainingEvent, TrainingJob } from '../../src/engine/training.ts';
export { collectTallies, tallyOverRange } from '../../src/engine/collect.ts';
export { mergeTallyFiles, readTallyFile, type TallyFile } from '../../src/engine/tallyFile.ts';
export type { Level, PromptTally } from '../../src/engine/tally.ts';
export { compileProblem, type Problem, type ProblemSource } from '../../src/problem/problem.ts';
export { parseProblem } from '../../src/problem/problemFile.ts';
