/**
 * The Vulkan loader of this machine, to go with the package: drivers bring their own, but a container is often handed a driver
 * without one. It is taken there only where the system has none (bench/vulkan.ts).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const LOADER = 'libvulkan.so.1';

const TRIPLES: Partial<Record<string, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** Libraries of this architecture alone: Debian's, Fedora's, and those of browsers, which are built from the same source. */
function folders(): string[] {
  const triple = TRIPLES[process.arch];
  return [
    ...(triple === undefined ? [] : [join('/usr/lib', triple)]),
    '/usr/lib64',
    '/usr/lib/chromium',
    '/opt/google/chrome',
  ];
}

/** @returns null where there is none: then the package goes without */
export function findVulkanLoader(): string | null {
  return (
    folders()
      .map((folder) => join(folder, LOADER))
      .find((path) => existsSync(path)) ?? null
  );
}
