/** What was found, in words: the first sentence begins with the name, the second has the other names that fit. */
import { isClose, type Mistake } from './knownMistakes.ts';
import type { Match } from './passAtKMatch.ts';
import type { NearRow, RowFit } from './rowFits.ts';
import type { TableIdentity } from './tableIdentity.ts';

/** What a table may be called. */
export interface Names {
  /** rows at factor 1, or at one that is a convention: n, or the spread of the rewards */
  readonly asIs: readonly RowFit[];
  readonly mistakes: readonly string[];
  /** rows times any other factor */
  readonly scaled: readonly RowFit[];
  readonly nearest: NearRow | null;
  /** whether a factor is the spread of the rewards that the log had */
  readonly isOfRewards: (factor: number) => boolean;
}

export interface Words {
  readonly facts: Omit<TableIdentity, 'finding' | 'alsoFits'>;
  readonly names: Names;
  /** mistakes that are a constant factor */
  readonly ofFactor: readonly Mistake[];
  /** every k whose gradient fits */
  readonly fittingKs: readonly number[];
  /** differences w1(m+1) − w0(m) that are known */
  readonly knownCount: number;
  readonly nearK: Match | null;
  readonly rewards: { readonly wrong: number; readonly correct: number };
  readonly hasFreeFactor: boolean;
  /** what else every advantage was scaled by, batch by batch */
  readonly factorWords: string | null;
  /** the weights are means of what varies */
  readonly isVarying: boolean;
}

export const short = (value: number): string => String(Number(value.toPrecision(6)));

const MOST_DENOMINATOR = 64;

/** "4/3" where a factor is a simple fraction, else its digits. */
export function ratioText(factor: number): string {
  for (let denominator = 1; denominator <= MOST_DENOMINATOR; denominator += 1) {
    const numerator = Math.round(factor * denominator);
    if (numerator !== 0 && isClose(factor, numerator / denominator))
      return denominator === 1 ? String(numerator) : `${numerator}/${denominator}`;
  }
  return short(factor);
}

const rowName = ({ estimator, k }: RowFit): string => (k === null ? estimator : `${estimator} at k = ${k}`);

export function finding(words: Words): string {
  const lead = leadOf(words);
  const estimate = estimateText(words, lead?.isAfter === true);
  if (lead === null)
    return `${words.isVarying ? 'on average over its groups ' : ''}${estimate}${nearestText(words)}`;
  const isByBatch = words.hasFreeFactor || words.factorWords !== null;
  if (words.isVarying && !isByBatch && !lead.isAfter)
    return `${lead.text}: on average over its groups ${estimate}`;
  return lead.isAfter ? `${estimate}: ${lead.text}` : `${lead.text}: ${estimate}`;
}

/** Ends so far apart hold another value that trainers have. */
const WORTH_SAYING = 5;

/** " (any eps up to 2e-5 fits as well)" */
const unseenText = ({ unseenEps, epsRange }: RowFit): string => {
  const brief = (value: number): string => String(Number(value.toPrecision(2)));
  if (unseenEps !== undefined) return ` (any eps up to ${Number(unseenEps.toPrecision(1))} fits as well)`;
  return epsRange && epsRange[1] > WORTH_SAYING * epsRange[0]
    ? ` (any eps from ${brief(epsRange[0])} to ${brief(epsRange[1])} fits as well)`
    : '';
};

interface Lead {
  readonly text: string;
  /** a factor reads better before its name */
  readonly isAfter?: true;
}

/** The name: the first of the order that there is. */
function leadOf({ facts, names, ofFactor, rewards, hasFreeFactor, factorWords }: Words): Lead | null {
  const { n, estimates, mistakes, k, matchedK } = facts;
  const [mistake] = mistakes;
  if (n === 1 && mistakes.length > 0) return { text: mistake };
  // A cause comes from the whole log: it says more than a table.
  if (mistakes.length > ofFactor.length + names.mistakes.length) return { text: mistake };
  if (estimates === 'nothing') return null;
  if (estimates === 'unknown') return seenLead(facts, names);
  const [row] = names.asIs;
  if (names.asIs.length > 0) {
    if (hasFreeFactor) return { text: `it is ${rowName(row)}, up to the factors of the batches` };
    if (isClose(row.factor, 1, 1e-3))
      return {
        text: `it is ${rowName(row)}${unseenText(row)}${factorWords === null ? '' : `, times ${factorWords}`}`,
      };
    if (names.isOfRewards(row.factor)) return { text: ofRewardsText(row, rewards) };
  }
  if (ofFactor.length > 0 && !(estimates === 'unbiased' && k === matchedK))
    return { text: factorText(ofFactor, names), isAfter: true };
  if (names.mistakes.length > 0) return { text: names.mistakes[0] };
  if (names.asIs.length > 0) {
    const text = isClose(row.factor, n, 1e-3 * n)
      ? `it is n = ${n} times ${rowName(row)}, advantages for a mean over the group (read them with --convention mean)`
      : `it is ${ratioText(row.factor)} times ${rowName(row)}`;
    return { text };
  }
  const [scaled] = names.scaled;
  // What is unbiased needs no other name than that, unless a row has it.
  if (names.scaled.length === 0 || estimates === 'unbiased') return null;
  return {
    text: `it is ${ratioText(scaled.factor)} times ${rowName(scaled)}${hintOf(scaled, facts)}`,
  };
}

