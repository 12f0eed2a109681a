/**
 * Training jobs of an experiment, run in turn: progress over all of them, a stop at the watcher's signal that keeps every
 * segment handed over before, and a chart of what is known so far about once a second.
 */
import { tokensPerStep, type Trainer, type TrainingJob, type TrainingSegment } from '../engine/training.ts';
import type { DrawIds } from './drawIds.ts';
import { sha256 } from '../input/canonical.ts';
import { isAborted } from './sampleJobs.ts';
import type { SnapshotRecord, TrainingTotals } from './results.ts';
import type { LiveChart, RunWatcher } from './watcher.ts';

/** Time between two charts of a run in progress. */
const LIVE_MS = 1000;

/** What a part of an experiment trains with. */
export interface TrainingRun {
  readonly trainer: Trainer;
  readonly watcher: RunWatcher;
  readonly seed: number;
  readonly drawIds: DrawIds;
  readonly replicaCount: number;
}

export type RunTotals = Omit<TrainingTotals, 'families'>;

const jobTokens = (job: TrainingJob): number => job.replicaCount * job.stepCount * tokensPerStep(job);

/**
 * @param onSegment told of each segment with the number of its job
 * @param live what to draw of the segments so far; asked for about once a second
 */
export async function trainJobs(
  jobs: readonly TrainingJob[],
  trainer: Trainer,
  watcher: RunWatcher,
  onSegment: (job: number, segment: TrainingSegment) => void,
  live: () => LiveChart | null = () => null,
): Promise<RunTotals> {
  const totalTokens = jobs.reduce((sum, job) => sum + jobTokens(job), 0);
  const start = performance.now();
  let before = 0;
  let groupCount = 0;
  let tokenCount = 0;
  let lastLive = start;
  const snapshots: SnapshotRecord[] = [];
  for (const [index, job] of jobs.entries()) {
    if (isAborted(watcher)) break;
    const digests: Promise<string>[] = [];
    let tokensOfJob = 0;
    for await (const event of trainer.train(job)) {
      if (event.kind === 'progress') tokensOfJob = event.tokenCount;
      if (event.kind === 'segment') {
        const { segment } = event;
        const steps = segment.endStep - segment.firstStep;
        groupCount += segment.replicaCount * steps * job.batchSize;
        tokenCount += segment.replicaCount * steps * tokensPerStep(job);
        digests.push(segmentSha256(segment));
        onSegment(index, segment);
      }
      const now = performance.now();
      const chart = event.kind === 'segment' && now - lastLive > LIVE_MS ? live() : null;
      if (chart) lastLive = now;
      watcher.onProgress({
        stage: event.kind === 'compiling' ? 'compiling' : 'training',
        tokenCount: before + tokensOfJob,
        totalTokens,
        ...(chart ? { live: chart } : {}),
      });
      if (isAborted(watcher)) break;
    }
    const sha = await sha256((await Promise.all(digests)).join(' '));
    snapshots.push({ place: `job ${job.drawId} ${index}`, sha256: sha });
    before += jobTokens(job);
  }
  return {
    complete: !isAborted(watcher),
    groupCount,
    tokenCount,
    samplingMs: performance.now() - start,
    snapshots,
  };
}

/** Of all parts in a row, after their lengths: thousands of segments are hashed, and each digest has its price. */
function segmentSha256({ theta, correctCounts, modeCounts }: TrainingSegment): Promise<string> {
  const parts = [theta, correctCounts, modeCounts].map((part) =>
    part ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength) : new Uint8Array(0),
  );
  const lengths = Uint32Array.from(parts, (part) => part.length);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, lengths.byteLength));
  bytes.set(new Uint8Array(lengths.buffer));
  let at = lengths.byteLength;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return sha256(bytes);
}

/** Totals of several runs of one experiment. */
export function addTotals(parts: readonly RunTotals[]): RunTotals {
  return {
    complete: parts.every(({ complete }) => complete),
    groupCount: parts.reduce((sum, part) => sum + part.groupCount, 0),
    tokenCount: parts.reduce((sum, part) => sum + part.tokenCount, 0),
    samplingMs: parts.reduce((sum, part) => sum + part.samplingMs, 0),
    snapshots: parts.flatMap((part) => part.snapshots),
  };
}

/** `count` + 1 steps from 0 to `last`, about evenly spaced. */
export function evenSteps(last: number, count: number): number[] {
  return [...new Set(Array.from({ length: count + 1 }, (_, i) => Math.round((i * last) / count)))];
}
