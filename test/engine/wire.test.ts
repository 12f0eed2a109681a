/** What crosses the wire arrives as it was sent. */
import { describe, expect, test } from 'vitest';
import { everyPrompt, type SamplingJob } from '../../src/engine/sampler.ts';
import type { TrainingEvent } from '../../src/engine/training.ts';
import type { SamplerEvent } from '../../src/engine/sampler.ts';
import {
  decodeEvent,
  decodeJob,
  decodeTrainingJob,
  encodeEvent,
  encodeJob,
  encodeTrainingJob,
} from '../../src/engine/worker/wire.ts';
import { randomProblem } from '../problems.ts';
import { trainingJob } from '../training.ts';

/** Through JSON, as a wire does. */
const sent = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

const roundTrip = (event: SamplerEvent | TrainingEvent): SamplerEvent | TrainingEvent => {
  const arrived = sent(encodeEvent(event));
  if (arrived.kind === 'done') throw new Error('an event became the end');
  return decodeEvent(arrived);
};

describe('events', () => {
  test('chunks: every level, counters to 2^32 - 1, sums of either sign', () => {
    const range = { prompt: 3, firstGroup: 2 ** 40, groupCount: 7 };
    const groups = Float64Array.from([0, 1, 2 ** 32 - 1]);
    const second = BigInt64Array.from([0n, -1n, 2n ** 62n, -(2n ** 63n)]);
    const counts = Float64Array.from({ length: 100_000 }, (_, i) => (i * 2654435761) % 2 ** 32);
    for (const tally of [{ groups }, { groups, second }, { groups, second, counts }]) {
      const event: SamplerEvent = { kind: 'chunks', chunks: [{ range, tally }] };
      expect(roundTrip(event)).toEqual(event);
    }
  });

  test('segments: floats to the last bit, and what is absent stays absent', () => {
    const segment = {
      firstReplica: 5,
      replicaCount: 2,
      firstStep: 0,
      endStep: 3,
      correctCounts: Uint32Array.from([1, 2 ** 32 - 1]),
      modeCounts: Uint32Array.from([]),
      outcomes: null,
      theta: Float32Array.from([0.1, -0, 1e-45, 3.4e38, Infinity]),
      masses: null,
    };
    const event: TrainingEvent = { kind: 'segment', segment };
    const arrived = roundTrip(event);
    expect(arrived).toEqual(event);
    if (arrived.kind !== 'segment') throw new Error('expected a segment');
    expect(Object.is(arrived.segment.theta?.[1], -0)).toBe(true);
  });

  test('progress', () => {
    expect(roundTrip({ kind: 'progress', tokenCount: 2 ** 50 })).toEqual({
      kind: 'progress',
      tokenCount: 2 ** 50,
    });
  });
});

describe('jobs', () => {
  const problem = randomProblem({
    vocab: 3,
    horizon: 2,
    context: 'previous',
    accept: { sum: { modulus: 3, residue: 1 } },
  });

  test('sampling: the same problem, masses and all', () => {
    const job: SamplingJob = {
      problem,
      groupSize: 4,
      level: 'full',
      seed: 2 ** 53 - 1,
      drawId: 2 ** 32 - 1,
      ranges: everyPrompt(problem, 2 ** 40, 9),
    };
    expect(decodeJob(sent(encodeJob(job)))).toEqual(job);
  });

  test('training: weights and initial parameters number by number', () => {
    const job = trainingJob(problem, { initialTheta: Float32Array.from([0.1, -2]) });
    const arrived = decodeTrainingJob(sent(encodeTrainingJob(job)));
    expect(Array.from(arrived.weights.correct)).toEqual(Array.from(job.weights.correct));
    expect(Array.from(arrived.weights.wrong)).toEqual(Array.from(job.weights.wrong));
    expect(Array.from(arrived.initialTheta ?? [])).toEqual(Array.from(job.initialTheta ?? []));
    expect(arrived.problem).toEqual(job.problem);
  });
});
