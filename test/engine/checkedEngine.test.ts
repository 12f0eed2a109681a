import { describe, expect, test } from 'vitest';
import { CheckedEngine } from '../../src/engine/checkedEngine.ts';
import { tallyOverRange } from '../../src/engine/collect.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { SamplerEvent, SamplingJob } from '../../src/engine/sampler.ts';
import type { TrainingEvent, TrainingJob } from '../../src/engine/training.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';
import { randomProblem } from '../problems.ts';
import { segmentsOf, trainingJob } from '../training.ts';
import { inlineEngine } from './cpu/inlineThreads.ts';
import { job, shapes } from './shapes.ts';

const problem = randomProblem(shapes[0][1]);

/** A twin whose work is changed on its way out. */
class Changed extends TwinEngine {
  readonly #change: (event: SamplerEvent | TrainingEvent) => void;

  constructor(change: (event: SamplerEvent | TrainingEvent) => void) {
    super();
    this.#change = change;
  }

  override async *sample(request: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    for await (const event of super.sample(request)) {
      this.#change(event);
      yield event;
    }
  }

  override async *train(request: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    for await (const event of inlineEngine().train(request)) {
      this.#change(event);
      yield event;
    }
  }
}

/** One group counted with another outcome. */
function swapOutcome(event: SamplerEvent | TrainingEvent): void {
  if (event.kind !== 'chunks') return;
  const { groups } = event.chunks[0].tally;
  const c = groups.findIndex((count) => count > 0);
  groups[c] -= 1;
  groups[c === 0 ? 1 : c - 1] += 1;
}

/** One parameter moved the other way. */
function flipSign(event: SamplerEvent | TrainingEvent): void {
  if (event.kind === 'segment' && event.segment.theta) event.segment.theta[0] += 0.25;
}

const training = trainingJob(problem, { stepCount: 2, snapshotSteps: [2], replicaCount: 8 });

async function verified(
  main: Engine,
  checker: Engine | string,
): ReturnType<NonNullable<Engine['verification']>> {
  const engine = new CheckedEngine(main, Promise.resolve(checker));
  await tallyOverRange(engine, job(problem, 10, 'full', 7, 300));
  await segmentsOf(engine, training);
  return engine.verification();
}

describe('an engine that another checks', () => {
  test('gives the same tally; the first 128 groups of each prompt are compared, whatever the job asks', async () => {
    const engine = new CheckedEngine(inlineEngine(), Promise.resolve(new TwinEngine()));
    const found = await tallyOverRange(engine, job(problem, 10, 'full', 7, 300));
    expect(found).toEqual(await tallyOverRange(new TwinEngine(), job(problem, 10, 'full', 7, 300)));
    await tallyOverRange(engine, job(problem, 10, 'groups', 0, 20));
    expect(await engine.verification()).toMatchObject({
      jobs: 2,
      groups: (128 + 20) * problem.prompts.length,
      missing: null,
      differences: [],
      on: { engine: 'twin' },
    });
  });

  test('a run spends so many tokens on checks, and every level is checked all the same', async () => {
    const engine = new CheckedEngine(inlineEngine(), Promise.resolve(inlineEngine()));
    const heavy = job(problem, 1000, 'groups', 0, 40);
    // 2^18 tokens a job are 23 groups of 11,000 tokens.
    for (let i = 0; i < 18; i += 1) await tallyOverRange(engine, heavy);
    const spent = await engine.verification();
    expect(spent.groups * 11_000).toBeLessThanOrEqual(2 ** 22);
    expect(spent.groups * 11_000).toBeGreaterThan(2 ** 22 - 2 ** 18);
    await tallyOverRange(engine, job(problem, 1000, 'moments', 0, 40));
    expect((await engine.verification()).groups - spent.groups).toBe(23);
  });

  test.each([
    [
      'a swapped outcome on the engine that works',
      new Changed(swapOutcome),
      new TwinEngine(),
      /count differently/,
    ],
    [
      'a swapped outcome on the one that checks',
      inlineEngine(),
      new Changed(swapOutcome),
      /count differently/,
    ],
    [
      'a moved parameter on the engine that works',
      new Changed(flipSign),
      inlineEngine(),
      /training step .* parameter 0/,
    ],
    [
      'a moved parameter on the one that checks',
      inlineEngine(),
      new Changed(flipSign),
      /training step .* parameter 0/,
    ],
  ])('%s is a difference', async (_, main, checker, words) => {
    // A twin keeps no masses, so it checks no steps.
    if (checker instanceof TwinEngine && !(checker instanceof Changed))
      checker.train = (j) => inlineEngine().train(j);
    const { differences } = await verified(main, checker);
    expect(differences.join('\n')).toMatch(words);
  });

  test('where there is none to check, the reason is said and the work goes on', async () => {
    const { missing, on, differences } = await verified(inlineEngine(), 'no browser here');
    expect([missing, on, differences]).toEqual(['no browser here', null, []]);
  });
});
