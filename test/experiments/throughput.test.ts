/** Experiment `throughput`: what it reports, and in which order it measures. */
import { describe, expect, test } from 'vitest';
import { runThroughput } from '../../src/experiments/throughput/run.ts';
import { AXES, BASE, SHAPES, shapeProblem, shapesOf } from '../../src/experiments/throughput/shapes.ts';
import { throughputSummary, throughputView } from '../../src/experiments/throughput/view.ts';
import { scalingCharts } from '../../src/experiments/throughput/figures.ts';
import type { ThroughputResult, ThroughputRow } from '../../src/experiments/throughput/result.ts';
import { NO_TIMINGS, type Engine, type EngineTimings } from '../../src/engine/engine.ts';
import type { SamplerEvent, SamplingJob } from '../../src/engine/sampler.ts';
import { LEVELS, type Level } from '../../src/engine/tally.ts';
import { InputError } from '../../src/input/inputError.ts';
import { readConfig } from '../../src/lab/settings.ts';

/** Waits for as long as 4e8 tokens a second take, and 2 ms for each job whatever its size. */
class TimedEngine implements Engine {
  readonly environment;
  readonly jobs: Level[] = [];
  readonly #refused: Level | null;
  #timings: EngineTimings = NO_TIMINGS;

  constructor(name: 'cpu' | 'gpu', refused: Level | null = null) {
    this.environment = {
      ...{ engine: name, runtime: 'r', adapter: `${name} adapter`, software: null },
      ...{ limits: {}, features: [], flags: [] },
    } as const;
    this.#refused = refused;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    if (job.level === this.#refused) throw new InputError('this adapter', 'less', 'more', 'take less');
    this.jobs.push(job.level);
    const tokens = job.ranges.reduce((sum, { groupCount }) => sum + groupCount, 0) * 16 * 8;
    const end = performance.now() + 2 + tokens / 4e5;
    while (performance.now() < end);
    this.#timings = {
      ...this.#timings,
      steadyMs: this.#timings.steadyMs + tokens / 4e5,
      kernels: {
        [`kernel of ${job.level}`]: (this.#timings.kernels[`kernel of ${job.level}`] ?? 0) + tokens,
      },
    };
    yield { kind: 'progress', tokenCount: tokens };
  }

