/**
 * The twin: the same draws and the same integers as the kernels, in plain TypeScript and as directly as the
 * contract can be written down. It is the reference the kernels are held against, and the engine of last resort.
 */
import { rowIndex, type Problem, type Prompt } from '../../problem/problem.ts';
import { philox4x32 } from '../../math/random/philox.ts';
import {
  openStream,
  SLICED_SAMPLER_ID,
  trajectoriesPerStream,
  type SamplerId,
} from '../../math/random/stream.ts';
import { xoshiro128 } from '../../math/random/xoshiro.ts';
import { conditionalTables, OUTCOMES } from '../../problem/conditional.ts';
import { givenOf, kernelFault, samplerId, scaledWord, tableFault } from '../sampler.ts';
import { roundedPolicy, type RoundedPolicy } from '../secondMoments.ts';
import { SlicedDraws } from './slicedDraws.ts';
import { slicedSelfTest } from './slicedSelfTest.ts';
import { tokenOfWord, tokenRowsOf } from './tokenRule.ts';
import { TwinTrainer } from './twinTrainer.ts';
import {
  failures,
  GENERATOR_WORDS,
  randomCases,
  tokenCases,
  tokenRows,
  type RandomCase,
  type TokenRow,
} from '../selfTestCases.ts';
import {
  NO_TIMINGS,
  type Engine,
  type EngineEnvironment,
  type EngineTimings,
  type SelfTestResult,
} from '../engine.ts';
import { checkJob, type KernelFault, type SamplerEvent, type SamplingJob } from '../sampler.ts';
import type { TrainingEvent, TrainingJob } from '../training.ts';
import { BATCH_COUNT, emptyTally, SECOND_MOMENTS, type PromptTally } from '../tally.ts';

/** A slice of work after which the twin yields, so that a page stays alive and a cancel is seen. */
const SLICE_MS = 50;
/** Work after which finished groups are handed over. */
const CHUNK_MS = 1000;

/** The trajectories of one group. */
interface Group {
  /** [n, T] */
  readonly tokens: Uint16Array;
  /** [n, T], row in which each token was drawn */
  readonly rows: Uint32Array;
  /** [n], 1 where correct */
  readonly correct: Uint8Array;
}

export class TwinEngine implements Engine {
  readonly environment: EngineEnvironment = {
    engine: 'twin',
    runtime: 'typescript',
    adapter: 'one thread of the host',
    software: null,
    limits: {},
    features: [],
    flags: [],
  };
  #timings = NO_TIMINGS;

  selfTest(fault?: KernelFault, sampler?: SamplerId): Promise<SelfTestResult> {
    if (sampler === SLICED_SAMPLER_ID) return Promise.resolve(slicedSelfTest(fault));
    const random = randomCases();
    const rows = tokenRows();
    const tokens = tokenCases(rows);
    const randomAnswer = ({ counter, key }: RandomCase): number[] => {
      const output = philox4x32(counter, key);
      const next = xoshiro128(output);
      return [...output, ...Array.from({ length: GENERATOR_WORDS }, next)];
    };
    // `<` for `<=` in integers: the word before.
    const shift = fault === 'strict-threshold' ? 1 : 0;
    return Promise.resolve({
      caseCount: random.length + tokens.length,
      failures: failures(
        (index) => randomAnswer(random[index]),
        (index) => tokenOfWord(tokens[index].word - shift, rows[tokens[index].row]),
      ),
    });
  }

  async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    checkJob(job);
    // The twin keeps the limits of the kernels: what it accepts, they accept.
    const { problem, groupSize, level } = job;
    const tokensPerGroup = groupSize * problem.horizon;
    let tokenCount = 0;
    for (const range of job.ranges) {
      const worker = new PromptSampler(job, range.prompt);
      const end = range.firstGroup + range.groupCount;
      let first = range.firstGroup;
      let group = first;
      let tally = emptyTally(problem, groupSize, level);
      let chunkStart = performance.now();
      while (group < end) {
        const sliceStart = performance.now();
        const sliceFirst = group;
        do {
          worker.addGroup(group, tally);
          group += 1;
          tokenCount += tokensPerGroup;
        } while (group < end && performance.now() - sliceStart < SLICE_MS);
        const now = performance.now();
        this.#timings = {
          ...this.#timings,
          steadyMs: this.#timings.steadyMs + now - sliceStart,
          steadyTokenCount: this.#timings.steadyTokenCount + (group - sliceFirst) * tokensPerGroup,
        };
        if (group === end || now - chunkStart > CHUNK_MS) {
          yield {
            kind: 'chunks',
            chunks: [{ range: { ...range, firstGroup: first, groupCount: group - first }, tally }],
          };
          first = group;
          tally = emptyTally(problem, groupSize, level);
          chunkStart = performance.now();
        }
        yield { kind: 'progress', tokenCount };
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
  }

