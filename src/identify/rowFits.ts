/** The catalogue's rows, with their parameters open, against a table: those that fit it at a factor, and the one nearest to it. */
import { families, type Estimator, type EstimatorFamily, type Parameter } from '../estimators/estimators.ts';
import { weightValue } from '../estimators/weightTables.ts';
import { fitRow, nearestFit, type FitFound, type KnownWeight, type Row, type Wanted } from './fits.ts';

/** A row with the parameters found, as the tool takes it ("grpo:std=sample:eps=1e-4"), and the factor it is scaled by. */
export interface RowFit {
  readonly estimator: string;
  readonly k: number | null;
  readonly factor: number;
  /** where no ε is seen, but the weights are so rough that any up to here would fit */
  readonly unseenEps?: number;
  /** every ε within would fit, where digits do not tell it better */
  readonly epsRange?: readonly [low: number, high: number];
}

export interface NearRow extends RowFit {
  /** largest deviation as a share of the largest weight */
  readonly residual: number;
  /** the weights that are not the row's, where most are: "w1(2)"; null where most differ */
  readonly differing: readonly string[] | null;
}

/** The two rewards of a log. */
export interface Rewards {
  readonly wrong: number;
  readonly correct: number;
}

export const PLAIN_REWARDS: Rewards = { wrong: 0, correct: 1 };

type Place = Pick<KnownWeight, 'outcome' | 'c'>;

interface Candidate {
  readonly family: EstimatorFamily;
  readonly choice: Readonly<Record<string, string>>;
  readonly k: number | null;
  readonly row: Row<Place>;
  readonly outerName: string | null;
  readonly isCentred: boolean;
}

export const wantedOf = (known: readonly KnownWeight[]): Wanted<Place>[] =>
  known.map(({ outcome, c, value, slack }) => ({ place: { outcome, c }, value, slack }));

/**
 * Every row that fits at one of the factors, plain ones before those with parameters.
 *
 * @param ks those to try of rows with a k
 * @param factors 'free' for any
 * @param rewards that a log had: ε and β are given in their terms
 */
export function rowFits(
  known: readonly KnownWeight[],
  n: number,
  ks: readonly number[],
  factors: readonly number[] | 'free',
  rewards: Rewards = PLAIN_REWARDS,
): RowFit[] {
  const spread = rewards.correct - rewards.wrong;
  const wanted = wantedOf(known);
  const isUncentred = sumsOff(known, n);
  const all = candidates(n, ks).flatMap((candidate): (RowFit & { readonly openCount: number })[] => {
    if (isUncentred && candidate.isCentred) return [];
    // MaxRL's mean is that of the rewards themselves: another row where a wrong one is not 0.
    if (candidate.family.id === 'maxrl' && rewards.wrong !== 0) return [];
    const found = fitRow(
      candidate.row,
      wanted,
      factors,
      OF_SPREAD.includes(candidate.family.id) ? spread : 1,
    );
    // At 0 a parameter makes another row of its own: gamma = 0 is grpo.
    if (!found || found.outer === 0) return [];
    const estimator = specOf(candidate, inTermsOf(spread, candidate, found));
    const unit = OF_SPREAD.includes(candidate.family.id) ? spread : 1;
    const range = found.epsRange
      ? { epsRange: [found.epsRange[0] * unit, found.epsRange[1] * unit] as const }
      : {};
    const unseen = found.epsMost >= WORTH_SAYING && found.epsMost < 1 ? { unseenEps: found.epsMost } : {};
    return [
      {
        estimator,
        k: candidate.k,
        factor: found.factor,
        ...unseen,
        ...range,
        openCount: estimator.split(':').length,
      },
    ];
  });
  return all
    .sort((x, y) => x.openCount - y.openCount || digitsOf(x.estimator) - digitsOf(y.estimator))
    .map(({ openCount: _, ...fit }) => fit);
}

/** The least ε that trainers add, but for those who add next to nothing. */
const WORTH_SAYING = 1e-6;

