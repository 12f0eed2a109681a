/**
 * Vulkan on Linux, before Dawn asks for it. Dawn looks for the loader, `libvulkan.so.1`; where there is none it prints two lines
 * of C++ and offers no adapter. So it is asked for first, in the same process and thus by the same search. Changes nothing where
 * the system has one.
 */
import { constants } from 'node:os';
import { NoGpuError } from '../src/engine/gpu/adapter.ts';

const LOADER = 'libvulkan.so.1';
/** `<dlfcn.h>`, glibc and musl: the library stays when Node finds that it is no addon. Not among Node's constants. */
const RTLD_NODELETE = 0x1000;

/**
 * @param own a loader to take where the system has none; null where there is no such
 * @throws NoGpuError with what to install
 */
export function requireVulkanLoader(own: string | null): void {
  if (process.platform !== 'linux') return;
  const missing = load(LOADER);
  // Dawn asks for the name alone; the linker answers with whatever of that name is loaded.
  if (missing === null || (own !== null && load(own) === null)) return;
  throw new NoGpuError(
    `Vulkan: expected its loader, ${LOADER}, as graphics drivers bring it (${missing}); ` +
      'install it (Debian, Ubuntu: libvulkan1; Fedora, RHEL: vulkan-loader), or use --engine cpu',
  );
}

/** @returns why it cannot be loaded; null where it now is */
function load(library: string): string | null {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    // Loaded, and then refused because it is no addon of Node.
    return reason.includes('did not self-register') ? null : reason;
  }
}
