/**
 * An engine whose work another engine checks: the first groups of a job are sampled by both and must be equal to the last
 * bit, and a training step of each kind is held against the twin on both. The check goes on beside the work and waits for
 * nothing: it may still be opening when the work begins.
 */
import type { SamplerId } from '../math/random/stream.ts';
import { addTally, emptyTally, type PromptTally } from './tally.ts';
import type { Engine, EngineEnvironment, EngineTimings, SelfTestResult, Verification } from './engine.ts';
import {
  samplerId,
  type GroupRange,
  type KernelFault,
  type SamplerEvent,
  type SamplingJob,
} from './sampler.ts';
import { InputError } from '../input/inputError.ts';
import { checkStep, smallStep } from './stepCheck.ts';
import type { TrainingEvent, TrainingJob } from './training.ts';

/** Groups of each prompt that are checked, at most. */
const CHECKED_GROUPS = 128;
/** Tokens that are checked of a job, and of a run: never a share, so that longer runs cost no more. */
const JOB_TOKENS = 2 ** 18;
const RUN_TOKENS = 2 ** 22;
/** Differences that are told: one is enough to fail a run. */
const MOST_DIFFERENCES = 5;

/** A part of a prompt's groups that both sample, and what the main engine counted of it. */
interface Part {
  readonly range: GroupRange;
  readonly tally: PromptTally;
  groupCount: number;
}

export class CheckedEngine implements Engine {
  readonly #main: Engine;
  /** the engine that checks, or why there is none */
  readonly #checker: Promise<Engine | string>;
  /** the checks so far, one after the other */
  #checks: Promise<void> = Promise.resolve();
  /** kinds of kernels that were checked: each at least once, whatever is left of the budget */
  readonly #kinds = new Set<string>();
  readonly #steps = new Set<string>();
  #tokensLeft = RUN_TOKENS;
  #groupCount = 0;
  #jobCount = 0;
  #missing: string | null = null;
  /** whether the checker is gone, or never was */
  #isAlone = false;
  #checkerEnvironment: EngineEnvironment | null = null;
  readonly #differences: string[] = [];

