/**
 * This project's own engines doing the job: tallies of level `full`, and from them, within the time that is taken, mean gradient
 * and variance. The clock runs where the tallies arrive, so what an engine in a browser sends to Node is paid for.
 */
import type { Engine, EngineEnvironment } from '../../src/engine/engine.ts';
import { everyPrompt } from '../../src/engine/sampler.ts';
import {
  addTally,
  BATCH_COUNT,
  emptyTally,
  SECOND_MOMENTS,
  type PromptTally,
} from '../../src/engine/tally.ts';
import type { WeightTable } from '../../src/estimators/weightTables.ts';
import { measuredGradient } from '../../src/lab/measure.ts';
import type { Problem } from '../../src/problem/problem.ts';
import type { Answer, Peer, PeerFacts } from './job.ts';

/** Groups of each prompt at a time: the unit that is multiplied until a job is long enough. */
const GROUPS_PER_BATCH = 128;
/** Of no experiment of the suite: its draws are its own. */
const DRAW_ID = 0x70656572;
/** |S| is counted in units of 2^-16. */
const SECOND_UNIT = 2 ** -16;

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
    return { version: this.#version, backend: engine === 'gpu' ? `WebGPU, ${adapter}` : adapter };
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
    const job = { problem, groupSize: table.n, level: 'full', seed, drawId: DRAW_ID, ranges } as const;
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
    variance: tallies.map((tally, i) => squareSum(tally, table) / groupCount - normSq(means[i])),
  };
}

/** Σ_groups |G|² = 2^-16 Σ_c (w1² S11 + 2 w1 w0 S10 + w0² S00) */
function squareSum({ second }: PromptTally, { n, correct, wrong }: WeightTable): number {
  if (second === undefined) throw new RangeError("tally: expected level 'full', got one without moments");
  let sum = 0;
  for (let c = 0; c <= n; c += 1) {
    const moments = [0n, 0n, 0n];
    for (let batch = 0; batch < BATCH_COUNT; batch += 1) {
      for (let i = 0; i < SECOND_MOMENTS; i += 1) {
        moments[i] += second[(batch * (n + 1) + c) * SECOND_MOMENTS + i];
      }
    }
    const [s11, s10, s00] = moments.map(Number);
    sum += correct[c] ** 2 * s11 + 2 * correct[c] * wrong[c] * s10 + wrong[c] ** 2 * s00;
  }
  return SECOND_UNIT * sum;
}
