/** The CPU engine on workers of a page, started from its engine thread. */
import { CpuEngine } from '../engine/cpu/cpuEngine.ts';
import type { PoolThread } from '../engine/cpu/pool.ts';
import { browserName } from '../engine/worker/engineHost.ts';

export function openCpuEngine(): CpuEngine {
  return new CpuEngine({
    spawn: pageThread,
    threadCount: Math.max(1, navigator.hardwareConcurrency),
    runtime: browserName(),
  });
}

function pageThread(): PoolThread {
  const worker = new Worker(new URL('./cpu.worker.ts', import.meta.url), { type: 'module' });
  return {
    post: (message) => worker.postMessage(message),
    listen: (receive) => {
      worker.addEventListener('message', (event: MessageEvent<Parameters<typeof receive>[0]>) =>
        receive(event.data),
      );
    },
    onDeath(tell) {
      // A worker that is ended from outside says nothing; one that fails does.
      worker.addEventListener('error', (event) => {
        worker.terminate();
        const { message } = event as { readonly message?: string };
        tell(message ?? 'its script could not be fetched');
      });
    },
    end: () => worker.terminate(),
  };
}
