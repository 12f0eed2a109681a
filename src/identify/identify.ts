/**
 * What a table over c estimates. For every policy
 *
 *   E G = α_eff ∇J1,   α_eff = n Σ_m C(n−1, m) p^m q^(n−1−m) D(m),   D(m) = w1(m+1) − w0(m)
 *
 * so only D matters, and D = D_k (oracleMinimum.ts) is what ∇J_k asks for. The D_k, k = 1..n, are a basis: every table is
 * the gradient of some Σ_k a_k J_k. What a table is called is asked in this order: a row of the catalogue as it is, with whatever
 * parameters; a mistake with a name; a row times a factor; the nearest row; the nearest pass@k.
 */
import { finding, otherNames, type Names } from './finding.ts';
import type { KnownWeight } from './fits.ts';
import { isClose, namedMistakes } from './knownMistakes.ts';
import { mistakeFits } from './mistakeRows.ts';
import {
  asMean,
  isCentred,
  missingWeights,
  ownTable,
  sizeOf,
  type Convention,
  type OwnEstimator,
  type OwnWeight,
} from './ownEstimator.ts';
import {
  ALL_KS_SIZE,
  alphaCurve,
  isNothing,
  knownDifferences,
  matchingKs,
  mixture,
  nearestPassAtK,
  range,
  silentKs,
} from './passAtKMatch.ts';
import { FLOAT32_ROUNDING, typicalSize } from './precision.ts';
import { digitsOf, nearestRow, PLAIN_REWARDS, rowFits, type RowFit } from './rowFits.ts';
import type { TableIdentity } from './tableIdentity.ts';

export type { TableIdentity } from './tableIdentity.ts';

/** plug-in has weights for k beyond n as well. */
const BEYOND_N = 32;

/** Differences of order n of float64 numbers keep some digits up to here. */
const MAX_MIXTURE_SIZE = 16;

export function identifyTable(own: OwnEstimator): TableIdentity {
  if (own.convention !== 'open') return judged(own, 'sum').identity;
  // Advantages of a log: a mean, unless as a sum they have the better name.
  const [mean, sum] = [judged(asMean(own), 'mean'), judged({ ...own, convention: 'sum' }, 'sum')];
  return sum.rank < mean.rank ? sum.identity : mean.identity;
}

/** The estimator as a sum: what a log's advantages were taken to be. */
export function asSum(own: OwnEstimator): OwnEstimator {
  if (own.convention !== 'open') return own;
  return identifyTable(own).convention === 'mean' ? asMean(own) : { ...own, convention: 'sum' };
}

/** 1: a row as it is; 2: a mistake; 3: unbiased, or a row times a factor; 4: no name */
type Rank = 1 | 2 | 3 | 4;

