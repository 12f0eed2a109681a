/** The rules of claims.ts: what results say of each claim. Each is given results that are there and complete. */
import type { Verdict } from '../../math/stats/verdict.ts';
import { formatConcise, formatNumber, formatShare } from '../../view/format.ts';
import type { ExperimentResults } from './experiments.ts';
import type { Finding } from './finding.ts';

/** How checks ended: agree and disagree are decided. */
function counted(checks: readonly { readonly verdict: Verdict }[]): {
  readonly total: number;
  readonly decided: number;
  readonly rejected: number;
} {
  const count = (verdict: Verdict): number => checks.filter((check) => check.verdict === verdict).length;
  return {
    total: checks.length,
    decided: count('agree') + count('disagree'),
    rejected: count('disagree'),
  };
}

/** A claim that stands as long as no check behind it was rejected. */
const standing = (rejected: number, otherwise: Finding['verdict']): Finding['verdict'] =>
  rejected > 0 ? 'fails' : otherwise;

export function theorem31({ relation }: ExperimentResults): Finding {
  const { cells, wideCells } = relation!;
  const sum = (of: 'total' | 'plain' | 'byClass' | 'disagree'): number => cells[of] + wideCells[of];
  const rejected = sum('disagree');
  return {
    verdict: standing(rejected, 'holds'),
    kind: 'sampled',
    decided: sum('plain') + sum('byClass') + rejected,
    total: sum('total'),
    rejected,
    words:
      `${cells.plain} of ${cells.total} slopes plainly, ${cells.byClass} more given the outcome; ` +
      `${cells.outOfReach} out of reach, ${cells.disagree} disagree`,
  };
}

export function situation1({ signal }: ExperimentResults): Finding {
  const { prompts, ends, given } = signal!;
  const silent = prompts.flatMap(({ cells }) => cells.slice(0, 1));
  const low = given.flatMap(({ successProb, cells }) =>
    successProb < 0.5 ? cells.flatMap(({ slope }) => slope ?? []) : [],
  );
  const { total, decided, rejected } = counted([...silent, ...low]);
  const factors = ends.flatMap(({ weighsAllWrong, low: { snrPerRareSample } }) =>
    weighsAllWrong || !snrPerRareSample ? [] : [snrPerRareSample],
  );
  const range =
    factors.length > 0
      ? `SNR = n J1 x ${formatNumber(Number(Math.min(...factors).toPrecision(2)))} to ` +
        `${formatNumber(Number(Math.max(...factors).toPrecision(2)))}, and no k raises it`
      : 'no estimator is silent without a success';
  return {
    verdict: standing(rejected, 'not-its-own'),
    kind: 'sampled',
    total,
    decided,
    rejected,
    words: `so it is at k = 1: ${range}`,
  };
}

export function situation2({ signal }: ExperimentResults): Finding {
  const { ends } = signal!;
  // alpha_k = k q^(k-1): the exact order in q at which the signal vanishes, against that of the same estimator, or of rloo, at k = 1.
  const ofK = ends.filter(({ k, high }) => k !== null && k > 1 && high.order !== null);
  const further = ofK.filter(({ high }) => (high.order ?? 0) > 2);
  const orders = ofK.map(({ high }) => high.order ?? 0);
  return {
    verdict: further.length > 0 ? 'holds' : 'undecided',
    kind: 'enumerated',
    total: ofK.length,
    decided: ofK.length,
    rejected: 0,
    words:
      orders.length > 0
        ? `SNR falls like (1-J1)^m, m to ${Math.max(...orders)}; m = 1 or 2 is there at k = 1, the rest pass@k's own`
        : 'no estimator with k > 1 was asked for',
  };
}

export function discovery({ collapse }: ExperimentResults): Finding {
  const { cases } = collapse!;
  const { total, decided, rejected } = counted(cases.map((entry) => entry.discovery));
  const loosest = Math.max(...cases.map(({ discovery: { bound, exact } }) => bound / exact));
  return {
    verdict: standing(rejected, 'holds'),
    kind: 'sampled',
    total,
    decided,
    rejected,
    words: `in ${total} cases; the bound n eps is up to ${loosest.toFixed(2)} times the chance`,
  };
}

