/** The CPU engine on threads of this Node process. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CpuEngine, type CpuOptions } from '../src/engine/cpu/cpuEngine.ts';
import type { PoolThread } from '../src/engine/cpu/pool.ts';

/** @param file the built cpuThread.ts */
export function openCpuEngine(
  file: string,
  {
    threadCount = availableParallelism(),
    ...options
  }: Partial<Pick<CpuOptions, 'threadCount' | 'form'>> = {},
): CpuEngine {
  return new CpuEngine({
    spawn: () => nodeThread(file),
    threadCount,
    runtime: `Node ${process.versions.node}`,
    ...options,
  });
}

function nodeThread(file: string): PoolThread {
  const worker = new Worker(file);
  let isEnded = false;
  return {
    post: (message) => worker.postMessage(message),
    listen: (receive) => worker.on('message', receive),
    onDeath(tell) {
      let reason = 'it ended';
      worker.on('error', (error) => (reason = error.message));
      worker.on('exit', () => {
        if (!isEnded) tell(reason);
      });
    },
    end() {
      isEnded = true;
      void worker.terminate();
    },
  };
}