function judged(own: OwnEstimator, convention: Convention): { identity: TableIdentity; rank: Rank } {
  const { n, k } = own;
  const exact = knownDifferences(own, 'float64');
  const printed = knownDifferences(own, 'as printed');
  const table = ownTable(own);
  const centred = isCentred(own);
  const exactMatches = matchingKs(exact, n, k);
  const matches = exactMatches.length > 0 ? exactMatches : matchingKs(printed, n, k);
  const match = matches.find((candidate) => candidate.k === k) ?? matches.at(0);
  const isDecided = match !== undefined && (matches.length === 1 || match.k === k);
  const decided = isDecided ? match : null;
  const estimates = ((): TableIdentity['estimates'] => {
    if (exact.length === n && exact.every(isNothing)) return 'nothing';
    if (exact.every(isNothing) || (!match && printed.every(isNothing))) return 'unknown';
    if (!match) return 'other';
    if (!decided) return 'unknown';
    return isClose(decided.factor, 1, decided.factorError) ? 'unbiased' : 'multiple';
  })();
  const isKnown = estimates === 'unbiased' || estimates === 'multiple';
  const ks =
    n <= ALL_KS_SIZE
      ? range(Math.max(n, BEYOND_N))
      : [...new Set([...range(ALL_KS_SIZE), ...[k, match?.k].flatMap((some) => some ?? [])])];
  // Means of what varies have no exact factor.
  const isMean = own.log?.isVarying === true && own.log.cause === null;
  const ofFactor = isKnown && decided && !isMean ? namedMistakes(n, decided, k, centred !== false) : [];
  const names = namesOf(own, ks, ofFactor.length > 0 || estimates === 'unbiased');
  const isRow = names.asIs.some(({ factor }) => isClose(factor, 1, 1e-3) || names.isOfRewards(factor));
  // What is one value everywhere, and a row, has nothing to be explained.
  const isExplained = isRow && own.log?.isVarying === false && own.log.isCauseCertain !== true;
  const cause = isExplained ? null : (own.log?.cause ?? null);
  const mistakes = [
    ...(cause === null ? [] : [cause]),
    ...(n === 1 ? onesMistake(own) : []),
    ...ofFactor.map(({ name }) => name),
    ...names.mistakes,
  ];
  const sameAs = [...names.asIs, ...names.scaled];
  const facts = {
    name: own.name,
    n,
    k,
    convention,
    centred,
    missing: missingWeights(own),
    estimates,
    matchedK: isKnown ? (decided?.k ?? null) : null,
    factor: isKnown ? (decided?.factor ?? null) : null,
    residual: isKnown ? (decided?.residual ?? null) : null,
    mistakes,
    sameAs,
    nearest: names.nearest,
    mixture: table && n <= MAX_MIXTURE_SIZE ? mixture(table) : null,
    curve: table
      ? alphaCurve(
          table,
          k ?? (isKnown && decided ? decided.k : (sameAs.find((same) => same.k !== null)?.k ?? 1)),
        )
      : null,
    notes: own.log?.notes ?? [],
  } as const;
  const words = {
    facts,
    names,
    ofFactor,
    fittingKs: exact.every(isNothing) ? silentKs(exact, n) : matches.map((candidate) => candidate.k),
    knownCount: exact.length,
    nearK: nearestPassAtK(printed, n, k),
    rewards: own.log?.rewards ?? PLAIN_REWARDS,
    factorWords: own.log?.factorWords ?? null,
    hasFreeFactor: own.log?.hasFreeFactor === true,
    isVarying: own.log?.isVarying === true,
  };
  const rank = ((): Rank => {
    if (cause !== null) return 2;
    if (isRow) return 1;
    if (mistakes.length > 0) return 2;
    return estimates === 'unbiased' || names.scaled.length > 0 ? 3 : 4;
  })();
  return { identity: { ...facts, finding: finding(words), alsoFits: otherNames(words) }, rank };
}

/** Groups of one have no companions: what is said of baselines and deviations is not so there. */
function onesMistake({ correct, wrong }: OwnEstimator): string[] {
  const [right, other] = [correct[1]?.value ?? 0, wrong[0]?.value ?? 0];
  if (right === 0 && other === 0)
    return [
      'n = 1 groups: a reward less its own mean is 0, so nothing is learned; is every row a group of its own?',
    ];
  return [
    'n = 1 groups: no companions, so the reward itself is the advantage; is every row a group of its own?',
  ];
}

/**
 * How exact weights are taken to be, the strictest first: as float64, as float32 arithmetic, as they were printed. What fits strictly says
 * more than what fits loosely.
 */
function slackLevels(own: OwnEstimator): ((weight: OwnWeight) => number)[] {
  const size = sizeOf(own);
  // 1 less a mean near 1 loses digits: of n of them the more, the larger n.
  const relative = 4 * FLOAT32_ROUNDING * Math.min(8, 1 + own.n / 16);
  // Of a log, 1 less a number near 1 may be all that a weight is.
  const absolute = own.log ? 2 ** -22 * typicalSize(valuesOf(own)) : 2 ** -30 * size;
  const asFloat32 = ({ value }: OwnWeight): number => relative * Math.abs(value) + absolute;
  const isCut = [...own.correct, ...own.wrong].some(
    (weight) => weight && weight.rounding > 2 * FLOAT32_ROUNDING * Math.abs(weight.value),
  );
  return [
    ({ value }) => 2 ** -46 * Math.abs(value) + 2 ** -48 * size,
    asFloat32,
    ...(isCut ? [(weight: OwnWeight) => weight.rounding + asFloat32(weight)] : []),
  ];
}

