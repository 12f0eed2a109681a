import { describe, expect, test } from 'vitest';
import { compileProblem, problemSha256, type ProblemSource } from '../../src/problem/problem.ts';
import { validateProblem } from '../../src/problem/problemFile.ts';
import { solvePrompt } from '../../src/theory/promptTheory.ts';
import {
  bandit,
  logitGrid,
  modes,
  needle,
  sequences,
  sum,
  type WorkloadSpec,
} from '../../src/problem/workloads.ts';
import { expectRelative } from '../close.ts';

const successProbs = logitGrid(1e-4, 1 - 1e-4, 7);
const spec = (context: 'none' | 'previous', horizon = 4): WorkloadSpec => ({
  vocab: 5,
  horizon,
  context,
  successProbs,
  seed: 8,
});

describe('every workload', () => {
  const workloads: [string, ProblemSource][] = [
    ['bandit', bandit(6, 2, successProbs, 8)],
    ['needle', needle(spec('none'))],
    ['needle with context', needle(spec('previous'))],
    ['sequences', sequences(spec('previous'), 3)],
    ['sum', sum(spec('none'), 4, 1)],
    ['sum with context', sum(spec('previous', 6), 7, 3)],
    ['modes', modes(spec('none'), [5, 3, 1])],
    ['modes with context', modes(spec('previous'), [5, 3, 1])],
    ['modes at one position', modes(spec('none', 1), [5, 1])],
  ];

  test.each(workloads)('%s is a valid problem file', (_, source) => {
    expect(validateProblem(JSON.parse(JSON.stringify(source)))).toEqual(source);
  });

  test.each(workloads)('%s meets its success probabilities as far as masses of 2^-32 allow', (_, source) => {
    const problem = compileProblem(source);
    problem.prompts.forEach((prompt, index) => {
      const { successProb } = solvePrompt(problem, prompt);
      expect(Math.abs(successProb - successProbs[index])).toBeLessThan(2 ** -32 * 40);
    });
  });

  test('is the same on every host: its hash is pinned', async () => {
    const hashes = await Promise.all(workloads.map(([, source]) => problemSha256(compileProblem(source))));
    expect(hashes.map((hash) => hash.slice(0, 12))).toMatchInlineSnapshot(`
      [
        "d1f59b7580cb",
        "80d06649ae86",
        "61dff76b0237",
        "8e03b88951fd",
        "509110f4e737",
        "468f53c4d342",
        "8cad45509421",
        "5d330a410474",
        "df3050bf1244",
      ]
    `);
  });
});

test('modes have the masses that were asked for', () => {
  const problem = compileProblem(modes(spec('previous', 3), [5, 3, 1]));
  const [, , , prompt] = problem.prompts;
  const { sequences: accepted } = problem.source.prompts[3].accept as { sequences: number[][] };
  const masses = accepted.map(([first, second, third]) => {
    const prob = (row: number, token: number): number => prompt.masses[row * 5 + token] / 2 ** 32;
    return prob(0, first) * prob(1 + first, second) * prob(6 + second, third);
  });
  // The rarest mode has a mass of about 1e-2, known to 2^-32.
  expectRelative(masses[0] / masses[2], 5, 1e-6);
  expectRelative(masses[1] / masses[2], 3, 1e-6);
});
