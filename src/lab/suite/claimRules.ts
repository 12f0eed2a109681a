/** The rules of claims.ts: what results say of each claim. Each is given results that are there and complete. */
import { TRAINED_FOR } from '../../experiments/collapse/gapCurves.ts';
import { cellsOf, isDecided, verdictOf } from '../../experiments/relation/cells.ts';
import type { Verdict } from '../../math/stats/verdict.ts';
import { formatConcise, formatNumber, formatShare } from '../../view/format.ts';
import type { ExperimentResults } from './experiments.ts';
import type { Judgement } from './finding.ts';

/** A claim that rests on checks: where one of them was rejected it fails. */
function checked(
  checks: readonly { readonly verdict: Verdict }[],
  verdict: Judgement['verdict'],
  words: string,
  brief = words,
): Judgement {
  const count = (wanted: Verdict): number => checks.filter((check) => check.verdict === wanted).length;
  const rejected = count('disagree');
  return {
    verdict: rejected > 0 ? 'fails' : verdict,
    total: checks.length,
    decided: count('agree') + rejected,
    rejected,
    words,
    brief,
  };
}

const twoDigits = (value: number): string => formatNumber(Number(value.toPrecision(2)));
/** "0.085 to 0.72", or the one value where all are alike. */
function rangeWords(values: readonly number[]): string {
  const [low, high] = [twoDigits(Math.min(...values)), twoDigits(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}

export function theorem31({ relation }: ExperimentResults): Judgement {
  const { problems, cells: usual, wideCells: wide } = relation!;
  const cells = [...cellsOf(problems, 'usual'), ...cellsOf(problems, 'wide')];
  const checks = cells.map((cell) => ({ k: cell.plain.k ?? 1, verdict: verdictOf(cell) }));
  // At k = 1 the theorem says that a gradient is its own multiple.
  const isDecidedBeyond = checks.some((check) => check.k > 1 && isDecided(check));
  return checked(
    checks,
    isDecidedBeyond ? 'holds' : 'undecided',
    isDecidedBeyond
      ? `${usual.plain + wide.plain} of ${cells.length} slopes by plain sampling, ` +
          `${usual.byClass + wide.byClass} more given the outcome; ${usual.outOfReach + wide.outOfReach} out of reach`
      : 'no slope with k > 1 is decided',
    isDecidedBeyond
      ? `${usual.disagree + wide.disagree === 0 ? 'none disagrees' : `${usual.disagree + wide.disagree} disagree`}; ${usual.outOfReach + wide.outOfReach} are out of reach`
      : 'no slope with k > 1 is decided',
  );
}

export function situation1({ signal }: ExperimentResults): Judgement {
  const { prompts, ends, given } = signal!;
  const silent = prompts.flatMap(({ cells }) => cells.slice(0, 1));
  const slopes = given.flatMap(({ successProb, cells }) =>
    successProb < 0.5 ? cells.flatMap(({ slope }) => slope ?? []) : [],
  );
  // SNR over n J1 of those whose groups without a success have no weight.
  const factors = ends.flatMap(({ estimator, k, weighsAllWrong, low }) =>
    weighsAllWrong || !low.snrPerRareSample ? [] : [{ estimator, k: k ?? 1, factor: low.snrPerRareSample }],
  );
  const atOne = factors.filter(({ k }) => k === 1).map(({ factor }) => factor);
  const beyond = factors.filter(({ k }) => k > 1);
  const isRaised = beyond.some((later) =>
    factors.some(
      (earlier) =>
        earlier.estimator === later.estimator &&
        earlier.k < later.k &&
        later.factor > earlier.factor * (1 + 1e-6),
    ),
  );
  const words = [
    `as J1 -> 0, SNR / (n J1): ${rangeWords(atOne)} at k = 1`,
    ...(beyond.length > 0
      ? [`, ${rangeWords(beyond.map(({ factor }) => factor))} at k > 1${isRaised ? '' : '; no k raises it'}`]
      : []),
  ];
  return checked(
    [...silent, ...slopes],
    atOne.length > 0 ? 'not-its-own' : 'undecided',
    atOne.length > 0
      ? words.join('')
      : 'no estimator of pass@1 that is silent without a success was asked for',
    atOne.length > 0
      ? `as J1 -> 0, SNR / (n J1) is ${rangeWords(atOne)} at k = 1${isRaised ? '' : ', no k has more'}`
      : 'needs an estimator of pass@1',
  );
}

/** Exact: the order in 1 - J1 at which the SNR vanishes, of pass@k's estimators against pass@1's. */
export function situation2({ signal }: ExperimentResults): Judgement {
  const orders = (isWanted: (k: number) => boolean): number[] =>
    signal!.ends.flatMap(({ k, high }) => (isWanted(k ?? 1) && high.order !== null ? [high.order] : []));
  const [atOne, beyond] = [orders((k) => k === 1), orders((k) => k > 1)];
  const isKnown = atOne.length > 0 && beyond.length > 0;
  const isFaster = isKnown && Math.max(...beyond) > Math.max(...atOne);
  return {
    verdict: isFaster ? 'holds' : isKnown ? 'not-its-own' : 'undecided',
    total: beyond.length,
    decided: isKnown ? beyond.length : 0,
    rejected: 0,
    words: isKnown
      ? `SNR falls like (1-J1)^m, m = ${rangeWords(atOne)} at k = 1, ${rangeWords(beyond)} at k > 1`
      : 'needs an estimator at k = 1 and one at k > 1',
    brief: isKnown
      ? `SNR ~ (1-J1)^m: m <= ${twoDigits(Math.max(...atOne))} at k = 1, up to ${twoDigits(Math.max(...beyond))} at k > 1`
      : 'needs k = 1 and a k > 1',
  };
}

export function discovery({ collapse }: ExperimentResults): Judgement {
  const { cases } = collapse!;
  const loosest = Math.max(1, ...cases.map(({ discovery: { bound, exact } }) => bound / exact));
  return checked(
    cases.map((entry) => entry.discovery),
    'holds',
    `the bound, min(1, n eps), is up to ${loosest.toFixed(2)} times the exact chance`,
  );
}

export function massOfM1({ collapse }: ExperimentResults): Judgement {
  const { statements } = collapse!;
  const find = (rule: string): (typeof statements)[number] | undefined =>
    statements.find((entry) => entry.rule === rule && entry.statement === 'in mean, first order');
  const [own, literal] = [find('successes only'), find('all samples')];
  const { holds = 0, fails = 0, open = 0 } = own ?? {};
  return {
    // Without a case in which the paper's own words fail there is no condition to name.
    verdict: fails > 0 ? 'fails' : literal?.fails === 0 && literal.open === 0 ? 'holds' : 'holds-if',
    total: holds + fails + open,
    decided: holds + fails,
    rejected: 0,
    words: `if only successes are reinforced (mean, first order); with all samples ${literal?.fails ?? 0} of ${holds + fails + open} fail`,
    brief: `if only successes are reinforced; with all samples ${literal?.fails ?? 0} fail`,
  };
}

export function gapVanishes({ collapse }: ExperimentResults): Judgement {
  const points = collapse!.curves.flatMap((curve) => curve.points);
  const off = Math.max(0, ...points.map(({ gapOfMode, exactGap }) => Math.abs(gapOfMode - exactGap)));
  return checked(
    points,
    'holds',
    points.length > 0
      ? `as stated; its formula (Eq 19) is exact in 1-J1, up to ${off.toFixed(3)} off in 1-pi(M1)`
      : 'needs a k > 1',
    points.length > 0 ? `Eq 19 is exact in 1-J1, up to ${off.toFixed(3)} off in 1-pi(M1)` : 'needs a k > 1',
  );
}

/** What counts as closed, at the lowest temperature. */
const CLOSED_GAP = 0.01;

export function lowTemperature({ temperature }: ExperimentResults): Judgement {
  const { policies, ks } = temperature!;
  const checks = policies.flatMap(({ points }) => points.flatMap((point) => point.passAtK));
  const most = Math.max(...ks);
  const gaps = policies.flatMap(({ id, points }) =>
    (points.at(-1)?.gaps ?? []).filter(({ k }) => k === most && k > 1).map(({ gap }) => ({ id, gap })),
  );
  if (gaps.length === 0) return checked(checks, 'undecided', 'needs a k > 1');
  const open = gaps.filter(({ gap }) => gap > CLOSED_GAP);
  // From one temperature to the next lower one.
  const rising = policies.filter(({ points }) => {
    const own = points.flatMap((point) => point.gaps.filter(({ k }) => k === most).map(({ gap }) => gap));
    return own.some((gap, i) => i > 0 && gap > own[i - 1] + CLOSED_GAP);
  });
  const onTheWay = rising.length > 0 ? `; on the way it rises in ${rising.length} of ${policies.length}` : '';
  if (open.length === 0)
    return checked(checks, 'holds', `as tau -> 0, in ${gaps.length} of ${gaps.length} policies${onTheWay}`);
  const where = open.map(({ id, gap }) => `${id}: ${gap.toFixed(2)}`).join(', ');
  return checked(
    checks,
    open.length < gaps.length ? 'holds-if' : 'fails',
    `as tau -> 0, if greedy decoding is decided (${where})${onTheWay}`,
    `as tau -> 0, if greedy decoding is decided (${where})`,
  );
}

export function trainingCloses({ collapse }: ExperimentResults): Judgement {
  const courses = collapse!.curves.filter(
    ({ id, points }) => id.startsWith(TRAINED_FOR) && points.length > 1,
  );
  const steps = Math.max(0, ...courses.map(({ points }) => points[points.length - 1].step + 1));
  const ends = courses.map(({ id, points }) => ({
    id,
    before: points[0].exactGap,
    after: points[points.length - 1].measuredGap,
  }));
  const shrinking = ends.filter(({ before, after }) => after.high < before);
  const others = ends.filter((end) => !shrinking.includes(end));
  const isOpen = others.some(({ before, after }) => after.low <= before);
  const list = (own: typeof ends): string =>
    own
      .map(
        ({ id, before, after }) =>
          `${id.slice(TRAINED_FOR.length).trim()} (${before.toFixed(2)} -> ${formatConcise(after.value, after.standardError, 1)})`,
      )
      .join(', ');
  const checks = courses.flatMap(({ points }) => points);
  if (ends.length === 0) return checked(checks, 'undecided', 'needs a k > 1');
  if (others.length === 0)
    return checked(checks, 'holds', `in ${steps} steps, trained for ${list(shrinking)}`);
  if (shrinking.length === 0)
    return checked(
      checks,
      isOpen ? 'undecided' : 'fails',
      `not in ${steps} steps trained for ${list(others)}`,
    );
  const names = (own: typeof ends): string =>
    own.map(({ id }) => id.slice(TRAINED_FOR.length).trim()).join(', ');
  const [first] = shrinking;
  return checked(
    checks,
    'holds-if',
    `in ${steps} steps, for ${list(shrinking)}, not for ${list(others)}`,
    `if trained for ${names(shrinking)} (${first.before.toFixed(2)} -> ${twoDigits(first.after.value)}); not yet for ${names(others)}`,
  );
}

/** Cosines nearer than this are one. */
const COSINE_PLACE = 5e-5;

/** The cell with the least exact cosine at a k > 1; of several a decided one, at the least k. */
export function leastCosine<
  Cell extends { readonly k: number; readonly cosine: number | null; readonly verdict: Verdict },
>(cells: readonly Cell[]): (Cell & { readonly cosine: number }) | undefined {
  const known = cells.filter(
    (cell): cell is Cell & { readonly cosine: number } => cell.k > 1 && cell.cosine !== null,
  );
  const least = Math.min(...known.map(({ cosine }) => cosine));
  const near = known.filter(({ cosine }) => cosine <= least + COSINE_PLACE).sort((a, b) => a.k - b.k);
  return near.find(isDecided) ?? near.at(0);
}

export function aggregateOpens({ aggregate }: ExperimentResults): Judgement {
  const cells = aggregate!.cases.flatMap((entry) => entry.cells);
  const least = leastCosine(cells);
  if (!least) return checked(cells, 'undecided', 'needs a k > 1');
  const { k, cosine, measuredCosine: measured } = least;
  return checked(
    cells,
    cosine < 1 - 1e-6 ? 'holds' : 'undecided',
    `cosine down to ${formatNumber(cosine)} at k = ${k}` +
      (measured ? ` (measured ${formatConcise(measured.value, measured.standardError)})` : '') +
      (cosine < 0 ? ': opposed' : ''),
    `cosine down to ${formatNumber(cosine)} at k = ${k}${cosine < 0 ? ': opposed' : ''}`,
  );
}

/** A share counts as decided where its interval is less than this wide. */
const DECIDED_WIDTH = 0.25;

export function rareModes({ collapse }: ExperimentResults): Judgement {
  const { kept } = collapse!;
  const most = Math.max(...kept.map(({ groupSize }) => groupSize));
  // Of each mass, the objective that loses the mode least often and the one that loses it most often, if their intervals are apart.
  const apart = [...new Set(kept.map(({ rareProb }) => rareProb))].flatMap((rareProb) => {
    const own = kept
      .filter((cell) => cell.groupSize === most && cell.rareProb === rareProb)
      .sort((a, b) => a.oneMode.value - b.oneMode.value);
    const [least, greatest] = [own[0], own[own.length - 1]];
    return least.oneMode.high < greatest.oneMode.low ? [{ rareProb, least, greatest }] : [];
  });
  const lost = ({ estimator, k, oneMode }: (typeof kept)[number]): string =>
    `${formatShare(oneMode)} with ${estimator}${k === null ? '' : ` k = ${k}`}`;
  const first = apart.at(0);
  return {
    verdict: first ? 'holds' : 'undecided',
    total: kept.length,
    decided: kept.filter(({ oneMode }) => oneMode.high - oneMode.low < DECIDED_WIDTH).length,
    rejected: 0,
    words: first
      ? `a mode of ${first.rareProb} is lost in ${lost(first.least)}, in ${lost(first.greatest)}`
      : 'no two objectives have intervals apart',
    brief: first
      ? `mass ${first.rareProb}: lost in ${Math.round(100 * first.least.oneMode.value)} % (${first.least.estimator}) to ${Math.round(100 * first.greatest.oneMode.value)} % (${first.greatest.estimator})`
      : 'no two objectives have intervals apart',
  };
}

export function initialWins({ crossover }: ExperimentResults): Judgement {
  const { curves } = crossover!;
  const winning = curves.filter(({ overtaken }) => overtaken.low > 0.5);
  const losing = curves.filter(({ overtaken }) => overtaken.high < 0.5);
  const alone = curves.filter(({ workload }) => workload === 'nothing shared');
  const first = winning.at(0);
  const words = first && [
    `${first.objective}: ahead from k = ${Math.round(first.overtakesAtK?.median ?? 0)} in ${formatShare(first.overtaken)} of replicas`,
    ...(alone.length > 0
      ? [
          `nothing shared: below ${Math.ceil(100 * Math.max(...alone.map(({ overtaken }) => overtaken.high)))} %`,
        ]
      : []),
  ];
  return {
    verdict: first ? 'holds' : 'undecided',
    total: curves.length,
    decided: winning.length + losing.length,
    rejected: 0,
    words: words?.join('; ') ?? 'in no workload does it in most replicas',
    brief: words?.[0] ?? 'in no workload does it in most replicas',
  };
}

export function varianceIsExact({ variance }: ExperimentResults): Judgement {
  const cells = variance!.prompts.flatMap((prompt) => prompt.cells);
  const errors = cells.flatMap(({ structural: { relativeError } }) => (relativeError ? [relativeError] : []));
  return checked(
    cells.flatMap(({ structural, direct, byClass }) => [structural, byClass ?? direct]),
    'holds',
    `by pooled score moments, standard errors up to ${twoDigits(100 * Math.max(0, ...errors))} %; and directly, or within each c`,
    `standard errors up to ${twoDigits(100 * Math.max(0, ...errors))} %, none disagrees`,
  );
}

/** Samples for SNR 1 at each J1: of the best estimator of the catalogue at k = 1, and of the best at a larger k. */
export function costRows({ variance }: ExperimentResults): {
  readonly groupSize: number;
  readonly k: number;
  readonly rows: readonly { readonly successProb: number; readonly first: Cost; readonly later: Cost }[];
} | null {
  const prompts = variance?.prompts ?? [];
  const sizes = [...new Set(prompts.map(({ groupSize }) => groupSize))].sort((a, b) => a - b);
  const groupSize = sizes[Math.floor((sizes.length - 1) / 2)];
  const own = prompts.filter((prompt) => prompt.groupSize === groupSize);
  const ks = [
    ...new Set(
      own.flatMap(({ cells }) => cells.flatMap(({ k }) => (k !== null && k > 1 && k < groupSize ? [k] : []))),
    ),
  ].sort((a, b) => a - b);
  const k = ks.includes(4) ? 4 : ks.at(0);
  if (k === undefined) return null;
  const rows = own.flatMap(({ successProb, cells }) => {
    const costs = (isWanted: (cell: (typeof cells)[number]) => boolean): Cost[] =>
      cells
        .filter(
          (cell) =>
            isWanted(cell) && cell.bias !== null && Math.abs(cell.bias.exact) < 1e-9 * (cell.alpha ?? 1),
        )
        .flatMap(({ estimator, samplesForSnr1 }) =>
          samplesForSnr1 === null ? [] : [{ estimator, samples: samplesForSnr1 }],
        )
        .sort((a, b) => a.samples - b.samples);
    const [first] = costs((cell) => (cell.k ?? 1) === 1);
    const [later] = costs((cell) => cell.k === k);
    return (first as Cost | undefined) && (later as Cost | undefined) ? [{ successProb, first, later }] : [];
  });
  return rows.length > 0 ? { groupSize, k, rows } : null;
}

export interface Cost {
  readonly estimator: string;
  readonly samples: number;
}

export function costGrows(results: ExperimentResults): Judgement {
  const costs = costRows(results);
  if (!costs)
    return {
      verdict: 'undecided',
      total: 0,
      decided: 0,
      rejected: 0,
      words: 'needs unbiased estimators at k = 1 and k > 1',
      brief: 'needs unbiased estimators at k = 1 and k > 1',
    };
  const rows = [...costs.rows].sort((a, b) => a.successProb - b.successProb);
  const dearer = rows.filter(({ first, later }) => later.samples > first.samples);
  const cheaper = rows.filter((row) => !dearer.includes(row));
  // The J1 that were tried, and no more is said.
  const probs = (own: typeof rows): string => own.map(({ successProb }) => twoDigits(successProb)).join(', ');
  const pairs = (own: typeof rows): string =>
    own
      .map(({ first, later }) =>
        [first, later].map(({ samples }) => formatNumber(Math.ceil(samples))).join(' -> '),
      )
      .join(', ');
  const from = `k = 1 -> k = ${costs.k}`;
  const last = rows.slice(-1);
  const isMixed = dearer.length > 0 && cheaper.length > 0;
  return {
    verdict: dearer.length === rows.length ? 'holds' : dearer.length > 0 ? 'holds-if' : 'fails',
    total: rows.length,
    decided: rows.length,
    rejected: 0,
    words: isMixed
      ? `if J1 = ${probs(dearer)} (${pairs(dearer)} at ${from}), not at ${probs(cheaper)} (${pairs(cheaper)})`
      : `${from}: ${pairs(rows)} at J1 = ${probs(rows)}`,
    brief: `${isMixed ? `if J1 = ${probs(dearer)}, not at ${probs(cheaper)}; ` : ''}${pairs(last)} at ${probs(last)} (${from})`,
  };
}
