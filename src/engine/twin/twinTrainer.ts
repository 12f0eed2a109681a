/**
 * The twin of training: the same draws and the same rule as the update kernel, in plain TypeScript and float64. It
 * is what the kernel is held against and timed against, and the trainer of last resort.
 *
 * Given the kernel's masses a twin's step differs from the kernel's by float32 rounding alone. Left to make its own
 * masses, in float64, a draw in some millions falls on the other side of a threshold.
 */
import { TOTAL_MASS } from '../../problem/masses.ts';
import { rowCountOf } from '../../problem/problem.ts';
import { baseLogits, blends, type Blend } from '../../theory/trainedPolicy.ts';
import { quantile } from '../../math/stats/quantiles.ts';
import { openStream, trajectoriesPerStream } from '../../math/random/stream.ts';
import { outcomeTallies } from '../outcomeTallies.ts';
import { segmentEnds } from '../training.ts';
import { verdictBits } from '../outcomeTallies.ts';
import {
  checkTraining,
  paramCount,
  stepRates,
  tokensPerStep,
  type Trainer,
  type TrainingEvent,
  type TrainingJob,
} from '../training.ts';

/** A slice of work after which the twin yields, so that a page stays alive and a cancel is seen. */
const SLICE_MS = 50;
const GROUP_STEP = 2 ** 20;

/** What a job's replicas have in common. */
interface Shared {
  readonly job: TrainingJob;
  readonly base: Float64Array;
  readonly blends: readonly (readonly Blend[])[];
  readonly verdicts: readonly Uint32Array[];
  readonly rates: Float64Array;
}

export function twinTables(job: TrainingJob): Shared {
  return {
    job,
    base: baseLogits(job.problem),
    blends: blends(job.problem),
    verdicts: verdictBits(job),
    rates: stepRates(job.optimiser, job.stepCount),
  };
}

/** One replica. */
export class ReplicaTwin {
  /** [params] */
  readonly theta: Float64Array;
  /** [cells], of the prompt last handled: integers; 2^32 in all in each row */
  readonly masses: Float64Array;
  readonly #shared: Shared;
  readonly #replica: number;
  readonly #gradient: Float64Array;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  /** [cells], sums of the masses of all tokens but the likeliest, up to each */
  readonly #thresholds: Float64Array;
  /** [rows] */
  readonly #likeliest: Uint32Array;
  readonly #entropies: Float64Array;
  /** [cells], tokens of correct and of wrong trajectories, and those of them that fork */
  readonly #correct: Float64Array;
  readonly #wrong: Float64Array;
  readonly #correctForks: Float64Array;
  readonly #wrongForks: Float64Array;
  /** [T], cells that a trajectory visits */
  readonly #trail: Uint32Array;

  constructor(shared: Shared, replica: number) {
    const { job } = shared;
    const { vocab, horizon, context } = job.problem;
    const params = paramCount(job.problem);
    const rows = rowCountOf(context, vocab, horizon);
    const cells = rows * vocab;
    this.#shared = shared;
    this.#replica = replica;
    this.theta = Float64Array.from(job.initialTheta ?? new Float64Array(params));
    this.masses = new Float64Array(cells);
    this.#gradient = new Float64Array(params);
    this.#means = new Float64Array(params);
    this.#squares = new Float64Array(params);
    this.#thresholds = new Float64Array(cells);
    this.#likeliest = new Uint32Array(rows);
    this.#entropies = new Float64Array(rows);
    this.#correct = new Float64Array(cells);
    this.#wrong = new Float64Array(cells);
    this.#correctForks = new Float64Array(cells);
    this.#wrongForks = new Float64Array(cells);
    this.#trail = new Uint32Array(horizon);
  }

  /**
   * @param outcomes receives the group's outcome word of each prompt of the batch
   * @param given [prompts, cells] masses to draw from instead of the twin's own
   */
  step(step: number, outcomes: Uint32Array, given?: ArrayLike<number>): void {
    const { job, rates } = this.#shared;
    const cells = this.masses.length;
    this.#gradient.fill(0);
    for (let b = 0; b < job.batchSize; b += 1) {
      const prompt = (step * job.batchSize + b) % job.problem.prompts.length;
      if (given) for (let j = 0; j < cells; j += 1) this.masses[j] = given[prompt * cells + j];
      else this.#writeMasses(prompt);
      this.#writeThresholds();
      outcomes[b] = this.#sampleGroup(prompt, step);
      this.#learn(prompt, outcomes[b] & 0xffff);
    }
    this.#takeStep(rates[2 * step], rates[2 * step + 1]);
  }