  train(): never {
    throw new Error('not here');
  }
  selfTest(): never {
    throw new Error('not here');
  }
  timings(): EngineTimings {
    return this.#timings;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const runWith = (engine: Engine, signal = new AbortController().signal): Promise<ThroughputResult> =>
  runThroughput({
    config: readConfig({ preset: 'quick' }),
    engine,
    watcher: { signal, onProgress: () => undefined },
    own: [],
  });

describe('throughput', () => {
  test('reports for each level the median of interleaved repetitions, its interval, and what a job takes whatever its size', async () => {
    const engine = new TimedEngine('gpu');
    const { rows, complete, omitted } = await runWith(engine);
    expect(complete).toBe(true);
    expect(omitted).toEqual([]);
    expect(rows.map(({ level }) => level)).toEqual(LEVELS);
    for (const row of rows) {
      expect(row).toMatchObject({
        engine: 'gpu',
        name: 'base',
        shape: BASE,
        repetitions: 5,
        tokensPerCpuSecond: null,
      });
      expect(row.kernel).toBe(`kernel of ${row.level}`);
      expect(row.durationsMs).toHaveLength(5);
      const { median, low, high } = row.tokensPerSecond!;
      expect(low).toBeLessThanOrEqual(median);
      expect(high).toBeGreaterThanOrEqual(median);
      // It waits for 4e8 tokens a second, and 2 ms beside.
      expect(median).toBeLessThan(4e8);
      expect(row.parts!.steadyMs).toBeGreaterThan(0);
    }
    // The last fifteen jobs are five rounds of three levels, each level once a round, not always in one order.
    const last = engine.jobs.slice(-15);
    const rounds = Array.from({ length: 5 }, (_, i) => last.slice(3 * i, 3 * i + 3));
    for (const round of rounds) expect([...round].sort()).toEqual([...LEVELS].sort());
    expect(new Set(rounds.map((round) => round.join())).size).toBeGreaterThan(1);
  });

  test('a level that an engine refuses is left out, and why is said', async () => {
    const { rows, omitted } = await runWith(new TimedEngine('cpu', 'full'));
    expect(rows.map(({ level }) => level)).toEqual(['groups', 'moments']);
    expect(omitted).toHaveLength(1);
    expect(omitted[0]).toMatchObject({ engine: 'cpu', name: 'base', level: 'full' });
    expect(omitted[0].reason).toMatch(/take less/);
  });

  test('a run that is stopped has the rows that were finished, and no more', async () => {
    const { rows, complete } = await runWith(new TimedEngine('cpu'), AbortSignal.abort());
    expect(complete).toBe(false);
    expect(rows).toEqual([]);
  });
});

describe('shapes', () => {
  test('change one number of the base at a time; presets take few, some, all', () => {
    expect(shapesOf('quick').map(({ name }) => name)).toEqual(['base']);
    expect(shapesOf('standard').length).toBe(5);
    expect(shapesOf('full')).toEqual(SHAPES);
    expect(new Set(SHAPES.map(({ name }) => name)).size).toBe(SHAPES.length);
  });

  test('of the same name make the same problem; large ones share policies among their prompts', () => {
    const shape = { vocab: 600, horizon: 60, groupSize: 2, prompts: 8, context: 'none' } as const;
    const { prompts } = shapeProblem(shape);
    expect(prompts).toHaveLength(8);
    expect(prompts[0].masses).toEqual(prompts[3].masses);
    expect(prompts[0].masses).not.toEqual(prompts[1].masses);
    expect(
      shapeProblem(BASE)
        .prompts.map(({ masses }) => masses.join())
        .filter((m, i, all) => all.indexOf(m) === i),
    ).toHaveLength(64);
  });
});

describe('what is shown', () => {
  const row = (change: Partial<ThroughputRow>): ThroughputRow => ({
    ...{
      engine: 'gpu',
      adapter: 'a',
      name: 'base',
      shape: BASE,
      level: 'groups',
      kernel: 'k',
      tokenCount: 1e6,
    },
    ...{
      repetitions: 5,
      tokensPerSecond: { median: 2e8, low: 1.9e8, high: 2.2e8 },
      tokensPerCpuSecond: null,
    },
    ...{ durationsMs: [5], cpuSeconds: [null], resolutionMs: 0.1, outliers: 0, drift: null, firstMs: 9 },
    ...{ compileMs: 4, fixedMs: 1, parts: null, gpuMs: null },
    ...change,
  });
  const result = (rows: ThroughputRow[]): ThroughputResult => ({
    ...{ experiment: 'throughput', complete: true, description: 'd' },
    ...{ rows, omitted: [], roofline: [], ceilings: [] },
  });

  test('a median with its interval, and a word of caution where one is due', () => {
    const text = JSON.stringify(throughputView(result([row({ outliers: 1, drift: 0.2 })])));
    expect(text).toContain('{"text":"200 M","note":"190 M – 220 M"}');
    expect(text).toContain('1 of 5 far from the others; durations drift by +20');
    expect(JSON.stringify(throughputSummary(result([row({ drift: -0.2 })])))).toContain(
      '1 of 1 figures want caution',
    );
    expect(JSON.stringify(throughputSummary(result([row({})])))).not.toContain('caution');
  });

  test('tables whose rows are as long as their heads', () => {
    const tables = throughputView(result([row({})])).parts.flatMap((part) =>
      typeof part === 'string' ? [] : part.kind === 'fold' ? part.parts : [part],
    );
    for (const part of tables) {
      if (typeof part === 'string' || part.kind !== 'table') continue;
      for (const cells of part.rows) expect(cells).toHaveLength(part.head.length);
    }
  });

  test('curves only along numbers that were varied, with the base on each', () => {
    expect(scalingCharts([row({})])).toEqual([]);
    const wide = row({ name: 'V = 64', shape: { ...BASE, vocab: 64 } });
    const long = row({ name: 'long', shape: { ...BASE, vocab: 64, horizon: 64 } });
    const charts = scalingCharts([row({}), wide, long]);
    expect(charts).toHaveLength(1);
    expect(charts[0].name).toContain(AXES.vocab.symbol);
    expect(charts[0].series[0].points.map(({ x }) => x)).toEqual([16, 64]);
  });
});
