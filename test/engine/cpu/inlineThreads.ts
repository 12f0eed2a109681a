/** Threads of the CPU engine that are none: they run in the test's own, by turns. Their deaths can be arranged. */
import { CpuEngine, type CpuOptions } from '../../../src/engine/cpu/cpuEngine.ts';
import type { PoolThread } from '../../../src/engine/cpu/pool.ts';
import { CpuThread, type FromThread, type ToThread } from '../../../src/engine/cpu/thread.ts';

export interface InlineThread extends PoolThread {
  /** as if its process had ended: nothing more comes of it */
  kill(): void;
}

export function inlineThread(): InlineThread {
  let receive: (message: ToThread) => void = () => undefined;
  let tell: (message: FromThread) => void = () => undefined;
  let die: (reason: string) => void = () => undefined;
  let isAlive = true;
  CpuThread.serve({
    post: (message) => setImmediate(() => isAlive && tell(message)),
    listen: (listener) => (receive = listener),
  });
  return {
    post: (message) => setImmediate(() => isAlive && receive(structuredClone(message))),
    listen: (listener) => (tell = listener),
    onDeath: (listener) => (die = listener),
    end: () => (isAlive = false),
    kill() {
      isAlive = false;
      setImmediate(() => die('killed'));
    },
  };
}

export const inlineOptions = (): CpuOptions => ({ spawn: inlineThread, threadCount: 2, runtime: 'test' });

export function inlineEngine(options: Partial<CpuOptions> = {}): CpuEngine {
  return new CpuEngine({ ...inlineOptions(), ...options });
}
