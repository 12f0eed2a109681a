/**
 * Mistakes that are no constant factor: tables of their own, with what they leave open (which standard deviation, ε, how many rows
 * were dropped) fitted as the catalogue's parameters are. Values are advantages: a mean over the group divides them by n.
 */
import { fitRow, USUAL_EPS as TRAINERS_EPS, type KnownWeight, type Row, type Term } from './fits.ts';
import { PLAIN_REWARDS, wantedOf, type Rewards } from './rowFits.ts';

type Place = Pick<KnownWeight, 'outcome' | 'c'>;

interface MistakeRow {
  readonly name: string;
  readonly row: Row<Place>;
  /** what the catalogue would call it without the mistake, and with which parameters it was made */
  readonly detail: string;
}

export interface MistakeFit {
  /** the mistake, then its parameters in brackets */
  readonly name: string;
  readonly factor: number;
}

const STDS = ['population', 'sample'] as const;
type Std = (typeof STDS)[number];

/** Standard deviation of c ones among n. */
function ofOnes(n: number, c: number, std: Std): number {
  const square = (c * (n - c)) / (n * (std === 'sample' ? n - 1 : n));
  return Math.sqrt(Math.max(0, square));
}

/** As trainers have it, where it cannot be told from few weights. */
const USUAL_EPS = [0, ...TRAINERS_EPS];

/** Rows that may have been dropped, at most. */
const MOST_DROPPED = 16;

function mistakeRows(n: number, { wrong, correct }: Rewards): MistakeRow[] {
  const spread = correct - wrong;
  const isRight = ({ outcome }: Place): number => (outcome === 'correct' ? 1 : 0);
  const reward = (place: Place): number => wrong + spread * isRight(place);
  const mean = ({ c }: Place): number => wrong + (spread * c) / n;
  const centred = (place: Place): number => spread * (isRight(place) - place.c / n);
  /** right ones among the companions of a sample */
  const others = (place: Place): number => place.c - isRight(place);
  const deviation = (size: number, count: number, std: Std): number => spread * ofOnes(size, count, std);
  const open = (name: string, detail: string, term: (place: Place) => Term, hasEps = true): MistakeRow => ({
    name,
    detail,
    row: { hasEps, term },
  });
  const ofStd = STDS.filter((std) => std === 'population' || n > 1).flatMap((std) => [
    open('whitening that adds the mean back', `std=${std}`, (place) => ({
      a: centred(place),
      s: deviation(n, place.c, std),
      offset: mean(place),
    })),
    // With ε as most trainers have it: at 0 as well.
    ...USUAL_EPS.map((eps) =>
      open(
        'double normalisation: divided by the standard deviation twice',
        `std=${std}${eps === 0 ? '' : `, eps=${eps.toExponential()}`}`,
        (place) => {
          const a = centred(place);
          return { a, s: a === 0 ? 1 : (deviation(n, place.c, std) + eps) ** 2 };
        },
        false,
      ),
    ),
    ...USUAL_EPS.filter((eps) => eps >= 1e-5).map((eps) =>
      open(
        'double normalisation: less the mean and over the standard deviation once more',
        `std=${std}, eps=${eps.toExponential()}`,
        (place) => {
          const a = centred(place);
          const own = deviation(n, place.c, std);
          // x = a/(s + ε) has the standard deviation s/(s + ε).
          return { a, s: a === 0 ? 1 : own + eps * (own + eps) };
        },
        false,
      ),
    ),
    ...(n < 3
      ? []
      : [true, false].flatMap((isGuarded) =>
          [true, false].map((isLeftOut) => {
            const baseline = (place: Place): number => (isLeftOut ? others(place) / (n - 1) : place.c / n);
            return open(
              'leave-one-out std: over the other samples',
              `std=${std}, baseline of ${isLeftOut ? 'the others' : 'the group'}${isGuarded ? ', undivided where they are all alike' : ''}`,
              (place) => {
                const a = reward(place) - baseline(place);
                const s = deviation(n - 1, others(place), std);
                // Undivided: no ε is added either, so the term is as good as constant.
                return isGuarded && s === 0 ? { a: 0, s: 1, offset: a } : { a, s };
              },
            );
          }),
        )),
    ...USUAL_EPS.map((eps) =>
      open(
        'best-sample overwrite: only the best sample of a group has weight, its reward less the next',
        `std=${std}${eps === 0 ? '' : `, eps=${eps.toExponential()}`}`,
        (place) =>
          place.outcome === 'correct' && place.c === 1
            ? { a: spread, s: deviation(n, 1, std) + eps }
            : { a: 0, s: 1 },
        false,
      ),
    ),
    ...(wrong === 0
      ? []
      : [
          open('MaxRL of rewards that are not 0 and 1: it divides by their mean', '', (place) => ({
            a: centred(place),
            s: mean(place),
          })),
        ]),
  ]);
  const dropped = Array.from({ length: MOST_DROPPED }, (_, i) => i + 1).flatMap((more) =>
    Array.from({ length: more + 1 }, (_, right) => right).flatMap((right) => {
      const size = n + more;
      const words = `${more} dropped${right === 0 ? '' : `, ${right} of them correct`}`;
      const count = (place: Place): number => place.c + right;
      const name = 'dropped rows left in the baseline';
      return [
        open(name, words, (place) => ({ a: spread * (isRight(place) - count(place) / size), s: 1 }), false),
        open(
          name,
          `${words}, leave-one-out`,
          (place) => ({ a: spread * (isRight(place) - (others(place) + right) / (size - 1)), s: 1 }),
          false,
        ),
        ...STDS.map((std) =>
          open(name, `${words}, std=${std}`, (place) => {
            const s = deviation(size, count(place), std);
            const a = spread * (isRight(place) - count(place) / size);
            return Math.abs(a) < 1e-12 ? { a: 0, s: 1 } : { a, s };
          }),
        ),
      ];
    }),
  );
  return [...ofStd, ...dropped];
}

/**
 * @param factors of advantages: 1 for a sum of them, 1/n for their mean
 * @param rewards of the log; -1 and 1 are tried as well, for a log may have 0 and 1 where the trainer had not
 */
export function mistakeFits(
  known: readonly KnownWeight[],
  n: number,
  factors: readonly number[],
  rewards: Rewards,
): MistakeFit[] {
  // Few weights fit anything that has so much to choose from.
  if (n < 2 || known.length < LEAST_KNOWN) return [];
  const wanted = wantedOf(known);
  const seen = new Set<string>();
  const sets = [
    rewards,
    ...(rewards.wrong === -1 && rewards.correct === 1 ? [] : [{ wrong: -1, correct: 1 }]),
  ];
  const isPlain = ({ wrong, correct }: Rewards): boolean =>
    wrong === PLAIN_REWARDS.wrong && correct === PLAIN_REWARDS.correct;
  return sets.flatMap((own) =>
    mistakeRows(n, own).flatMap(({ name, detail, row }): MistakeFit[] => {
      if (seen.has(name)) return [];
      const found = fitRow(row, wanted, factors);
      if (!found) return [];
      seen.add(name);
      const parameters = [
        ...(detail === '' ? [] : [detail]),
        ...(found.eps > 0 ? [`eps=${found.eps < 1e-3 ? found.eps.toExponential() : found.eps}`] : []),
        ...(isPlain(own) ? [] : [`rewards ${own.wrong} and ${own.correct}`]),
      ];
      return [
        {
          name: parameters.length === 0 ? name : `${name} (${parameters.join(', ')})`,
          factor: found.factor,
        },
      ];
    }),
  );
}

const LEAST_KNOWN = 4;
