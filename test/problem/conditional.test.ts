import { expect, test } from 'vitest';
import {
  checkConditional,
  conditionalEntries,
  conditionalSha256,
  conditionalTables,
  MAX_CONDITIONAL_ENTRIES,
  OUTCOMES,
  roundedTransitions,
} from '../../src/problem/conditional.ts';
import { InputError } from '../../src/input/inputError.ts';
import { TOTAL_MASS } from '../../src/problem/masses.ts';
import { outcomeChain, outcomeVisits } from '../../src/problem/outcome.ts';
import { compileProblem, rowIndex, type Problem, type Prompt } from '../../src/problem/problem.ts';
import { randomProblem } from '../problems.ts';
import { shapes } from '../engine/shapes.ts';

/** Every trajectory with its exact chance and outcome. */
function* trajectories(
  problem: Problem,
  prompt: Prompt,
): Generator<{ tokens: number[]; prob: number; correct: number }> {
  const walk = function* (
    tokens: number[],
    prob: number,
    state: number,
  ): Generator<{ tokens: number[]; prob: number; correct: number }> {
    if (tokens.length === problem.horizon) {
      yield { tokens, prob, correct: prompt.automaton.accepting[state] };
      return;
    }
    const row = rowIndex(problem, tokens.length, tokens.at(-1) ?? 0);
    for (let v = 0; v < problem.vocab; v += 1) {
      const mass = prompt.masses[row * problem.vocab + v];
      if (mass > 0)
        yield* walk(
          [...tokens, v],
          (prob * mass) / TOTAL_MASS,
          prompt.automaton.next[state * problem.vocab + v],
        );
    }
  };
  yield* walk([], 1, prompt.automaton.start);
}

const small = randomProblem({
  vocab: 4,
  horizon: 4,
  context: 'previous',
  accept: { sum: { modulus: 3, residue: 1 } },
});

test('a trajectory of table r has the chance that it has given r, up to the rounding of each row', () => {
  for (const prompt of small.prompts) {
    const { masses, next } = conditionalTables(small, prompt);
    const all = [...trajectories(small, prompt)];
    for (const outcome of OUTCOMES) {
      const total = all.reduce((sum, { prob, correct }) => sum + (correct === outcome ? prob : 0), 0);
      let sum = 0;
      for (const { tokens, prob, correct } of all) {
        let node = 0;
        let chance = 1;
        for (const token of tokens) {
          chance *= masses[outcome]![node * small.vocab + token] / TOTAL_MASS;
          node = next[node * small.vocab + token];
        }
        // No trajectory of the other outcome, not one in 2^32.
        if (correct !== outcome) expect(chance).toBe(0);
        else expect(Math.abs(chance - prob / total)).toBeLessThan(small.horizon * 2 ** -32);
        sum += chance;
      }
      expect(sum).toBeCloseTo(1, 12);
    }
  }
});

test.each(shapes)(
  'rows add up to 2^32, and visits by the rounded chains are those of the chains: %s',
  (_, shape) => {
    const problem = randomProblem(shape);
    for (const prompt of problem.prompts) {
      const tables = conditionalTables(problem, prompt);
      for (const outcome of OUTCOMES) {
        const masses = tables.masses[outcome];
        const chain = outcomeChain(problem, prompt, tables.reach, tables.successors, outcome);
        expect(masses !== null).toBe(chain.possible);
        if (!masses) continue;
        for (let first = 0; first < masses.length; first += problem.vocab) {
          const total = masses.subarray(first, first + problem.vocab).reduce((sum, mass) => sum + mass, 0);
          expect([0, TOTAL_MASS]).toContain(total);
        }
        const exact = outcomeVisits(
          problem,
          tables.reach,
          tables.successors,
          tables.successors.map((__, t) => chain.transitions(t)),
        );
        const rounded = outcomeVisits(
          problem,
          tables.reach,
          tables.successors,
          roundedTransitions(tables, outcome, problem.vocab)!,
        );
        const furthest = exact.token.reduce(
          (most, value, cell) => Math.max(most, Math.abs(value - rounded.token[cell])),
          0,
        );
        expect(furthest).toBeLessThan(problem.horizon * problem.vocab * 2 ** -32);
      }
    }
  },
);

test('the mistakes change what they are named for, and nothing else', () => {
  const [prompt] = small.prompts;
  const honest = conditionalTables(small, prompt);
  const swapped = conditionalTables(small, prompt, 'swapped-tables');
  expect(swapped.masses).toEqual([honest.masses[1], honest.masses[0]]);
  const neighbour = conditionalTables(small, prompt, 'neighbour-state');
  expect(neighbour.masses[0]).toEqual(honest.masses[0]);
  expect(neighbour.masses[1]).not.toEqual(honest.masses[1]);
  // Where the honest table has none, neither has this one: the outcome stays what it should be.
  neighbour.masses[1]!.forEach((mass, cell) => {
    if (honest.masses[1]![cell] === 0) expect(mass).toBe(0);
  });
});

test('an outcome that a prompt cannot have has no table, and is refused only where it is asked for', () => {
  const sure = compileProblem({
    format: 'passk-problem@1',
    vocab: 2,
    horizon: 1,
    context: 'none',
    prompts: [{ id: 'sure', probabilities: [[0, 1]], accept: { sequences: [[1]] } }],
  });
  const [wrong, correct] = conditionalTables(sure, sure.prompts[0]).masses;
  expect([wrong, Array.from(correct!)]).toEqual([null, [0, TOTAL_MASS]]);
  expect(() => checkConditional(sure, [1])).not.toThrow();
  expect(() => checkConditional(sure, [0, 1])).toThrow(InputError);
  expect(() => checkConditional(sure, [0])).toThrow("prompt 'sure'");
});

test('tables beyond the limit are refused with both numbers', () => {
  const entries = conditionalEntries(small);
  expect(entries).toBeLessThan(MAX_CONDITIONAL_ENTRIES);
  const large = randomProblem({
    vocab: 128,
    horizon: 130,
    context: 'none',
    accept: { sum: { modulus: 128, residue: 1 } },
    promptCount: 1,
  });
  expect(conditionalEntries(large)).toBeGreaterThan(MAX_CONDITIONAL_ENTRIES);
  expect(() => checkConditional(large, [1])).toThrow(/at most 4194304 entries.*4\d{6}/s);
});

test('the hash is over every mass of every table', async () => {
  const honest = await conditionalSha256(small);
  expect(honest).toMatch(/^[0-9a-f]{64}$/);
  expect(
    await conditionalSha256(
      randomProblem({
        vocab: 4,
        horizon: 4,
        context: 'previous',
        accept: { sum: { modulus: 3, residue: 1 } },
      }),
    ),
  ).toBe(honest);
  expect(await conditionalSha256({ ...small, prompts: small.prompts.slice(0, 1) })).not.toBe(honest);
});