function ofRewardsText(row: RowFit, { wrong, correct }: Words['rewards']): string {
  const rewards = wrong === -1 && correct === 1 ? 'rewards -1/+1' : `rewards ${wrong} and ${correct}`;
  // Its parameter is of the rewards, too.
  if (row.estimator.startsWith('rs-grpo')) return `it is ${rowName(row)} of ${rewards}`;
  return `it is ${rowName(row)} of ${rewards}, ${short(row.factor)} times that of rewards 0 and 1`;
}

/** What a spread of rewards leaves alone. */
const OVER_SPREAD = /^(grpo|f-grpo|maxrl|passk-training)/;

function hintOf({ factor, estimator }: RowFit, { n, centred }: Words['facts']): string {
  if (n > 1 && isClose(factor, 1 / n)) return ', averaged over the group instead of summed';
  if (isClose(factor, 2) && centred !== false && !OVER_SPREAD.test(estimator))
    return ', as rewards -1/+1 give';
  return '';
}

function factorText([likeliest, ...others]: readonly Mistake[], { scaled, asIs }: Names): string {
  const also = others.length > 0 ? ` (the same factor: ${others.map(({ name }) => name).join('; ')})` : '';
  const row = [...asIs, ...scaled].find(({ factor }) => isClose(factor, likeliest.factor));
  return `${likeliest.name}${also}${row && !isClose(row.factor, 1) ? `, ${ratioText(row.factor)} times ${rowName(row)}` : ''}`;
}

function estimateText(
  { facts, ofFactor, fittingKs, knownCount, names, hasFreeFactor, factorWords, isVarying }: Words,
  hasFormula: boolean,
): string {
  const { estimates, n, k, matchedK, factor, missing, curve } = facts;
  const some = missing.length > 0 ? ` on the weights that the file has (${missing.length} are missing)` : '';
  switch (estimates) {
    case 'nothing':
      return 'estimates nothing: w1(m+1) = w0(m) for every m, a baseline alone, so its mean is 0';
    case 'unknown':
      if (knownCount === 0) return `undecided: no c has both w1(c+1) and w0(c)`;
      if (isVarying) return 'undecided: the means are too uncertain for their differences';
      if (missing.length === 0)
        return 'undecided: the weights are so large that rounding leaves nothing of their differences';
      return (
        `undecided: ${missing.length} weights are missing; those that there are fit ` +
        (fittingKs.length > 0 ? `the gradients of ${ksText(fittingKs)}` : 'no gradient but 0') +
        (k !== null && fittingKs.includes(k) ? `, that of pass@${k} among them` : '')
      );
    case 'unbiased':
      return (
        `unbiased for the gradient of pass@${matchedK}${some}` +
        (k !== null && k !== matchedK
          ? `; the file says k = ${k}: ${ofFactor.at(0)?.name.split(':')[0] ?? 'another k'}`
          : '')
      );
    case 'multiple': {
      if (hasFreeFactor || factorWords !== null)
        return `a multiple of the gradient of pass@${matchedK} in each batch${some}`;
      const formula = hasFormula ? ofFactor.at(0)?.formula : '';
      const isNamed =
        facts.mistakes.length > 0 ||
        ofFactor.length > 0 ||
        names.asIs.length + names.mistakes.length + names.scaled.length > 0;
      return (
        `${formula ? `${formula} = ` : ''}${short(factor ?? NaN)} times the gradient of pass@${matchedK}${some}` +
        (isNamed || isVarying ? '' : ', no mistake that has a name here')
      );
    }
    case 'other':
      return `unbiased for no pass@k with k <= ${n}${alphaText(curve)}${some}`;
  }
}

