/**
 * Dawn in Node: a GPU without a browser, where the optional `webgpu` package is installed.
 */
import { NoGpuError } from '../src/engine/gpu/adapter.ts';
import type { EngineOptions } from '../src/engine/gpu/engineOptions.ts';
import { GpuEngine } from '../src/engine/gpu/gpuEngine.ts';
import type { Engine } from '../src/engine/engine.ts';
import { requireVulkanLoader } from './vulkan.ts';

interface DawnModule {
  create(flags: readonly string[]): GPU;
}

/** Dawn's instance must outlive its devices: dropped to the garbage collector it takes them along. */
let instance: GPU | undefined;

export interface NodeGpuOptions {
  readonly adapter?: 'auto' | 'hardware' | 'software';
  /** for where the system has none */
  readonly vulkanLoader?: string | undefined;
}

/** @throws NoGpuError */
export async function openNodeEngine(
  options: Partial<EngineOptions>,
  { adapter = 'auto', vulkanLoader }: NodeGpuOptions = {},
): Promise<Engine> {
  const dawn = await loadDawn();
  requireVulkanLoader(vulkanLoader ?? null);
  instance ??= dawn.create([]);
  const engine = await GpuEngine.open(instance, `Node ${process.versions.node}, Dawn`, [], options).catch(
    (error: unknown) => {
      throw error instanceof NoGpuError ? new NoGpuError(`${error.message}; ${DRIVER_ADVICE}`) : error;
    },
  );
  const kind = engine.environment.software ? 'software' : 'hardware';
  if (adapter === 'auto' || adapter === kind) return engine;
  await engine.close();
  throw new NoGpuError(
    `--adapter ${adapter}: expected a ${adapter} adapter, got ${engine.environment.adapter}; ${DRIVER_ADVICE}`,
  );
}

const DRIVER_ADVICE =
  "install the GPU's driver with Vulkan (in a container it is handed in: NVIDIA_DRIVER_CAPABILITIES=all), " +
  'or name a driver, VK_ICD_FILENAMES=/path/to/icd.json';

async function loadDawn(): Promise<DawnModule> {
  const name = 'webgpu';
  try {
    return (await import(/* @vite-ignore */ name)) as DawnModule;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    if ((error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_FAILED') {
      throw new NoGpuError(
        `--runtime node: Dawn cannot be loaded on this system: ${reason}; use --engine cpu`,
      );
    }
    throw new NoGpuError(
      `--runtime node: expected the optional package 'webgpu' (${reason}); ` +
        'npm install --no-save webgpu@0.6 --loglevel=notice, or leave --runtime away to use a browser',
    );
  }
}
