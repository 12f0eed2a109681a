/**
 * Dawn in Node: a GPU without a browser, where the optional `webgpu` package is installed.
 */
import { NoGpuError } from '../src/engine/gpu/adapter.ts';
import { GpuEngine, type EngineOptions } from '../src/engine/gpu/gpuEngine.ts';
import type { Engine } from '../src/engine/engine.ts';

interface DawnModule {
  create(flags: readonly string[]): GPU;
}

/** Dawn's instance must outlive its devices: dropped to the garbage collector it takes them along. */
let instance: GPU | undefined;

/** @throws NoGpuError */
export async function openNodeEngine(options: Partial<EngineOptions>): Promise<Engine> {
  instance ??= (await loadDawn()).create([]);
  return GpuEngine.open(instance, `Node ${process.versions.node}, Dawn`, [], options);
}

async function loadDawn(): Promise<DawnModule> {
  const name = 'webgpu';
  try {
    return (await import(/* @vite-ignore */ name)) as DawnModule;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new NoGpuError(
      `--runtime node: expected the optional package 'webgpu' (${reason}); ` +
        'npm install --no-save webgpu@0.6 --loglevel=notice, or leave --runtime away to use a browser',
    );
  }
}
