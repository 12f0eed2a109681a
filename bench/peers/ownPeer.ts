/**
 * This project's own engines doing the job: tallies of level `full`, and from them, within the time that is taken, mean gradient
 * and variance. The clock runs where the tallies arrive, so what an engine in a browser sends to Node is paid for.
 */
import type { Engine, EngineEnvironment } from '../../src/engine/engine.ts';
import { everyPrompt, type SamplingJob } from '../../src/engine/sampler.ts';
import { addTally, emptyTally, type PromptTally } from '../../src/engine/tally.ts';
import type { WeightTable } from '../../src/estimators/weightTables.ts';
import { measuredGradient } from '../../src/lab/measure.ts';
import type { Problem } from '../../src/problem/problem.ts';
import type { Answer, Peer, PeerFacts } from './job.ts';
import { squaresByBatch } from './squares.ts';

/** Groups of each prompt at a time: the unit that is multiplied until a job is long enough. */
const GROUPS_PER_BATCH = 128;
/** Of no experiment of the suite: its draws are its own. */
const DRAW_ID = 0x70656572;
interface Work {
  readonly problem: Problem;
  readonly table: WeightTable;
  readonly seed: number;
}

export class OwnPeer implements Peer {
  readonly isOwn = true;
  readonly name = 'passk-bench';
  readonly backend: string;
  readonly #version: string;
  readonly #work: Work;
  readonly #openEngine: () => Promise<Engine>;
  #engine: Engine | undefined;
  #environment: EngineEnvironment | null = null;
  #nextGroup = 0;

  constructor(backend: string, version: string, work: Work, openEngine: () => Promise<Engine>) {
    this.backend = backend;
    this.#version = version;
    this.#work = work;
    this.#openEngine = openEngine;
  }

  /** of its engine, once it was open */
  get environment(): EngineEnvironment | null {
    return this.#environment;
  }

  async open(): Promise<PeerFacts> {
    this.#engine = await this.#openEngine();
    this.#environment = this.#engine.environment;
    const { engine, adapter } = this.#environment;
    return { version: this.#version, backend: `${engine === 'gpu' ? 'WebGPU' : engine}, ${adapter}` };
  }

  async run(batchCount: number): Promise<Answer> {
    const engine = this.#engine;
    if (engine === undefined) throw new Error('run: the engine is not open');
    const { problem, table, seed } = this.#work;
    const groupCount = batchCount * GROUPS_PER_BATCH;
    const start = performance.now();
    const cpuStart = cpuSecondsOf(engine);
    const tallies = problem.prompts.map(() => emptyTally(problem, table.n, 'full'));
    const ranges = everyPrompt(problem, this.#nextGroup, groupCount);
    const job: SamplingJob = {
      ...{ problem, groupSize: table.n, level: 'full' as const, seed, drawId: DRAW_ID, ranges },
      // One job of many, as for the other libraries.
      tokensAhead: Number.MAX_SAFE_INTEGER,
    } as const;
    for await (const event of engine.sample(job)) {
      if (event.kind !== 'chunks') continue;
      for (const { range, tally } of event.chunks) addTally(tallies[range.prompt], tally);
    }
    const answer = answerOf(this.#work, tallies, groupCount);
    const cpuEnd = cpuSecondsOf(engine);
    this.#nextGroup += groupCount;
    return {
      ...answer,
      seconds: (performance.now() - start) / 1000,
      cpuSeconds: cpuStart === null || cpuEnd === null ? null : cpuEnd - cpuStart,
    };
  }

  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.close();
  }
}

/** This process with all its threads, and the browser where there is one. */
function cpuSecondsOf(engine: Engine): number | null {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  if (engine.environment.engine !== 'gpu') return own;
  const browser = engine.cpuSeconds?.() ?? null;
  return browser === null ? null : own + browser;
}

/** From counts to what is asked for: the weights by c are met here. */
export function answerOf(
  { problem, table }: Pick<Work, 'problem' | 'table'>,
  tallies: readonly PromptTally[],
  groupCount: number,
): Pick<Answer, 'groupCount' | 'successProb' | 'gradient' | 'variance'> {
  const means = problem.prompts.map(
    (prompt, i) => measuredGradient(problem, prompt, tallies[i], groupCount, table).mean,
  );
  const normSq = (mean: Float64Array): number => mean.reduce((sum, value) => sum + value * value, 0);
  return {
    groupCount,
    successProb: tallies.map(
      ({ groups }) => groups.reduce((sum, count, c) => sum + c * count, 0) / (groupCount * table.n),
    ),
    gradient: means.flatMap((mean) => [...mean]),
    variance: tallies.map((tally, i) => {
      const squares = squaresByBatch(tally, table).reduce((sum, value) => sum + value, 0);
      return squares / groupCount - normSq(means[i]);
    }),
  };
}