/** Whether some group's weights, all of them known, do not sum to 0. */
function sumsOff(known: readonly KnownWeight[], n: number): boolean {
  const right = new Map(known.flatMap((own) => (own.outcome === 'correct' ? [[own.c, own]] : [])));
  return known.some(({ outcome, c, value, slack }) => {
    const other = right.get(c);
    if (outcome === 'correct' || !other) return false;
    return Math.abs(c * other.value + (n - c) * value) > c * other.slack + (n - c) * slack;
  });
}

/** Families whose weights a spread of rewards leaves alone, but for their ε: (s r)/(s std + ε) = r/(std + ε/s). */
const OF_SPREAD = ['grpo', 'f-grpo', 'maxrl'];

function inTermsOf(spread: number, { family }: Candidate, found: FitFound): FitFound {
  if (spread === 1) return found;
  const exact = (value: number): number => Number(value.toPrecision(12));
  if (OF_SPREAD.includes(family.id)) return { ...found, eps: exact(found.eps * spread) };
  if (family.id === 'rs-grpo') return { ...found, outer: exact(found.outer / spread) };
  return found;
}

/** Digits of a row's parameters: of rows alike the one with the roundest is meant. */
export const digitsOf = (estimator: string): number =>
  [...estimator.matchAll(/=-?([\d.]+)/g)].reduce(
    (sum, [, number]) => sum + number.replace(/^[0.]+|[.]|0+$/g, '').length,
    0,
  );

/** A row as it is is meant before one with another factor, or with parameters of its own, if it is nearly as near. */
const FREE_PENALTY = 1.5;
/** Weights that must be a row's, at least, for the others to be called wrong. */
const MOST = 0.7;
const LEAST_ALIKE = 4;

/**
 * The row that most weights are, else the one that comes nearest with its parameters and a factor by least squares; null where a table
 * is nothing.
 */
export function nearestRow(
  known: readonly KnownWeight[],
  n: number,
  ks: readonly number[],
  factors: readonly number[],
): NearRow | null {
  const wanted = wantedOf(known);
  const size = known.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  let best: { readonly cost: number; readonly row: NearRow } | null = null;
  for (const candidate of candidates(n, ks)) {
    const alike = mostlyAlike(candidate, known, factors, size);
    const found = alike ?? nearestFit(candidate.row, wanted);
    if (!found || found.factor === 0) continue;
    const isFree = !factors.some((factor) => Math.abs(found.factor / factor - 1) < 1e-3);
    const isUnusual = specOf(candidate, found).includes(':');
    const penalty = (isFree ? FREE_PENALTY : 1) * (isUnusual ? FREE_PENALTY : 1);
    const cost = alike ? alike.differing.length * 1e-6 : found.residual * penalty;
    // A row with more that is open must come clearly nearer.
    if (best && cost > 0.9 * best.cost) continue;
    best = {
      cost,
      row: {
        estimator: specOf(candidate, found),
        k: candidate.k,
        factor: found.factor,
        residual: found.residual,
        differing: alike?.differing ?? null,
      },
    };
  }
  return best?.row ?? null;
}

/** A row with its usual parameters that most weights are; and which are not. */
function mostlyAlike(
  { row, family }: Candidate,
  known: readonly KnownWeight[],
  factors: readonly number[],
  size: number,
): (FitFound & { readonly residual: number; readonly differing: readonly string[] }) | null {
  const outer = row.outer?.usual ?? NaN;
  for (const factor of factors) {
    const off = known.map(({ outcome, c, value, slack }) => {
      const { a, s } = row.term({ outcome, c }, outer);
      const theirs = a === 0 ? 0 : (factor * a) / s;
      return { name: `w${outcome === 'correct' ? 1 : 0}(${c})`, theirs, by: Math.abs(value - theirs), slack };
    });
    const differing = off.filter(({ by, slack }) => !(by <= slack));
    const alike = off.filter(({ by, slack, theirs }) => by <= slack && Math.abs(theirs) > slack).length;
    if (alike >= LEAST_ALIKE && differing.length <= (1 - MOST) * known.length) {
      const residual = Math.max(...off.map(({ by }) => by)) / size;
      const hasEps = family.parameters.some(({ name }) => name === 'eps');
      return {
        eps: hasEps ? 0 : NaN,
        epsMost: 0,
        outer,
        factor,
        residual,
        differing: differing.map(({ name }) => name),
      };
    }
  }
  return null;
}

