/** The shapes that are timed: one that stands for all, each of its numbers changed by itself, and a few corners. */
import { compileProblem, rowCountOf, type ContextKind, type Problem } from '../../problem/problem.ts';
import { sum } from '../../problem/workloads.ts';
import type { Preset } from '../../lab/settings.ts';

export interface ThroughputShape {
  readonly vocab: number;
  readonly horizon: number;
  readonly groupSize: number;
  readonly prompts: number;
  readonly context: ContextKind;
}

export interface NamedShape {
  readonly name: string;
  readonly shape: ThroughputShape;
}

export const BASE: ThroughputShape = { vocab: 16, horizon: 8, groupSize: 16, prompts: 64, context: 'none' };
export const BASE_NAME = 'base';

/** Numbers that are changed by themselves, and to what: the axes of the scaling curves. */
export const AXES = {
  vocab: { symbol: 'V', values: [2, 4, 64, 256, 1024] },
  horizon: { symbol: 'T', values: [1, 2, 32, 128] },
  groupSize: { symbol: 'n', values: [1, 4, 64, 256, 1024] },
  prompts: { symbol: 'prompts', values: [1, 8, 512] },
} as const satisfies Partial<Record<keyof ThroughputShape, { symbol: string; values: readonly number[] }>>;
export type AxisName = keyof typeof AXES;

const CORNERS: readonly NamedShape[] = [
  { name: 'context', shape: { ...BASE, context: 'previous' } },
  { name: 'tiny', shape: { vocab: 2, horizon: 1, groupSize: 2, prompts: 1, context: 'none' } },
  { name: 'small context', shape: { vocab: 4, horizon: 4, groupSize: 8, prompts: 16, context: 'previous' } },
  { name: 'long', shape: { vocab: 64, horizon: 64, groupSize: 64, prompts: 8, context: 'none' } },
  { name: 'wide', shape: { vocab: 1024, horizon: 8, groupSize: 2, prompts: 1024, context: 'none' } },
];

/** Every shape, the base first. */
export const SHAPES: readonly NamedShape[] = [
  { name: BASE_NAME, shape: BASE },
  ...(Object.keys(AXES) as AxisName[]).flatMap((axis) =>
    AXES[axis].values.map((value) => ({
      name: `${AXES[axis].symbol} = ${value}`,
      shape: { ...BASE, [axis]: value },
    })),
  ),
  ...CORNERS,
];

const STANDARD = [BASE_NAME, 'tiny', 'V = 256', 'n = 64', 'context'];

export function shapesOf(preset: Preset): readonly NamedShape[] {
  if (preset === 'full') return SHAPES;
  const names = preset === 'quick' ? [BASE_NAME] : STANDARD;
  return SHAPES.filter(({ name }) => names.includes(name));
}

export const shapeText = ({ vocab, horizon, groupSize, prompts, context }: ThroughputShape): string =>
  `V = ${vocab}, T = ${horizon}, n = ${groupSize}, ${prompts} prompt${prompts === 1 ? '' : 's'}` +
  (context === 'none' ? '' : ', context');

/** Cells of policies that differ, at most: to make more would take longer than to sample from them. */
const MOST_CELLS = 2 ** 17;

/**
 * Success probabilities from .02 to .98; random policies, and a sum of the tokens that decides. Where policies are large and
 * many, several prompts have the same.
 */
export function shapeProblem({ vocab, horizon, prompts, context }: ThroughputShape): Problem {
  const cells = vocab * rowCountOf(context, vocab, horizon);
  const distinct = Math.min(prompts, Math.max(2, Math.floor(MOST_CELLS / cells)));
  const successProbs = Array.from({ length: distinct }, (_, i) =>
    distinct === 1 ? 0.3 : 0.02 + (0.96 * i) / (distinct - 1),
  );
  const modulus = Math.min(5, vocab);
  const source = sum({ vocab, horizon, context, successProbs, seed: 16 }, modulus, Math.min(2, modulus - 1));
  return compileProblem({
    ...source,
    prompts: Array.from({ length: prompts }, (_, i) => ({ ...source.prompts[i % distinct], id: `p${i}` })),
  });
}
