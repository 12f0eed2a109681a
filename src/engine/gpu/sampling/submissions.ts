/**
 * The submissions of a sampling job: groups go into dispatches, dispatches into submissions of the pacer's size, and tallies are handed
 * over chunk by chunk.
 */
import type { EngineOptions } from '../engineOptions.ts';
import type { Gpu } from '../gpu.ts';
import type { Pacer } from '../pacer.ts';
import type { TimeSink } from '../../engine.ts';
import type { Chunk, SamplerEvent, SamplingJob } from '../../sampler.ts';
import type { JobRunner } from './jobRunner.ts';
import type { JobPlan } from './plan.ts';

/** Share of the time that handing tallies over may take, as long as a chunk stays below MAX_CHUNK_MS. */
const MAX_HAND_OVER_SHARE = 0.04;
/** From a page to Node by way of base64 and JSON, measured on two cores that sample meanwhile. */
const HAND_OVER_BYTES_PER_MS = 30_000;
const MAX_CHUNK_MS = 5_000;
/** Guaranteed by every adapter. */
const MAX_WORKGROUPS = 65535;

/** Where a job runs, and who hears of its times. */
export interface Submitter {
  readonly gpu: Gpu;
  readonly options: Pick<EngineOptions, 'workgroupSize' | 'chunkMs' | 'maxBatchGroups'>;
  readonly pacer: Pacer;
  readonly addTime: TimeSink;
}

/** Batches in turn; each is a few dispatches, packed into submissions of the pacer's size. */
export async function* submitJob<Piece>(
  { gpu, options, pacer, addTime }: Submitter,
  job: SamplingJob,
  plan: JobPlan,
  runner: JobRunner<Piece>,
): AsyncGenerator<SamplerEvent, void, void> {
  const tokensPerGroup = job.groupSize * job.problem.horizon;
  const { counters } = runner;
  const budget = (): number => Math.min(pacer.units, runner.maxUnits);
  const maxBatchGroups = Math.min(runner.maxBatchGroups, options.maxBatchGroups);
  let pending: Piece[] = [];
  let pendingUnits = 0;
  let pendingTokens = 0;
  let tokenCount = 0;
  let isFirst = true;
  let chunkStart = performance.now();
  let chunkMs = options.chunkMs;

  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    const durationMs = await gpu.run(runner.dispatches(pending));
    pacer.learn(pendingUnits, durationMs);
    if (isFirst) addTime({ firstRunMs: durationMs });
    else addTime({ steadyMs: durationMs, steadyTokenCount: pendingTokens });
    addTime({ submissions: 1, kernels: { [runner.name]: pendingTokens } });
    isFirst = false;
    tokenCount += pendingTokens;
    pending = [];
    pendingUnits = 0;
    pendingTokens = 0;
  };
  const drain = async (): Promise<Chunk[]> => {
    await flush();
    const start = performance.now();
    const chunks = await counters.drain();
    const durationMs = performance.now() - start;
    addTime({ readbackMs: durationMs });
    chunkStart = performance.now();
    // Large tallies are handed over more rarely: that must not become the work.
    const handOverMs = durationMs + (chunks.length * counters.bytesPerPrompt) / HAND_OVER_BYTES_PER_MS;
    chunkMs = Math.min(Math.max(options.chunkMs, handOverMs / MAX_HAND_OVER_SHARE), MAX_CHUNK_MS);
    return chunks;
  };

  for (const range of job.ranges) {
    // A chunk holds groups of one range only.
    if (counters.holds(range.prompt)) yield { kind: 'chunks', chunks: await drain() };
    let done = 0;
    while (done < range.groupCount) {
      if (!counters.accepts(range.prompt, range.firstGroup + done, plan.maxChunkGroups)) {
        yield { kind: 'chunks', chunks: await drain() };
      }
      // What is left of a submission's budget must hold a group, or batches of one would trail every submission.
      if (pending.length > 0 && pendingUnits + runner.unitsPerGroup > budget()) {
        await flush();
        yield { kind: 'progress', tokenCount };
      }
      const room = counters.roomFor(range.prompt, plan.maxChunkGroups);
      const wanted = Math.floor((budget() - pendingUnits) / runner.unitsPerGroup);
      const groupCount = Math.max(1, Math.min(wanted, room, range.groupCount - done, maxBatchGroups));
      const batch = { prompt: range.prompt, firstGroup: range.firstGroup + done, groupCount };
      for (const pass of runner.passes(batch)) {
        let itemFirst = 0;
        while (itemFirst < pass.itemCount) {
          if (pendingUnits >= budget() || pending.length === runner.maxPieces) {
            await flush();
            yield { kind: 'progress', tokenCount };
          }
          const affordable = Math.ceil((budget() - pendingUnits) / pass.unitsPerItem);
          const itemCount = Math.min(
            pass.itemCount - itemFirst,
            Math.max(1, affordable),
            MAX_WORKGROUPS * options.workgroupSize,
          );
          pending.push(pass.piece(itemFirst, itemCount));
          pendingUnits += itemCount * pass.unitsPerItem;
          itemFirst += itemCount;
        }
      }
      counters.markDone(batch);
      pendingTokens += groupCount * tokensPerGroup;
      done += groupCount;
      if (performance.now() - chunkStart > chunkMs) {
        yield { kind: 'chunks', chunks: await drain() };
        yield { kind: 'progress', tokenCount };
      }
    }
  }
  yield { kind: 'chunks', chunks: await drain() };
  addTime({ gpuMs: await gpu.gpuTime() });
  yield { kind: 'progress', tokenCount };
}
