import { describe, expect, test } from 'vitest';
import { MAX_MAJORITY_K, majorityAtK } from '../../src/math/majority.ts';
import { defaultModes, modeOfState } from '../../src/problem/modes.ts';
import { compileProblem, type Problem } from '../../src/problem/problem.ts';
import { solvePrompt } from '../../src/theory/promptTheory.ts';
import { keptModes, PolicyEvaluator } from '../../src/theory/trainedPolicy.ts';
import { expectRelative } from '../close.ts';
import { randomProblem } from '../problems.ts';

const softmax = (logits: readonly number[]): number[] => {
  const weights = logits.map((x) => Math.exp(x));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
};

describe('PolicyEvaluator', () => {
  test('at theta = 0 gives the J1 of the exact theory, with and without context', () => {
    for (const context of ['none', 'previous'] as const) {
      const problem = randomProblem({
        vocab: 5,
        horizon: 4,
        context,
        accept: { sum: { modulus: 3, residue: 1 } },
      });
      const evaluator = new PolicyEvaluator(problem, defaultModes(problem));
      const theta = new Float64Array(2 * problem.rowCount * problem.vocab);
      problem.prompts.forEach((prompt, x) => {
        const { successProb, failureProb } = evaluator.evaluate(x, theta);
        const exact = solvePrompt(problem, prompt);
        expectRelative(successProb, exact.successProb, 1e-8);
        expectRelative(failureProb, exact.failureProb, 1e-8);
      });
    }
  });

  test('equals a listing of all trajectories: masses of modes, entropy, final states', () => {
    const rows = [
      [0.4, -1, 0.2],
      [1.5, 0, -0.3],
    ];
    const problem = compileProblem({
      format: 'passk-problem@1',
      vocab: 3,
      horizon: 2,
      context: 'none',
      prompts: [
        {
          id: 'p',
          logits: rows,
          accept: {
            sequences: [
              [0, 1],
              [2, 2],
            ],
          },
        },
      ],
    });
    const theta = [0.3, 0, -1, 0.5, 0.25, 2];
    const temperature = 0.7;
    const policy = rows.map((row, t) => softmax(row.map((x, v) => (x + theta[3 * t + v]) / temperature)));
    const { successProb, modeProbs, entropy, finalProbs } = new PolicyEvaluator(
      problem,
      defaultModes(problem),
      temperature,
    ).evaluate(0, theta);
    const trajectories = [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => policy[0][a] * policy[1][b]));
    expectRelative(modeProbs[0], trajectories[1], 1e-14);
    expectRelative(modeProbs[1], trajectories[8], 1e-14);
    expectRelative(successProb, trajectories[1] + trajectories[8], 1e-14);
    expectRelative(entropy, -trajectories.reduce((sum, p) => sum + p * Math.log(p), 0), 1e-13);
    expectRelative(
      finalProbs.reduce((sum, p) => sum + p, 0),
      1,
      1e-14,
    );
  });

  test('shared parameters reach each prompt by its features', () => {
    const source = {
      format: 'passk-problem@1',
      vocab: 2,
      horizon: 1,
      context: 'none',
      prompts: [
        { id: 'a', logits: [[0, 0]], accept: { sequences: [[0]] } },
        { id: 'b', logits: [[0, 0]], accept: { sequences: [[0]] } },
      ],
      features: [
        [1, 0],
        [0.5, -2],
      ],
    } as const;
    const problem: Problem = compileProblem(source);
    const evaluator = new PolicyEvaluator(problem, defaultModes(problem));
    const theta = [1, 0, 0.25, 0];
    expectRelative(evaluator.evaluate(0, theta).successProb, 1 / (1 + Math.exp(-1)), 1e-14);
    expectRelative(evaluator.evaluate(1, theta).successProb, 0.5, 1e-14);
  });

  test('a mode of one hundredth of J1 is kept, a smaller one is not', () => {
    expect(keptModes({ successProb: 0.5, modeProbs: [0.495, 0.005] })).toBe(2);
    expect(keptModes({ successProb: 0.5, modeProbs: [0.4951, 0.0049] })).toBe(1);
    expect(keptModes({ successProb: 0, modeProbs: [0, 0] })).toBe(0);
  });
});

describe('modes', () => {
  const problem = compileProblem({
    format: 'passk-problem@1',
    vocab: 3,
    horizon: 2,
    context: 'none',
    prompts: [
      {
        id: 'p',
        logits: [
          [0, 0, 0],
          [0, 0, 0],
        ],
        accept: { sum: { modulus: 3, residue: 1 } },
      },
    ],
  });
  const [prompt] = problem.prompts;

  test('label the states they end in; what is correct otherwise keeps its own label', () => {
    expect(Array.from(modeOfState(prompt, problem, []))).toEqual([0, -1, 0]);
    expect(Array.from(modeOfState(prompt, problem, [[[0, 1]]]))).toEqual([0, 1, 0]);
  });

  test('of wrong sequences, and modes that end in one state, are refused in one line', () => {
    expect(() => modeOfState(prompt, problem, [[[0, 0]]])).toThrow(
      "prompt 'p', mode 0: expected accepted sequences, got 0 0",
    );
    expect(() => modeOfState(prompt, problem, [[[0, 1]], [[1, 0]]])).toThrow(
      'modes that the verifier tells apart',
    );
  });
});

/** maj@k from its definition: every sequence of k answers. */
function listedMajority(probs: readonly number[], k: number): number {
  let total = 0;
  for (let code = 0; code < probs.length ** k; code += 1) {
    const counts = new Array<number>(probs.length).fill(0);
    let chance = 1;
    for (let rest = code, i = 0; i < k; i += 1, rest = Math.floor(rest / probs.length)) {
      counts[rest % probs.length] += 1;
      chance *= probs[rest % probs.length];
    }
    const most = Math.max(...counts);
    if (counts[0] === most) total += chance / counts.filter((count) => count === most).length;
  }
  return total;
}

describe('maj@k', () => {
  test.each([
    [[0.4, 0.35, 0.25], 5],
    [[0.1, 0.2, 0.3, 0.4], 6],
    [[0.05, 0.95], 7],
    [[0.3, 0.1, 0.1, 0.25, 0.25], 4],
  ])('of %j at k = %i equals a listing of all samples', (probs, k) => {
    expectRelative(majorityAtK(probs[0], probs.slice(1), k), listedMajority(probs, k), 1e-12);
  });

  test('is J1 at k = 1 and k = 2, tends to 1 where the correct answer leads, to 0 where it does not', () => {
    expectRelative(majorityAtK(0.3, [0.5, 0.2], 1), 0.3, 1e-14);
    expectRelative(majorityAtK(0.3, [0.5, 0.2], 2), 0.3, 1e-14);
    expect(majorityAtK(0.6, [0.4], 128)).toBeGreaterThan(0.98);
    expect(majorityAtK(0.3, [0.7], 128)).toBeLessThan(1e-4);
    expect(majorityAtK(1, [], 5)).toBe(1);
    expect(majorityAtK(0, [1], 5)).toBe(0);
  });

  test('refuses what its sums cannot hold', () => {
    expect(() => majorityAtK(0.5, [0.5], MAX_MAJORITY_K + 1)).toThrow('expected k of 1 .. 128, got 129');
  });
});