  #writeMasses(prompt: number): void {
    const { job, base, blends: blendsOf } = this.#shared;
    const { vocab, rowCount } = job.problem;
    const cells = rowCount * vocab;
    const logits = this.masses;
    for (let j = 0; j < cells; j += 1) {
      let x = base[prompt * cells + j];
      for (const { block, feature } of blendsOf[prompt]) x += feature * this.theta[block * cells + j];
      logits[j] = x / job.temperature;
    }
    for (let first = 0; first < cells; first += vocab) {
      let likeliest = first;
      for (let j = first + 1; j < first + vocab; j += 1) if (logits[j] > logits[likeliest]) likeliest = j;
      const greatest = logits[likeliest];
      let total = 0;
      for (let j = first; j < first + vocab; j += 1) {
        this.masses[j] = Math.exp(logits[j] - greatest);
        total += this.masses[j];
      }
      let others = 0;
      for (let j = first; j < first + vocab; j += 1) {
        if (j === likeliest) continue;
        this.masses[j] = Math.round((this.masses[j] / total) * TOTAL_MASS);
        others += this.masses[j];
      }
      this.masses[likeliest] = TOTAL_MASS - others;
    }
  }

  #writeThresholds(): void {
    const { vocab } = this.#shared.job.problem;
    for (let row = 0; row < this.#likeliest.length; row += 1) {
      const first = row * vocab;
      let likeliest = first;
      for (let j = first; j < first + vocab; j += 1) {
        if (this.masses[j] > this.masses[likeliest]) likeliest = j;
      }
      this.#likeliest[row] = likeliest;
      let sum = 0;
      let entropy = 0;
      for (let j = first; j < first + vocab; j += 1) {
        if (j !== likeliest) sum += this.masses[j];
        this.#thresholds[j] = sum;
        const policy = this.masses[j] / TOTAL_MASS;
        if (policy > 0) entropy -= policy * Math.log(policy);
      }
      this.#entropies[row] = entropy;
    }
  }

  #sampleGroup(prompt: number, step: number): number {
    const { job, verdicts } = this.#shared;
    const { groupSize, seed, drawId, simko } = job;
    const { vocab, horizon, context } = job.problem;
    const { automaton } = job.problem.prompts[prompt];
    const perStream = trajectoriesPerStream(groupSize, horizon);
    const group = step * GROUP_STEP + this.#replica;
    this.#correct.fill(0);
    this.#wrong.fill(0);
    this.#correctForks.fill(0);
    this.#wrongForks.fill(0);
    let correctCount = 0;
    let found = 0;
    let nextWord = openStream(seed, drawId, prompt, group, 0);
    for (let i = 0; i < groupSize; i += 1) {
      if (i > 0 && i % perStream === 0) {
        nextWord = openStream(seed, drawId, prompt, group, i / perStream);
      }
      let state = automaton.start;
      let row = 0;
      for (let t = 0; t < horizon; t += 1) {
        const word = nextWord();
        const first = row * vocab;
        let token = 0;
        while (token < vocab && this.#thresholds[first + token] <= word) token += 1;
        const cell = token < vocab ? first + token : this.#likeliest[row];
        this.#trail[t] = cell;
        token = cell - first;
        state = automaton.next[state * vocab + token];
        row = context === 'none' ? row + 1 : 1 + t * vocab + token;
      }
      const verdict = verdicts[prompt][state];
      found |= verdict;
      const counts = verdict === 0 ? this.#wrong : this.#correct;
      if (verdict !== 0) correctCount += 1;
      for (let t = 0; t < horizon; t += 1) counts[this.#trail[t]] += 1;
      if (!simko) continue;
      const forks = verdict === 0 ? this.#wrongForks : this.#correctForks;
      const entropies = Array.from(this.#trail, (cell) => this.#entropies[Math.floor(cell / vocab)]);
      const least = quantile(
        [...entropies].sort((a, b) => a - b),
        simko.quantile,
      );
      entropies.forEach((entropy, t) => {
        if (entropy >= least) forks[this.#trail[t]] += 1;
      });
    }
    return (correctCount | found) >>> 0;
  }

  #learn(prompt: number, correctCount: number): void {
    const { job, blends: blendsOf } = this.#shared;
    const { vocab, rowCount } = job.problem;
    const cells = rowCount * vocab;
    const w1 = job.weights.correct[correctCount];
    const w0 = job.weights.wrong[correctCount];
    const factor = 1 / (job.temperature * job.batchSize);
    const { simko, entropyBonus } = job;
    for (let row = 0; row < rowCount; row += 1) {
      const first = row * vocab;
      const likeliest = this.#likeliest[row];
      let [correct, wrong, correctForks] = [0, 0, 0];
      for (let j = first; j < first + vocab; j += 1) {
        correct += this.#correct[j];
        wrong += this.#wrong[j];
        correctForks += this.#correctForks[j];
      }
      if (correct + wrong === 0) continue;
      const penalty = simko ? w0 * (simko.penalty - 1) * this.#wrongForks[likeliest] : 0;
      const rowWeight = w1 * correct + w0 * wrong + penalty;
      const top = simko ? this.#topTokens(first, simko.topCount) : null;
      const bonus = (entropyBonus * (correct + wrong)) / job.groupSize;
      for (let j = first; j < first + vocab; j += 1) {
        const policy = this.masses[j] / TOTAL_MASS;
        let g = w1 * this.#correct[j] + w0 * this.#wrong[j] - policy * rowWeight;
        if (simko && top) {
          g -= w1 * simko.share * this.#correctForks[j];
          if (top.has(j)) g += (w1 * simko.share * correctForks) / simko.topCount;
          if (j === likeliest) g += penalty;
        }
        if (bonus > 0 && policy > 0) g -= bonus * policy * (Math.log(policy) + this.#entropies[row]);
        for (const { block, feature } of blendsOf[prompt]) {
          this.#gradient[block * cells + j] += feature * g * factor;
        }
      }
    }
  }

  /** The N likeliest cells of a row; of equally likely ones the first. */
  #topTokens(first: number, count: number): Set<number> {
    const { vocab } = this.#shared.job.problem;
    const cells = Array.from({ length: vocab }, (_, v) => first + v);
    cells.sort((a, b) => this.masses[b] - this.masses[a] || a - b);
    return new Set(cells.slice(0, count));
  }

  #takeStep(rate: number, sizeRate: number): void {
    const { optimiser } = this.#shared.job;
    for (let i = 0; i < this.theta.length; i += 1) {
      const g = this.#gradient[i];
      if (optimiser.kind === 'sgd') {
        this.theta[i] += rate * g;
        continue;
      }
      const { decay1, decay2, epsilon } = optimiser;
      this.#means[i] = decay1 * this.#means[i] + (1 - decay1) * g;
      this.#squares[i] = decay2 * this.#squares[i] + (1 - decay2) * g * g;
      this.theta[i] += (rate * this.#means[i]) / (Math.sqrt(this.#squares[i]) * sizeRate + epsilon);
    }
  }
}

/** Trains with twins, all replicas of a job side by side. */
export class TwinTrainer implements Trainer {
  async *train(job: TrainingJob): AsyncGenerator<TrainingEvent, void, void> {
    checkTraining(job);
    const shared = twinTables(job);
    const { replicaCount, firstReplica, batchSize, groupSize, problem } = job;
    const replicas = Array.from(
      { length: replicaCount },
      (_, index) => new ReplicaTwin(shared, firstReplica + index),
    );
    const params = paramCount(problem);
    const group = new Uint32Array(batchSize);
    let tokenCount = 0;
    let firstStep = 0;
    const theta = (): Float32Array<ArrayBuffer> => {
      const all = new Float32Array(replicaCount * params);
      replicas.forEach((replica, index) => all.set(replica.theta, index * params));
      return all;
    };
    const snapshot = (step: number): Float32Array<ArrayBuffer> | null =>
      job.snapshotSteps.includes(step) ? theta() : null;
    const empty = new Uint32Array(0);
    const common = { firstReplica, replicaCount };
    if (job.snapshotSteps[0] === 0) {
      const outcomes = job.outcomes === 'each' ? empty : null;
      yield {
        kind: 'segment',
        segment: {
          ...common,
          firstStep: 0,
          endStep: 0,
          correctCounts: empty,
          modeCounts: empty,
          outcomes,
          theta: theta(),
          masses: null,
        },
      };
    }
    for (const endStep of segmentEnds(job, job.stepCount)) {
      const outcomes = new Uint32Array((endStep - firstStep) * batchSize * replicaCount);
      let sliceStart = performance.now();
      for (let step = firstStep; step < endStep; step += 1) {
        for (let index = 0; index < replicaCount; index += 1) {
          replicas[index].step(step, group);
          for (let b = 0; b < batchSize; b += 1) {
            outcomes[((step - firstStep) * batchSize + b) * replicaCount + index] = group[b];
          }
          tokenCount += tokensPerStep(job);
          if (performance.now() - sliceStart > SLICE_MS) {
            yield { kind: 'progress', tokenCount };
            await new Promise((resolve) => setTimeout(resolve, 0));
            sliceStart = performance.now();
          }
        }
      }
      yield {
        kind: 'segment',
        segment: {
          ...common,
          firstStep,
          endStep,
          ...outcomeTallies(outcomes, replicaCount, groupSize),
          outcomes: job.outcomes === 'each' ? outcomes : null,
          theta: snapshot(endStep),
          masses: null,
        },
      };
      firstStep = endStep;
    }
  }
}