  /** @param checker resolves to the reason, in words, where there is none */
  constructor(main: Engine, checker: Promise<Engine | string>) {
    this.#main = main;
    this.#checker = checker;
    this.#later(async (engine) => {
      const { failures } = await engine.selfTest();
      if (failures.length > 0) this.#differ(`known answers: ${failures[0]}`);
    });
  }

  get environment(): EngineEnvironment {
    return this.#main.environment;
  }

  get recoveryCount(): number {
    return this.#main.recoveryCount ?? 0;
  }

  selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<SelfTestResult> {
    return this.#main.selfTest(fault, sampler);
  }

  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    // Deliberate mistakes are judged by what they are planted for.
    const counts = job.fault === undefined ? this.#checkedGroups(job) : job.ranges.map(() => 0);
    const ranges = job.ranges.flatMap((range, i) => splitAt(range, counts[i]));
    const parts = job.ranges.flatMap((range, i): Part[] =>
      counts[i] === 0
        ? []
        : [
            {
              range: { ...range, groupCount: counts[i] },
              tally: emptyTally(job.problem, job.groupSize, job.level),
              groupCount: 0,
            },
          ],
    );
    try {
      for await (const event of this.#main.sample({ ...job, ranges })) {
        if (event.kind === 'chunks') {
          for (const { range, tally } of event.chunks) {
            const part = parts.find(({ range: own }) => isWithin(range, own));
            if (!part) continue;
            addTally(part.tally, tally);
            part.groupCount += range.groupCount;
          }
        }
        yield event;
      }
    } finally {
      const whole = parts.filter(({ range, groupCount }) => groupCount === range.groupCount);
      if (whole.length > 0) this.#later((engine) => this.#compare(engine, job, whole));
    }
  }

  async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    const kind = job.simko ? 'SimKO' : job.entropyBonus > 0 ? 'entropy bonus' : 'table of weights';
    if (!this.#steps.has(kind)) {
      this.#steps.add(kind);
      const small = smallStep(job);
      const difference = await checkStep(this.#main, small);
      if (difference !== null)
        this.#differ(`training step (${kind}) on ${this.#main.environment.engine}: ${difference}`);
      this.#later(async (engine) => {
        const own = await checkStep(engine, small);
        if (own !== null) this.#differ(`training step (${kind}) on ${engine.environment.engine}: ${own}`);
      });
    }
    yield* this.#main.train(job);
  }

  timings(): EngineTimings {
    return this.#main.timings();
  }

  /** For those who compare them: the one that works, then the one that checks. */
  async engines(): Promise<readonly Engine[]> {
    await this.#checks;
    const checker = await this.#checker.catch(() => '');
    return this.#isAlone || typeof checker === 'string' ? [this.#main] : [this.#main, checker];
  }

  /** What was checked, when all that was begun is done. */
  async verification(): Promise<Verification> {
    let checks;
    do {
      checks = this.#checks;
      await checks;
    } while (checks !== this.#checks);
    return {
      on: this.#checkerEnvironment,
      missing: this.#missing,
      groups: this.#groupCount,
      jobs: this.#jobCount,
      steps: [...this.#steps],
      differences: this.#differences,
    };
  }

  async close(): Promise<void> {
    const checker = this.#checker.then((engine) => (typeof engine === 'string' ? undefined : engine.close()));
    await Promise.allSettled([this.#main.close(), checker]);
  }

  /** For each range of a job how many of its first groups are checked. */
  #checkedGroups(job: SamplingJob): number[] {
    const { problem, groupSize, level, ranges } = job;
    const tokensPerGroup = groupSize * problem.horizon;
    const kind = `${samplerId(job)}, ${level}, context ${problem.context}`;
    let tokens = this.#kinds.has(kind) ? Math.min(JOB_TOKENS, this.#tokensLeft) : JOB_TOKENS;
    this.#kinds.add(kind);
    const seen = new Set<number>();
    return ranges.map((range) => {
      const wanted = seen.has(range.prompt) ? 0 : Math.min(range.groupCount, CHECKED_GROUPS);
      seen.add(range.prompt);
      const groupCount = Math.min(wanted, Math.floor(tokens / tokensPerGroup));
      tokens -= groupCount * tokensPerGroup;
      this.#tokensLeft -= groupCount * tokensPerGroup;
      return groupCount;
    });
  }

  async #compare(engine: Engine, job: SamplingJob, parts: readonly Part[]): Promise<void> {
    const tallies = parts.map(() => emptyTally(job.problem, job.groupSize, job.level));
    for await (const event of engine.sample({ ...job, ranges: parts.map(({ range }) => range) })) {
      if (event.kind !== 'chunks') continue;
      for (const { range, tally } of event.chunks) {
        addTally(tallies[parts.findIndex(({ range: own }) => isWithin(range, own))], tally);
      }
    }
    parts.forEach(({ range, tally }, i) => {
      if (areEqual(tally, tallies[i])) return;
      this.#differ(
        `groups ${range.firstGroup} to ${range.firstGroup + range.groupCount - 1} of prompt ${job.problem.prompts[range.prompt].id}, ${samplerId(job)}, level ${job.level}: ` +
          `${this.#main.environment.engine} and ${engine.environment.engine} count differently`,
      );
    });
    this.#jobCount += 1;
    this.#groupCount += parts.reduce((sum, { range }) => sum + range.groupCount, 0);
  }

  #differ(sentence: string): void {
    if (this.#differences.length < MOST_DIFFERENCES) this.#differences.push(sentence);
  }

  /**
   * A check, after those before it. One that cannot be made is no difference, and is said; where it is the checker that is
   * gone, and not a job that is too large for it, no others follow.
   */
  #later(check: (engine: Engine) => Promise<void>): void {
    this.#checks = this.#checks.then(async () => {
      if (this.#isAlone) return;
      try {
        const engine = await this.#checker;
        if (typeof engine !== 'string') {
          this.#checkerEnvironment = engine.environment;
          await check(engine);
          return;
        }
        this.#missing = engine;
        this.#isAlone = true;
      } catch (error) {
        this.#missing ??= error instanceof Error ? error.message : String(error);
        this.#isAlone = !(error instanceof InputError);
      }
    });
  }
}

const isWithin = (range: GroupRange, part: GroupRange): boolean =>
  range.prompt === part.prompt &&
  range.firstGroup >= part.firstGroup &&
  range.firstGroup + range.groupCount <= part.firstGroup + part.groupCount;

function splitAt(range: GroupRange, count: number): GroupRange[] {
  const rest = { ...range, firstGroup: range.firstGroup + count, groupCount: range.groupCount - count };
  const parts = [{ ...range, groupCount: count }, rest].filter(({ groupCount }) => groupCount > 0);
  return parts.length > 0 ? parts : [range];
}

function areEqual(a: PromptTally, b: PromptTally): boolean {
  const same = <Item>(x: ArrayLike<Item> = [], y: ArrayLike<Item> = []): boolean => {
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i += 1) if (x[i] !== y[i]) return false;
    return true;
  };
  return same(a.groups, b.groups) && same(a.second, b.second) && same(a.counts, b.counts);
}