export function massOfM1({ collapse }: ExperimentResults): Finding {
  const { statements } = collapse!;
  const find = (rule: string): (typeof statements)[number] | undefined =>
    statements.find((entry) => entry.rule === rule && entry.statement === 'in mean, first order');
  const [own, literal] = [find('successes only'), find('all samples')];
  const total = (own?.holds ?? 0) + (own?.fails ?? 0) + (own?.open ?? 0);
  return {
    verdict: (own?.fails ?? 0) > 0 ? 'fails' : 'holds-if',
    kind: 'proved',
    total,
    decided: total - (own?.open ?? 0),
    rejected: 0,
    words: `if successes are reinforced, in mean, to first order; with all samples ${literal?.fails ?? 0} of ${total} fail`,
  };
}

export function gapVanishes({ collapse }: ExperimentResults): Finding {
  const { curves } = collapse!;
  const { total, decided, rejected } = counted(curves.flatMap(({ points }) => points));
  const off = Math.max(
    0,
    ...curves.flatMap(({ points }) => points.map((point) => Math.abs(point.gapOfMode - point.exactGap))),
  );
  return {
    verdict: standing(rejected, 'holds'),
    kind: 'sampled',
    total,
    decided,
    rejected,
    words: `as stated; Eq 19 is exact with d = 1-J1, up to ${off.toFixed(3)} off with d = 1-pi(M1)`,
  };
}

export function lowTemperature({ temperature }: ExperimentResults): Finding {
  const { policies, ks } = temperature!;
  const { total, decided, rejected } = counted(
    policies.flatMap(({ points }) => points.flatMap((point) => point.passAtK)),
  );
  const most = Math.max(...ks);
  const gaps = policies.map(({ id, points }) => ({
    id,
    gap: points[points.length - 1].gaps.find(({ k }) => k === most)?.gap ?? 0,
  }));
  const open = gaps.filter(({ gap }) => gap > 0.01);
  return {
    verdict: standing(rejected, open.length > 0 ? 'holds-if' : 'holds'),
    kind: 'sampled',
    total,
    decided,
    rejected,
    words:
      `if the greedy trajectory is decided: closes in ${gaps.length - open.length} of ${gaps.length} policies` +
      (open.length > 0 ? `, ${open[0].gap.toFixed(2)} stays at a tie` : ''),
  };
}

export function trainingCloses({ collapse }: ExperimentResults): Finding {
  const { curves } = collapse!;
  const checks = curves.flatMap(({ points }) => points);
  const { total, decided, rejected } = counted(checks);
  const course = ({ points }: (typeof curves)[number]): string => {
    const [first, last] = [points[0], points[points.length - 1]];
    return `${first.exactGap.toFixed(2)} to ${formatConcise(last.measuredGap.value, last.measuredGap.standardError)}`;
  };
  const whole = curves.filter(({ points }) => points.length > 1);
  const closing = whole.filter(({ points }) => points[points.length - 1].exactGap < points[0].exactGap);
  return {
    verdict: standing(
      rejected,
      whole.length === 0 ? 'undecided' : closing.length === whole.length ? 'holds' : 'holds-if',
    ),
    kind: 'sampled',
    total,
    decided,
    rejected,
    words:
      whole.length === 0
        ? 'no course has k > 1'
        : `${closing.length < whole.length ? 'if trained for pass@1: ' : ''}gap ${whole
            .slice(0, 2)
            .map((curve) => course(curve))
            .join('; for pass@k ')}`,
  };
}

export function aggregateOpens({ aggregate }: ExperimentResults): Finding {
  const { cases } = aggregate!;
  const cells = cases.flatMap((entry) => entry.cells.map((cell) => ({ ...cell, id: entry.id })));
  const { total, decided, rejected } = counted(cells);
  const known = cells.filter(({ cosine }) => cosine !== null);
  const least = known.reduce(
    (best, cell) => ((cell.cosine ?? 1) < (best.cosine ?? 1) ? cell : best),
    known[0],
  );
  const measured = least.measuredCosine;
  return {
    verdict: standing(rejected, (least.cosine ?? 1) < 1 - 1e-6 ? 'holds' : 'undecided'),
    kind: 'sampled',
    total,
    decided,
    rejected,
    words:
      `cosine down to ${formatNumber(least.cosine)} at k = ${least.k}` +
      (measured ? `, measured ${formatConcise(measured.value, measured.standardError)}` : '') +
      ((least.cosine ?? 1) < 0 ? ': opposed' : ''),
  };
}

