/** A digest cut down to what travels with the page: fewer estimators where there are hundreds of cells, fewer digits. */
import type { Digest } from './digest.ts';
import type { Shown } from './shown.ts';

/** Of `relation`; a run of one's own has them all. */
const SLOPES_OF = ['rloo', 'pkpo-loo1', 'ordergrad'];
const DIGITS = 5;
/** Of training, where medians over replicas have no more. */
const TRAINING_DIGITS = 3;

export function excerptOf(digest: Digest): Digest {
  const { objectives, crossover, ...others } = thinned(digest.shown);
  return {
    ...rounded({ ...digest, shown: others }, DIGITS),
    shown: { ...rounded(others, DIGITS), ...rounded({ objectives, crossover }, TRAINING_DIGITS) } as Shown,
  };
}

function thinned(shown: Shown): Shown {
  return {
    ...shown,
    ...(shown.relation && {
      relation: {
        ...shown.relation,
        slopes: shown.relation.slopes.filter(({ estimator }) => SLOPES_OF.includes(estimator)),
      },
    }),
    ...(shown.crossover && {
      crossover: {
        curves: shown.crossover.curves.map(({ points, ...curve }) => ({
          ...curve,
          points: points.map((point) => ({ ...point, initialMajority: null, trainedMajority: null })),
        })),
      },
    }),
  };
}

/** Numbers to a few digits; what is near 1 keeps them all, for there 1 − x matters. */
function rounded<Value>(value: Value, digits: number): Value {
  const deep = (part: unknown): unknown => {
    if (typeof part === 'number') {
      const isWhole = Number.isInteger(part) || (digits > TRAINING_DIGITS && Math.abs(1 - part) < 0.01);
      return isWhole ? part : Number(part.toPrecision(digits));
    }
    if (Array.isArray(part)) return part.map(deep);
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, deep(entry)]));
    return part;
  };
  return deep(value) as Value;
}