  train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    return new TwinTrainer().train(job);
  }

  timings(): EngineTimings {
    return this.#timings;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What trajectories are drawn from: a policy's rows, or those of the chains given the outcome, walked from node to node. */
interface DrawTables {
  /** [rows], or [nodes]: the table of trajectories that are correct by design, and that of all others */
  readonly correct: readonly TokenRow[];
  readonly wrong: readonly TokenRow[];
  /** [nodes, vocab]; null in plain sampling */
  readonly next: Uint32Array | null;
}

function drawTables({ problem, given, fault }: SamplingJob, prompt: Prompt): DrawTables {
  const { vocab } = problem;
  if (given === undefined) {
    const rows = tokenRowsOf(prompt.masses, vocab);
    return { correct: rows, wrong: rows, next: null };
  }
  const { masses, next } = conditionalTables(problem, prompt, tableFault(fault));
  const [wrong, correct] = OUTCOMES.map((outcome) => tokenRowsOf(masses[outcome] ?? [], vocab));
  return { correct, wrong, next };
}

/** Samples groups of one prompt and adds them to a tally. */
class PromptSampler {
  readonly #job: SamplingJob;
  readonly #problem: Problem;
  readonly #promptIndex: number;
  readonly #prompt: Prompt;
  readonly #tables: DrawTables;
  /** only in `sliced@1` */
  readonly #sliced: SlicedDraws | null;
  readonly #rounded: RoundedPolicy;
  readonly #group: Group;

  constructor(job: SamplingJob, promptIndex: number) {
    const { problem, groupSize } = job;
    const { horizon } = problem;
    this.#job = job;
    this.#problem = problem;
    this.#promptIndex = promptIndex;
    this.#prompt = problem.prompts[promptIndex];
    this.#tables = drawTables(job, this.#prompt);
    const isSliced = samplerId(job) === SLICED_SAMPLER_ID;
    this.#sliced = isSliced ? new SlicedDraws(job, promptIndex, this.#tables.wrong) : null;
    this.#rounded = roundedPolicy(problem, this.#prompt);
    this.#group = {
      tokens: new Uint16Array(groupSize * horizon),
      rows: new Uint32Array(groupSize * horizon),
      correct: new Uint8Array(groupSize),
    };
  }

  addGroup(groupIndex: number, tally: PromptTally): void {
    if (this.#sliced) this.#judge(this.#sliced.tokensOf(groupIndex));
    else this.#draw(groupIndex);
    const c = this.#group.correct.reduce((sum, correct) => sum + correct, 0);
    tally.groups[c] += 1;
    if (tally.second) this.#addSecondMoments(groupIndex % BATCH_COUNT, c, tally.second);
    if (tally.counts) this.#addCounts(c, tally.counts);
  }

  #draw(groupIndex: number): void {
    const { groupSize, seed, drawId } = this.#job;
    const { vocab, horizon } = this.#problem;
    const { automaton } = this.#prompt;
    const { wrong, correct, next } = this.#tables;
    const given = this.#job.given === undefined ? 0 : givenOf(this.#job.given, groupSize, groupIndex);
    const perStream = trajectoriesPerStream(groupSize, horizon);
    for (let first = 0; first < groupSize; first += perStream) {
      const word = openStream(seed, drawId, this.#promptIndex, groupIndex, first / perStream);
      const nextWord = kernelFault(this.#job.fault) === 'scaled-word' ? () => scaledWord(word()) : word;
      for (let i = first; i < Math.min(first + perStream, groupSize); i += 1) {
        const rows = i < given ? correct : wrong;
        let state = automaton.start;
        let node = 0;
        let token = 0;
        for (let t = 0; t < horizon; t += 1) {
          const row = rowIndex(this.#problem, t, token);
          token = tokenOfWord(nextWord(), rows[next ? node : row]);
          if (next) node = next[node * vocab + token];
          state = automaton.next[state * vocab + token];
          this.#group.tokens[i * horizon + t] = token;
          this.#group.rows[i * horizon + t] = row;
        }
        this.#group.correct[i] = automaton.accepting[state];
      }
    }
  }

  /** Tokens that are drawn already, [n, T]; there is no context. */
  #judge(tokens: Uint16Array): void {
    const { vocab, horizon } = this.#problem;
    const { automaton } = this.#prompt;
    this.#group.tokens.set(tokens);
    for (let i = 0; i < this.#job.groupSize; i += 1) {
      let state = automaton.start;
      for (let t = 0; t < horizon; t += 1) {
        state = automaton.next[state * vocab + tokens[i * horizon + t]];
        this.#group.rows[i * horizon + t] = t;
      }
      this.#group.correct[i] = automaton.accepting[state];
    }
  }

  /** By pairs: only trajectories in the same row at the same position meet, and a pair adds
   *  2^16 [same token] − A_i − A_j + B to the sum of its two outcomes (i = j included). */
  #addSecondMoments(batch: number, c: number, second: BigInt64Array): void {
    const { groupSize } = this.#job;
    const { vocab, horizon } = this.#problem;
    const { tokenMass, collision } = this.#rounded;
    const { tokens, rows, correct } = this.#group;
    let s11 = 0;
    let s10 = 0;
    let s00 = 0;
    for (let i = 0; i < groupSize; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        let sum = 0;
        for (let t = 0; t < horizon; t += 1) {
          const a = i * horizon + t;
          const b = j * horizon + t;
          const row = rows[a];
          if (rows[b] !== row) continue;
          const masses = tokenMass[row * vocab + tokens[a]] + tokenMass[row * vocab + tokens[b]];
          sum += (tokens[a] === tokens[b] ? 2 ** 16 : 0) - masses + collision[row];
        }
        if (correct[i] !== correct[j]) s10 += sum;
        else if (correct[i] === 1) s11 += i === j ? sum : 2 * sum;
        else s00 += i === j ? sum : 2 * sum;
      }
    }
    const cell = (batch * (groupSize + 1) + c) * SECOND_MOMENTS;
    second[cell] += BigInt(s11);
    second[cell + 1] += BigInt(s10);
    second[cell + 2] += BigInt(s00);
  }

  #addCounts(c: number, counts: Float64Array): void {
    const { vocab, horizon, rowCount } = this.#problem;
    const { tokens, rows, correct } = this.#group;
    for (let i = 0; i < correct.length; i += 1) {
      const base = (c * 2 + correct[i]) * rowCount;
      for (let a = i * horizon; a < (i + 1) * horizon; a += 1) {
        counts[(base + rows[a]) * vocab + tokens[a]] += 1;
      }
    }
  }
}