export function rareModes({ collapse }: ExperimentResults): Finding {
  const { kept } = collapse!;
  const most = Math.max(...kept.map(({ groupSize }) => groupSize));
  // A share is decided where its interval is less than a quarter wide.
  const decided = kept.filter(({ oneMode }) => oneMode.high - oneMode.low < 0.25).length;
  const shares = (rareProb: number): (typeof kept)[number][] =>
    kept
      .filter((cell) => cell.groupSize === most && cell.rareProb === rareProb)
      .sort((a, b) => a.oneMode.value - b.oneMode.value);
  const apart = [...new Set(kept.map(({ rareProb }) => rareProb))]
    .map(shares)
    .filter((cells) => cells.length > 1 && cells[0].oneMode.high < cells[cells.length - 1].oneMode.low);
  const name = ({ estimator, k }: (typeof kept)[number]): string =>
    k === null ? estimator : `${estimator} k = ${k}`;
  const [cells] = apart as ((typeof kept)[number][] | undefined)[];
  return {
    verdict: cells ? 'holds' : 'undecided',
    kind: 'sampled',
    total: kept.length,
    decided,
    rejected: 0,
    words: cells
      ? `eps = ${cells[0].rareProb}: one mode left in ${formatShare(cells[0].oneMode)} with ${name(cells[0])}, ` +
        `${formatShare(cells[cells.length - 1].oneMode)} with ${name(cells[cells.length - 1])}`
      : 'no two objectives have intervals apart',
  };
}

export function initialWins({ crossover }: ExperimentResults): Finding {
  const { curves } = crossover!;
  const decided = curves.filter(({ overtaken }) => overtaken.low > 0.5 || overtaken.high < 0.5).length;
  const winning = curves.filter(({ overtaken }) => overtaken.low > 0.5);
  const alone = curves.filter(({ workload }) => workload === 'nothing shared');
  const first = winning.at(0);
  const highest = Math.max(0, ...alone.map(({ overtaken }) => overtaken.high));
  return {
    verdict: first ? 'holds' : 'undecided',
    kind: 'sampled',
    total: curves.length,
    decided,
    rejected: 0,
    words: first
      ? `${first.objective}: from k = ${Math.round(first.overtakesAtK?.median ?? 0)} in ${formatShare(first.overtaken)}; ` +
        `nothing shared: below ${Math.ceil(100 * highest)} %`
      : 'in no workload does it in most replicas',
  };
}

export function varianceIsExact({ variance }: ExperimentResults): Finding {
  const cells = variance!.prompts.flatMap((prompt) => prompt.cells);
  const checks = cells.flatMap(({ structural, direct, byClass }) => [structural, byClass ?? direct]);
  const { total, decided, rejected } = counted(checks);
  const errors = cells.flatMap(({ structural: { relativeError } }) => (relativeError ? [relativeError] : []));
  return {
    verdict: standing(rejected, 'holds'),
    kind: 'sampled',
    total,
    decided,
    rejected,
    words: `structural within ${formatNumber(Number((100 * Math.max(0, ...errors)).toPrecision(2)))} % (1 SE); direct, or within each c, beside it`,
  };
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

export function costGrows(results: ExperimentResults): Finding {
  const costs = costRows(results);
  const rows = costs?.rows ?? [];
  const dearer = rows.filter(({ first, later }) => later.samples > first.samples);
  const list = (value: (row: (typeof rows)[number]) => string): string => rows.map(value).join(', ');
  const words =
    `${list(({ first, later }) => `${formatNumber(Math.ceil(first.samples))} to ${formatNumber(Math.ceil(later.samples))}`)} at J1 = ` +
    list(({ successProb }) => formatNumber(Number(successProb.toPrecision(2))));
  return {
    verdict:
      rows.length === 0
        ? 'undecided'
        : dearer.length === rows.length
          ? 'holds'
          : dearer.length > 0
            ? 'holds-if'
            : 'fails',
    kind: 'enumerated',
    total: rows.length,
    decided: rows.length,
    rejected: 0,
    words:
      rows.length === 0
        ? 'no unbiased estimator at k = 1 and a larger k was asked for'
        : `${dearer.length < rows.length ? 'if J1 is not small: ' : ''}${words} (k = 1, ${costs?.k})`,
  };
}
