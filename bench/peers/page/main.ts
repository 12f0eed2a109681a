/** The page in which a library of JavaScript does the job: opened, then asked again and again, from Node. */
import type { Answer, JobSpec, PeerFacts } from '../job.ts';
import type { LibraryJob } from './libraryJob.ts';

/** The libraries, each fetched only where it is asked for. */
const LIBRARIES: Readonly<
  Record<string, () => Promise<(backend: string, spec: JobSpec) => Promise<LibraryJob>>>
> = {
  tensorflow: async () => (await import('./tensorflow.ts')).openTensorFlow,
  jax: async () => (await import('./jax.ts')).openJax,
};

declare global {
  interface Window {
    peer: {
      open(library: string, backend: string, spec: JobSpec): Promise<PeerFacts>;
      run(batchCount: number): Promise<Answer>;
    };
  }
}

let job: LibraryJob | undefined;

window.peer = {
  async open(library, backend, spec) {
    const open = await LIBRARIES[library]();
    job = await open(backend, spec);
    return job.facts;
  },
  async run(batchCount) {
    if (job === undefined) throw new Error('no library is open');
    const start = performance.now();
    const found = await job.run(batchCount);
    return { ...found, seconds: (performance.now() - start) / 1000, cpuSeconds: null };
  },
};
