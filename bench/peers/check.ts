/**
 * Whether answers are right: J1 and mean gradient of every prompt, the whole gradient's size, and the second moment that the
 * variance is made of, each held against its exact value. A peer that is wrong has no rate.
 *
 * The tolerance is derived: a deviation counts where Bennett's inequality gives an honest peer a smaller chance of it than the
 * comparison's share (Bonferroni) of FALSE_ALARM; beyond that only the rounding of float32 is forgiven.
 */
import { bennettPValue } from '../../src/math/stats/bennett.ts';
import type { GroupLaw } from '../../src/theory/promptLaw.ts';
import type { Expected, ExpectedPrompt } from './expected.ts';
import type { Answer } from './job.ts';

/** The chance that an honest peer is called wrong. */
export const FALSE_ALARM = 1e-6;
/** float32 sums of up to 2^11 terms, one after the other, lose at most so much of their terms' size: 2^11 steps of 2^-24. */
const LOST_IN_SUMS = 2 ** -13;
/** A uniform number of 24 bits moves a token's chance by up to 2^-24. */
const LOST_IN_DRAWS = 2 ** -24;

/** A mean over `count` values, and the law of one. */
interface Comparison {
  readonly name: string;
  readonly mean: number;
  readonly law: GroupLaw;
  readonly count: number;
  /** how far the mean may be off by arithmetic alone */
  readonly rounding: number;
}

/** @returns what is wrong, in words; null where nothing is */
export function whatIsWrong(expected: Expected, answers: readonly Answer[]): string | null {
  const fault = answers.map((answer) => shapeFault(expected.prompts, answer)).find((found) => found !== null);
  if (fault !== undefined) return fault;
  const families = familiesOf(expected, together(expected.prompts, answers));
  for (const family of families) {
    const share = FALSE_ALARM / families.length / family.length;
    for (const { name, mean, law, count, rounding } of family) {
      const deviation = Math.abs(mean - law.mean) * count;
      if (bennettPValue(deviation, law.variance * count, law.bound, rounding * count) >= share) continue;
      return `${name} is ${mean.toPrecision(4)}, exactly ${law.mean.toPrecision(4)}`;
    }
  }
  return null;
}

function shapeFault(expected: readonly ExpectedPrompt[], answer: Answer): string | null {
  const cells = expected.reduce((sum, { coordinates }) => sum + coordinates.length, 0);
  for (const [name, values, length] of [
    ['J1', answer.successProb, expected.length],
    ['gradient', answer.gradient, cells],
    ['variance', answer.variance, expected.length],
  ] as const) {
    if (values.length !== length) return `${name} has ${values.length} values, not ${length}`;
    if (!values.every((value) => Number.isFinite(value))) return `${name} has values that are no numbers`;
  }
  return null;
}

/** Means over the groups of all answers. */
interface Together {
  readonly groupCount: number;
  readonly prompts: readonly {
    readonly successProb: number;
    readonly gradient: readonly number[];
    /** of |G|²: the variance, and the square of the mean that was taken from it */
    readonly square: number;
  }[];
}

function together(expected: readonly ExpectedPrompt[], answers: readonly Answer[]): Together {
  const groupCount = answers.reduce((sum, answer) => sum + answer.groupCount, 0);
  const meanOf = (value: (answer: Answer) => number): number =>
    answers.reduce((sum, answer) => sum + answer.groupCount * value(answer), 0) / groupCount;
  let first = 0;
  const prompts = expected.map(({ coordinates }, prompt) => {
    const [from, to] = [first, first + coordinates.length];
    first = to;
    const normSq = (answer: Answer): number =>
      answer.gradient.slice(from, to).reduce((sum, value) => sum + value * value, 0);
    return {
      successProb: meanOf((answer) => answer.successProb[prompt]),
      gradient: coordinates.map((_, cell) => meanOf((answer) => answer.gradient[from + cell])),
      square: meanOf((answer) => answer.variance[prompt] + normSq(answer)),
    };
  });
  return { groupCount, prompts };
}

/** J1, coordinates, the gradient along the exact one, the second moment: each has an equal part of the false alarms. */
function familiesOf(
  expected: Expected,
  { groupCount, prompts }: Together,
): readonly (readonly Comparison[])[] {
  const { groupSize, along, square } = expected;
  const success = expected.prompts.map(({ id, successProb: p, coordinates }, prompt) => ({
    name: `J1 of prompt ${id}`,
    mean: prompts[prompt].successProb,
    law: { mean: p, variance: p * (1 - p), bound: Math.max(p, 1 - p) },
    count: groupCount * groupSize,
    rounding: coordinates.length * LOST_IN_DRAWS,
  }));
  const coordinates = expected.prompts.flatMap(({ id, coordinates: laws }, prompt) =>
    laws.map((law, cell) => ({
      name: `gradient of prompt ${id} at ${cell}`,
      mean: prompts[prompt].gradient[cell],
      law,
      count: groupCount,
      rounding: roundingOf(law),
    })),
  );
  const pooled = (name: string, law: GroupLaw, sum: number): Comparison => ({
    name,
    mean: sum / prompts.length,
    law,
    count: groupCount * prompts.length,
    rounding: roundingOf(law),
  });
  const dot = (laws: readonly GroupLaw[], gradient: readonly number[]): number =>
    laws.reduce((sum, { mean }, cell) => sum + mean * gradient[cell], 0);
  const alongSum = expected.prompts.reduce(
    (sum, { coordinates: laws }, prompt) => sum + dot(laws, prompts[prompt].gradient),
    0,
  );
  const squareSum = prompts.reduce((sum, prompt) => sum + prompt.square, 0);
  return [
    success,
    coordinates,
    [pooled('gradient along the exact one', along, alongSum)],
    [pooled('second moment', square, squareSum)],
  ];
}

/** Of a mean of values of this law: sums of float32 lose a part of the values' size. */
const roundingOf = ({ variance, mean }: GroupLaw): number => LOST_IN_SUMS * Math.sqrt(variance + mean ** 2);