function candidates(n: number, ks: readonly number[]): Candidate[] {
  return families.flatMap((family) => {
    const numbers = family.parameters.filter(({ range }) => range !== undefined);
    const outer = numbers.find(({ name }) => name !== 'eps') ?? null;
    const hasEps = numbers.some(({ name }) => name === 'eps');
    return choicesOf(family).flatMap((choice) => {
      const usual = family.make({ ...usualOf(family), ...choice });
      return (usual.usesK ? ks : [null]).flatMap((k): Candidate[] =>
        (usual.undefinedBecause(n, k ?? 1) ?? null) === null
          ? [
              {
                family,
                choice,
                k,
                outerName: outer?.name ?? null,
                isCentred: usual.centred,
                row: rowOf(family, choice, n, k, outer, hasEps),
              },
            ]
          : [],
      );
    });
  });
}

const usualOf = ({ parameters }: EstimatorFamily): Record<string, string> =>
  Object.fromEntries(parameters.map(({ name, usual }) => [name, usual]));

/** Every combination of the words that a family leaves open. */
function choicesOf({ parameters }: EstimatorFamily): Record<string, string>[] {
  return parameters.reduce<Record<string, string>[]>(
    (all, { name, choices }) =>
      choices ? all.flatMap((values) => choices.map((choice) => ({ ...values, [name]: choice }))) : all,
    [{}],
  );
}

type MadeRow = Omit<Estimator, 'id'>;

function rowOf(
  family: EstimatorFamily,
  choice: Readonly<Record<string, string>>,
  n: number,
  k: number | null,
  outer: Parameter | null,
  hasEps: boolean,
): Row<Place> {
  const make = (values: Readonly<Record<string, string>>): MadeRow =>
    family.make({ ...usualOf(family), ...choice, ...values });
  const weightOf = (row: MadeRow, { outcome, c }: Place): number =>
    weightValue(row[outcome]({ n, k: k ?? 1, c }));
  // A search asks for every weight at one value, then at the next.
  let made: { readonly value: number; readonly plain: MadeRow; readonly widened: MadeRow } | null = null;
  const at = (value: number): NonNullable<typeof made> => {
    if (made && Object.is(made.value, value)) return made;
    const given = outer ? { [outer.name]: String(value) } : {};
    made = { value, plain: make(given), widened: make({ ...given, eps: '1' }) };
    return made;
  };
  const term = (place: Place, value: number): { a: number; s: number } => {
    const { plain: row, widened: wide } = at(value);
    const plain = weightOf(row, place);
    if (!hasEps || plain === 0) return { a: plain, s: 1 };
    // a/s and a/(s + 1) say what a and s are.
    const widened = weightOf(wide, place);
    const s = widened / (plain - widened);
    return { a: plain * s, s };
  };
  if (outer) {
    const [low, high] = outer.range!;
    return {
      hasEps,
      term,
      countPlaces: (wanted) =>
        new Set(wanted.flatMap(({ place, value, slack }) => (Math.abs(value) > slack ? [place.c] : []))).size,
      outer: { name: outer.name, range: [low, high], usual: Number(outer.usual) },
    };
  }
  const kept = new Map<string, { a: number; s: number }>();
  return {
    hasEps,
    term: (place) => {
      const key = `${place.outcome} ${place.c}`;
      const known = kept.get(key) ?? term(place, NaN);
      kept.set(key, known);
      return known;
    },
  };
}

/** The id, then what is not usual, in the family's order. */
function specOf({ family, choice, outerName }: Candidate, { eps, outer }: FitFound): string {
  const values: Record<string, string> = {
    ...usualOf(family),
    ...choice,
    ...(outerName === null ? {} : { [outerName]: written(outer) }),
    ...(family.parameters.some(({ name }) => name === 'eps') ? { eps: written(eps) } : {}),
  };
  const unusual = family.parameters.filter(({ name, usual }) => values[name] !== usual);
  return [family.id, ...unusual.map(({ name }) => `${name}=${values[name]}`)].join(':');
}

const written = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
