import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { adam, sgd } from '../../../src/engine/training.ts';
import { compileProblem, type Problem } from '../../../src/problem/problem.ts';
import { bennettPValue } from '../../../src/math/stats/bennett.ts';
import { openEngine } from '../../browser.ts';
import { finalTheta, tableOf, trainingJob } from '../../training.ts';

let gpu: Engine;
beforeAll(async () => {
  gpu = await openEngine();
});
afterAll(() => gpu.close());

function bandit(row: readonly number[], correct: readonly number[]): Problem {
  return compileProblem({
    format: 'passk-problem@1',
    vocab: row.length,
    horizon: 1,
    context: 'none',
    prompts: [{ id: 'p', probabilities: [row], accept: { sequences: correct.map((arm) => [arm]) } }],
  });
}

const FACTORIAL = [1, 1, 2, 6, 24];

/** All counts of n draws over some arms. */
function countsOf(arms: number, n: number): number[][] {
  if (arms === 1) return [[n]];
  return Array.from({ length: n + 1 }, (_, count) =>
    countsOf(arms - 1, n - count).map((rest) => [count, ...rest]),
  ).flat();
}

describe("Adam's first step on a bandit", () => {
  test('has the mean that listing all groups gives', async () => {
    const [row, n, rate] = [[0.35, 0.2, 0.45], 4, 0.125];
    const weights = tableOf('rloo', n);
    // From theta = 0 the step is rate g / (|g| + epsilon): bias corrections cancel the decays.
    const groups = countsOf(row.length, n).map((counts) => {
      const prob = counts.reduce((p, count, v) => (p * row[v] ** count) / FACTORIAL[count], FACTORIAL[n]);
      const c = counts[0];
      const weight = (v: number): number => (v === 0 ? weights.correct[c] : weights.wrong[c]);
      const total = counts.reduce((sum, count, v) => sum + weight(v) * count, 0);
      const steps = row.map((policy, v) => {
        const g = weight(v) * counts[v] - policy * total;
        return Math.abs(g) < 1e-9 ? 0 : (rate * g) / (Math.abs(g) + 1e-8);
      });
      return { prob, steps };
    });
    const replicaCount = 40_000;
    const theta = await finalTheta(
      gpu,
      trainingJob(bandit(row, [0]), { groupSize: n, weights, optimiser: adam(rate), replicaCount }),
    );
    row.forEach((_, v) => {
      const mean = groups.reduce((sum, { prob, steps }) => sum + prob * steps[v], 0);
      const variance = groups.reduce((sum, { prob, steps }) => sum + prob * (steps[v] - mean) ** 2, 0);
      let sum = 0;
      for (let replica = 0; replica < replicaCount; replica += 1) sum += theta[replica * row.length + v];
      const deviation = Math.abs(sum - replicaCount * mean);
      // Three comparisons at 1e-6: a fixed seed, and one false alarm in 3e5 of them.
      expect(
        bennettPValue(deviation, replicaCount * variance, 2 * rate, replicaCount * 1e-6),
      ).toBeGreaterThan(1e-6);
      // A twentieth of a standard deviation off would be seen: an Adam without bias correction is ten times that.
      expect(
        bennettPValue(replicaCount * 0.05 * Math.sqrt(variance), replicaCount * variance, 2 * rate),
      ).toBeLessThan(1e-6);
    });
  });
});

describe('the mean over replicas', () => {
  test('leaves the mean-field path by an amount that falls as 1/n, from n = 64 to 4096', async () => {
    const row = [0.3, 0.5, 0.2];
    const problem = bandit(row, [0]);
    const [rate, steps] = [8, 2];
    // theta += rate grad J1, exactly.
    const path = [0, 0, 0];
    for (let step = 0; step < steps; step += 1) {
      const weights = row.map((p, v) => p * Math.exp(path[v]));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const policy = weights.map((weight) => weight / total);
      policy.forEach((p, v) => (path[v] += rate * p * ((v === 0 ? 1 : 0) - policy[0])));
    }
    const sizes = [64, 512, 4096];
    const scaled: { readonly value: number; readonly error: number }[] = [];
    for (const n of sizes) {
      // Noise falls as 1/sqrt(n replicas), the deviation as 1/n: larger groups need more replicas. A large rate helps: the
      // deviation grows as its cube.
      const replicaCount = 2048 * Math.sqrt(n);
      const weights = {
        correct: Array.from({ length: n + 1 }, (_, c) => (c === 0 ? 0 : 1 / n)),
        wrong: new Array<number>(n + 1).fill(0),
      };
      const theta = await finalTheta(
        gpu,
        trainingJob(problem, {
          groupSize: n,
          weights,
          optimiser: sgd(rate),
          stepCount: steps,
          replicaCount: Math.round(replicaCount),
          outcomes: 'tallies',
        }),
      );
      const count = theta.length / 3;
      let [sum, squares] = [0, 0];
      for (let replica = 0; replica < count; replica += 1) {
        const offset = theta[3 * replica] - path[0];
        sum += offset;
        squares += offset * offset;
      }
      const mean = sum / count;
      scaled.push({ value: n * mean, error: n * Math.sqrt((squares / count - mean * mean) / count) });
    }
    const last = scaled[scaled.length - 1];
    for (const { value, error } of scaled) {
      // There at every n, and n times it the same up to noise and what is of order 1/n² (a fifth at n = 64).
      expect(Math.abs(value)).toBeGreaterThan(4 * error);
      expect(Math.abs(value - last.value)).toBeLessThan(
        4 * Math.hypot(error, last.error) + 0.2 * Math.abs(value),
      );
    }
  });
});
