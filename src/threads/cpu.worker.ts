/** A thread of the CPU engine in the page: the other end of pageThreads.ts. */
import { CpuThread } from '../engine/cpu/thread.ts';

CpuThread.serve({
  post: (message, transfer = []) => self.postMessage(message, { transfer: [...transfer] }),
  listen: (receive) => {
    self.addEventListener('message', (event: MessageEvent<Parameters<typeof receive>[0]>) =>
      receive(event.data),
    );
  },
});
