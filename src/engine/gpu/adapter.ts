/**
 * Finding a GPU: an adapter, what it is, and the device made from it.
 */

import { TIMESTAMPS } from './gpuClock.ts';

/** No usable GPU: the command line exits with 3, the page shows what to do. */
export class NoGpuError extends Error {
  override name = 'NoGpuError';
}

/** The device went away in the middle of work; a new one may be asked for. */
export class DeviceLostError extends Error {
  override name = 'DeviceLostError';
}

/** Right after its start a browser may answer null; after this many tries there is none. */
const ADAPTER_TRIES = 5;
const RETRY_DELAY_MS = 100;

const SOFTWARE_NAMES = /swiftshader|llvmpipe|lavapipe|softpipe|warp|basic render/i;

export interface AdapterDescription {
  readonly name: string;
  readonly software: boolean;
  /** its shifts go lane by lane (shifts.ts) */
  readonly hasLaneShifts: boolean;
}

/** @throws NoGpuError */
export async function findAdapter(gpu: GPU | undefined): Promise<GPUAdapter> {
  if (!gpu) throw new NoGpuError('this host has no WebGPU (navigator.gpu is missing)');
  for (let attempt = 0; attempt < ADAPTER_TRIES; attempt += 1) {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter) return adapter;
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
  }
  throw new NoGpuError('WebGPU is present but offers no adapter');
}

export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const words = [vendor, architecture, device, description].filter((word) => word !== '');
  const name = words.length > 0 ? words.join(' ') : 'unnamed adapter';
  return {
    name,
    software: isFallbackAdapter || SOFTWARE_NAMES.test(name),
    hasLaneShifts: /swiftshader/i.test(name),
  };
}

/** Limits worth raising from their defaults where the adapter can: they bound the largest problem that fits. */
const RAISED_LIMITS = ['maxStorageBufferBindingSize', 'maxBufferSize'] as const;

/** Features that are used where they are there. */
const WANTED_FEATURES = [TIMESTAMPS] as const;

export async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits = Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const requiredFeatures = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  return adapter.requestDevice({ label: 'passk-bench', requiredLimits, requiredFeatures });
}