const valuesOf = ({ correct, wrong }: OwnEstimator): number[] =>
  [...correct, ...wrong].flatMap((weight) => (weight ? [weight.value] : []));

function knownAt(own: OwnEstimator, slackOf: (weight: OwnWeight) => number): KnownWeight[] {
  return (['correct', 'wrong'] as const).flatMap((outcome) =>
    own[outcome].flatMap((weight, c): KnownWeight[] =>
      weight ? [{ outcome, c, value: weight.value, slack: slackOf(weight) }] : [],
    ),
  );
}

/** A factor of -1 is less strange than others, a parameter of one digit less than one of two. */
function strangeness({ estimator, factor }: RowFit): number {
  return (isClose(Math.abs(factor), 1) ? 0 : 100) + digitsOf(estimator);
}

const MANY_DIGITS = /=-?[\d.]{9,}/;

/** @param isNamed whether a factor of a pass@k gradient has a name already */
function namesOf(own: OwnEstimator, ks: readonly number[], isNamed: boolean): Names {
  const { n, k } = own;
  const rewards = own.log?.rewards ?? PLAIN_REWARDS;
  const spread = rewards.correct - rewards.wrong;
  const isOfRewards = (factor: number): boolean => spread !== 1 && isClose(factor, spread, 1e-3 * spread);
  const none: Names = { asIs: [], mistakes: [], scaled: [], nearest: null, isOfRewards };
  if (sizeOf(own) === 0) return none;
  const levels = slackLevels(own).map((slackOf) => knownAt(own, slackOf));
  // Means are too uncertain to be anything but near to a row.
  if (own.log?.isVarying === true && own.log.cause === null)
    return { ...none, nearest: nearestRow(levels[1], n, ks, [1, spread]) };
  const factors = own.log?.hasFreeFactor
    ? ('free' as const)
    : [...new Set([1, spread, n, n * spread])].filter((factor) => factor > 0);
  const preferred = (rows: RowFit[]): RowFit[] => [
    ...rows.filter((row) => k !== null && k > 1 && row.k === k),
    ...rows.filter((row) => k === null || k <= 1 || row.k !== k),
  ];
  const first = <Found>(of: (known: KnownWeight[]) => Found[]): Found[] => {
    for (const known of levels) {
      const found = of(known);
      if (found.length > 0) return found;
    }
    return [];
  };
  // A parameter of many digits is one that was rounded afterwards: a looser look may find a round one.
  const round = (of: (known: KnownWeight[]) => RowFit[]): RowFit[] => {
    const found = first((known) => of(known).filter(({ estimator }) => !MANY_DIGITS.test(estimator)));
    return found.length > 0 ? found : first(of);
  };
  const asIs = round((known) => preferred(rowFits(known, n, ks, factors, rewards)));
  const isAsItIs = asIs.some(({ factor }) => isClose(factor, 1, 1e-3) || isOfRewards(factor));
  // Few weights may fit several rows, each with a factor of its own.
  if (isAsItIs && missingWeights(own).length === 0) return { ...none, asIs };
  const mistakes = isAsItIs
    ? []
    : first((known) => mistakeFits(known, n, [1 / n, 1], rewards)).map(({ name }) => name);
  // The same row with another parameter and another factor is no other name.
  const baseOf = ({ estimator, k: ofK }: RowFit): string => `${estimator.replace(/:eps=[^:]*/, '')} ${ofK}`;
  const scaled = round((known) => preferred(rowFits(known, n, ks, 'free', rewards))).filter(
    (row) => !asIs.some((own) => baseOf(own) === baseOf(row)),
  );
  scaled.sort((x, y) => strangeness(x) - strangeness(y));
  const isFound = isNamed || asIs.length > 0 || mistakes.length > 0 || scaled.length > 0;
  const nearest = isFound ? null : nearestRow(levels[1], n, ks, factors === 'free' ? [1] : factors);
  return { ...none, asIs, mistakes, scaled, nearest };
}
