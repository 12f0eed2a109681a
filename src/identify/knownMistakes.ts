/**
 * Mistakes that people make with a pass@k advantage and that leave its direction alone: a table whose differences are a
 * multiple of D_k (diagnosis.ts) is usually one of them.
 */
import { choose } from '../math/fraction.ts';

/** A way to be wrong by a constant factor. */
export interface Mistake {
  readonly factor: number;
  readonly name: string;
  readonly formula: string;
  /** only where Σ w_i = 0, or only where it is not */
  readonly only?: 'centred' | 'uncentred';
  /** the k that was meant, where it is not the one matched */
  readonly meantK?: number;
  /** it is about binomials or a factor k, of which there are none at k = 1 */
  readonly needsK?: true;
}

/** Twice the spread of rewards is twice every weight that is centred. */
const REWARDS_OF_MINUS_ONE = 'rewards -1/+1 where 0 and 1 belong';

/** @param k the k whose gradient the table is a multiple of */
function knownMistakes(n: number, k: number): Mistake[] {
  const all: Mistake[] = [
    { factor: 1 - k / n, name: 'mean-centred pkpo', formula: '1 - k/n', only: 'centred', needsK: true },
    {
      factor: (1 - k / n) / n,
      name: 'mean-centred pkpo, averaged over the group instead of summed',
      formula: '(1 - k/n)/n',
      only: 'centred',
      needsK: true,
    },
    {
      factor: (n - k) / k,
      name: 'pass@k advantages before their division by std',
      formula: '(n - k)/k',
      only: 'centred',
      needsK: true,
    },
    {
      factor: (n - k) / (n * k),
      name: 'pass@k advantages before their division by std, averaged',
      formula: '(n - k)/(n k)',
      only: 'centred',
      needsK: true,
    },
    { factor: 2, name: REWARDS_OF_MINUS_ONE, formula: '', only: 'centred' },
    { factor: 1 / n, name: 'averaged over the group instead of summed', formula: '1/n' },
    {
      factor: n,
      name: 'advantages for a mean over the group (read them with --convention mean)',
      formula: 'n',
    },
    { factor: n / k, name: 'C(n-1,k-1) normalisation where C(n,k) belongs', formula: 'n/k', needsK: true },
    { factor: 1 / k, name: 'the factor k is missing', formula: '1/k', needsK: true },
    { factor: k / n, name: 'the factor k/n counted twice', formula: 'k/n', needsK: true },
    {
      factor: Number(choose(n - 1, k - 1)),
      name: 'not divided by C(n-1,k-1)',
      formula: 'C(n-1,k-1)',
      needsK: true,
    },
    { factor: Number(choose(n, k)), name: 'not divided by C(n,k)', formula: 'C(n,k)', needsK: true },
    {
      factor: (k - 1) / k,
      name: `off by one in k: meant for pass@${k - 1}, with rho(n-1,c,${k - 1}) where rho(n-1,c,${k - 2}) belongs`,
      formula: `(k-1)/k`,
      meantK: k - 1,
      only: 'uncentred',
    },
    {
      factor: (k + 1) / k,
      name: `off by one in k: meant for pass@${k + 1}, with rho(n-1,c,${k - 1}) where rho(n-1,c,${k}) belongs`,
      formula: `(k+1)/k`,
      meantK: k + 1,
      only: 'uncentred',
    },
  ];
  return all.filter(
    ({ factor, meantK, needsK }) =>
      factor > 0 && factor !== 1 && (meantK ?? 1) >= 1 && (k > 1 || needsK === undefined),
  );
}

/** A factor is known no better than the weights: float32, with something to spare. */
const FACTOR_TOLERANCE = 1e-5;
export const isClose = (a: number, b: number, error = 0): boolean =>
  Math.abs(a - b) <= Math.max(error, FACTOR_TOLERANCE * Math.abs(b));

/** The mistakes that give the factor, the likeliest first. @param match E G = factor ∇J_k */
export function namedMistakes(
  n: number,
  match: { readonly k: number; readonly factor: number; readonly factorError: number },
  meantK: number | null,
  centred: boolean,
): Mistake[] {
  const fitting = knownMistakes(n, match.k).filter(
    ({ factor, only }) =>
      isClose(match.factor, factor, match.factorError) &&
      (only === undefined || (only === 'centred') === centred),
  );
  // A file that says which k it means decides whether that k was missed.
  const isOffByOne = ({ meantK: wanted }: Mistake): boolean => wanted !== undefined;
  if (meantK === null) return fitting;
  if (meantK === match.k) return fitting.filter((mistake) => !isOffByOne(mistake));
  const missed = fitting.filter(({ meantK: wanted }) => wanted === meantK);
  if (missed.length > 0) return missed;
  const offset =
    Math.abs(meantK - match.k) === 1 ? 'off by one in k' : 'made for another k than the file says';
  return [
    {
      factor: match.factor,
      formula: '',
      name: `${offset}: the file says k = ${meantK}`,
    },
    ...fitting.filter((mistake) => !isOffByOne(mistake)),
  ];
}