/** "pass@3, pass@4", "pass@1 to pass@16" */
function ksText(ks: readonly number[]): string {
  const last = ks[ks.length - 1];
  return ks.length > MOST_KS && last - ks[0] === ks.length - 1
    ? `pass@${ks[0]} to pass@${last}`
    : `pass@${ks.join(', pass@')}`;
}

const MOST_KS = 8;

/** So many rows are named of a file that fits several. */
const MOST_ROWS = 4;

/** "the 4 weights seen are those of rloo, and of dr-grpo times 4/3": what few weights leave. */
function seenLead({ n, missing }: Words['facts'], { asIs, scaled, mistakes }: Names): Lead | null {
  const isPlain = ({ factor }: RowFit): boolean => isClose(factor, 1, 1e-3);
  const rows = [...asIs.filter(isPlain), ...asIs.filter((row) => !isPlain(row)), ...scaled];
  const count = 2 * n - missing.length;
  if (rows.length === 0) return mistakes.length > 0 ? { text: mistakes[0] } : null;
  const named = rows
    .slice(0, MOST_ROWS)
    .map((row) => (isPlain(row) ? rowName(row) : `${rowName(row)} times ${ratioText(row.factor)}`));
  const more = rows.length > MOST_ROWS ? `, and of ${rows.length - MOST_ROWS} other rows` : '';
  return {
    text: `the ${count} weight${count === 1 ? '' : 's'} seen are those of ${named.join(', and of ')}${more}`,
  };
}

/** Tables that miss a gradient, or a row, by this share of their largest weight, or less, are probably meant to be it. */
const NEAR_GRADIENT = 0.05;
const NEAR_ROW = 0.2;

function nearestText({ facts, names, nearK, isVarying }: Words): string {
  if (facts.estimates !== 'other' && !isVarying) return '';
  const { nearest } = names;
  const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
  const name =
    nearest &&
    `${isClose(nearest.factor, 1, 1e-3) ? '' : `${ratioText(nearest.factor)} times `}${rowName(nearest)}`;
  const row =
    nearest && nearest.differing !== null
      ? `; the nearest row is ${name}, which all but ${nearest.differing.slice(0, MOST_ROWS).join(', ')}${nearest.differing.length > MOST_ROWS ? ` and ${nearest.differing.length - MOST_ROWS} more` : ''} are`
      : nearest && nearest.residual <= NEAR_ROW
        ? `; the nearest row is ${name}, off by up to ${percent(nearest.residual)} of the largest weight`
        : '';
  const gradient =
    nearK && nearK.residual <= NEAR_GRADIENT
      ? `; the nearest gradient is ${short(nearK.factor)} times that of pass@${nearK.k}, off by up to ${short(nearK.residual)} of the largest w1(m+1) - w0(m)`
      : '';
  return row + gradient;
}

function alphaText(ratios: TableIdentity['curve']): string {
  if (!ratios) return '';
  const shown = ratios.rows
    .filter(({ successProb }) => [0.01, 0.5, 0.9].includes(successProb))
    .map(({ successProb, ratio }) => `${short(ratio)} at p = ${successProb}`);
  return shown.length === 0 ? '' : `; alpha_eff/alpha_${ratios.k} is ${shown.join(', ')}`;
}

/** "grpo:std=sample, and 8/7 times dr-grpo": names that fit as well as the first. */
export function otherNames({ facts, names, ofFactor, isVarying }: Words): string {
  // Means of what varies are no table that a row could be.
  if (isVarying) return '';
  if (facts.estimates === 'unknown') return '';
  const hasCause = facts.mistakes.length > ofFactor.length + names.mistakes.length;
  const rows = [...names.asIs, ...(names.asIs.length > 0 ? [] : names.scaled)];
  const isRowFirst = !hasCause && names.asIs.length > 0;
  const isScaledFirst =
    !hasCause && names.asIs.length + ofFactor.length + names.mistakes.length === 0 && rows.length > 0;
  const named = isRowFirst ? NaN : (ofFactor.at(0)?.factor ?? NaN);
  const others = [
    ...names.mistakes.slice(hasCause || isRowFirst || ofFactor.length > 0 ? 0 : 1),
    ...rows
      .filter(({ factor }) => !isClose(factor, named))
      .slice(isRowFirst || (isScaledFirst && facts.estimates !== 'unbiased') ? 1 : 0)
      .map((row) =>
        isClose(row.factor, 1, 1e-3) ? rowName(row) : `${ratioText(row.factor)} times ${rowName(row)}`,
      ),
  ];
  if (others.length === 0) return '';
  const more = others.length > MOST_ROWS ? `, and ${others.length - MOST_ROWS} more` : '';
  return `also fits: ${others.slice(0, MOST_ROWS).join('; ')}${more}`;
}
