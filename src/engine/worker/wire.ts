/**
 * Jobs and events as JSON, for the wire between a page and the program that drives it. Arrays go as base64 of their bytes;
 * counters of a chunk fit 32 bits by construction.
 */
import { compileProblem, type ProblemSource } from '../../problem/problem.ts';
import type { Chunk, SamplerEvent, SamplingJob } from '../sampler.ts';
import type { PromptTally } from '../tally.ts';
import type { TrainingEvent, TrainingJob, TrainingSegment } from '../training.ts';

export type WireJob = Omit<SamplingJob, 'problem'> & { readonly problem: ProblemSource };

interface WireChunk {
  readonly range: Chunk['range'];
  readonly groups: string;
  readonly second?: string;
  readonly counts?: string;
}

export type WireTrainingJob = Omit<TrainingJob, 'problem'> & { readonly problem: ProblemSource };

type WireSegment = {
  readonly [Name in keyof TrainingSegment]: TrainingSegment[Name] extends number
    ? number
    : null extends TrainingSegment[Name]
      ? string | null
      : string;
};

export type WireEvent =
  | Exclude<SamplerEvent | TrainingEvent, { kind: 'chunks' | 'segment' }>
  | { readonly kind: 'chunks'; readonly chunks: readonly WireChunk[] }
  | { readonly kind: 'segment'; readonly segment: WireSegment }
  | { readonly kind: 'done' };

export function encodeJob(job: SamplingJob): WireJob {
  return { ...job, problem: job.problem.source };
}

/** @param job from `encodeJob`: its problem was validated there */
export function decodeJob(job: WireJob): SamplingJob {
  return { ...job, problem: compileProblem(job.problem) };
}

export function encodeTrainingJob(job: TrainingJob): WireTrainingJob {
  const { correct, wrong } = job.weights;
  return {
    ...job,
    problem: job.problem.source,
    weights: { correct: Array.from(correct), wrong: Array.from(wrong) },
    ...(job.initialTheta ? { initialTheta: Array.from(job.initialTheta) } : {}),
  };
}

export function decodeTrainingJob(job: WireTrainingJob): TrainingJob {
  return { ...job, problem: compileProblem(job.problem) };
}

export function encodeEvent(event: SamplerEvent | TrainingEvent): WireEvent {
  if (event.kind === 'chunks') return { kind: 'chunks', chunks: event.chunks.map(encodeChunk) };
  if (event.kind === 'segment') return { kind: 'segment', segment: encodeSegment(event.segment) };
  return event;
}

export function decodeEvent(event: Exclude<WireEvent, { kind: 'done' }>): SamplerEvent | TrainingEvent {
  if (event.kind === 'chunks') return { kind: 'chunks', chunks: event.chunks.map(decodeChunk) };
  if (event.kind === 'segment') return { kind: 'segment', segment: decodeSegment(event.segment) };
  return event;
}

function encodeSegment(segment: TrainingSegment): WireSegment {
  const { correctCounts, modeCounts, outcomes, theta, masses } = segment;
  return {
    ...segment,
    correctCounts: toBase64(correctCounts),
    modeCounts: toBase64(modeCounts),
    outcomes: outcomes && toBase64(outcomes),
    theta: theta && toBase64(theta),
    masses: masses && toBase64(masses),
  };
}

function decodeSegment(segment: WireSegment): TrainingSegment {
  const { correctCounts, modeCounts, outcomes, theta, masses } = segment;
  return {
    ...segment,
    correctCounts: new Uint32Array(fromBase64(correctCounts)),
    modeCounts: new Uint32Array(fromBase64(modeCounts)),
    outcomes: outcomes === null ? null : new Uint32Array(fromBase64(outcomes)),
    theta: theta === null ? null : new Float32Array(fromBase64(theta)),
    masses: masses === null ? null : new Uint32Array(fromBase64(masses)),
  };
}

function encodeChunk({ range, tally }: Chunk): WireChunk {
  return {
    range,
    groups: toBase64(Uint32Array.from(tally.groups)),
    ...(tally.second ? { second: toBase64(tally.second) } : {}),
    ...(tally.counts ? { counts: toBase64(Uint32Array.from(tally.counts)) } : {}),
  };
}

function decodeChunk({ range, groups, second, counts }: WireChunk): Chunk {
  const tally: PromptTally = {
    groups: Float64Array.from(new Uint32Array(fromBase64(groups))),
    ...(second === undefined ? {} : { second: new BigInt64Array(fromBase64(second)) }),
    ...(counts === undefined ? {} : { counts: Float64Array.from(new Uint32Array(fromBase64(counts))) }),
  };
  return { range, tally };
}

/** `String.fromCharCode` takes its characters as arguments: no more than this at a time. */
const SLICE_BYTES = 0x8000;

function toBase64(array: Uint32Array | Float32Array | BigInt64Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + SLICE_BYTES)));
  }
  return btoa(parts.join(''));
}

function fromBase64(text: string): ArrayBuffer {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes.buffer;
}
