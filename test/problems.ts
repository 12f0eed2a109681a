/** Random problems of any shape, seeded: what the twins are compared on beyond the reference files. */
import { compileProblem, rowCountOf, type ContextKind, type Problem } from '../src/problem/problem.ts';
import type { Accept } from '../src/problem/automaton.ts';
import { openStream } from '../src/math/random/stream.ts';

export interface Shape {
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  readonly accept: Accept;
  readonly promptCount?: number;
}

/** Rows with some zero masses at the front, in the middle and at the end. */
export function randomProblem(
  { vocab, horizon, context, accept, promptCount = 2 }: Shape,
  seed = 3,
): Problem {
  const prompts = Array.from({ length: promptCount }, (_, index) => {
    const next = openStream(seed, 9, index, vocab, horizon);
    const rows = Array.from({ length: rowCountOf(context, vocab, horizon) }, () => {
      const weights = Array.from({ length: vocab }, () => (next() % 4 === 0 ? 0 : next() % 1000));
      weights[next() % vocab] = 500;
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight) => weight / sum);
    });
    const nested =
      context === 'none'
        ? rows
        : [
            rows.slice(0, 1),
            ...Array.from({ length: horizon - 1 }, (_, t) => rows.slice(1 + t * vocab, 1 + (t + 1) * vocab)),
          ];
    return { id: `p${index}`, probabilities: nested, accept };
  });
  return compileProblem({ format: 'passk-problem@1', vocab, horizon, context, prompts });
}
