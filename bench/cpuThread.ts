/** A thread of the CPU engine in Node: the other end of nodeThreads.ts. */
import { parentPort } from 'node:worker_threads';
import { CpuThread } from '../src/engine/cpu/thread.ts';

const port = parentPort!;
CpuThread.serve({
  post: (message, transfer = []) => port.postMessage(message, [...transfer]),
  listen: (receive) => port.on('message', receive),
});
