/**
 * A report on one screen: what was run, how it ended, every claim with its verdict, what a gradient costs, training, speed, what to
 * type next. Plain letters, 100 columns; the sections behind it come with --verbose.
 */
import { rowsOf } from '../../experiments/throughput/result.ts';
import { BASE_NAME } from '../../experiments/throughput/shapes.ts';
import { reached } from '../../lab/suite/experiments.ts';
import { costRows } from '../../lab/suite/claimRules.ts';
import type { Claim } from '../../lab/suite/claims.ts';
import type { ClaimVerdict } from '../../lab/suite/finding.ts';
import { controlsOf, countVerdicts, familiesOf, verdictsOf, type Report } from '../../lab/suite/report.ts';
import { REQUIRED_POWER } from '../../lab/controls.ts';
import { formatCount, formatDuration, formatSamples } from '../../view/format.ts';
import { plainTable } from './plainTable.ts';

const WIDTH = 100;

/** Marks of a terminal that has colours; letters say the same. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly quiet: (text: string) => string;
}

export const PLAIN: Paint = { good: String, bad: String, quiet: String };
const ansi =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;
export const COLOURED: Paint = { good: ansi(32), bad: ansi(31), quiet: ansi(2) };

const WORDS: Readonly<Record<ClaimVerdict, string>> = {
  holds: 'HOLDS',
  'holds-if': 'HOLDS IF',
  fails: 'FAILS',
  'not-its-own': 'NOT ITS OWN',
  undecided: 'UNDECIDED',
  'not-run': 'NOT RUN',
};
const VERDICT_WIDTH = 11;

/** What may be typed next: a portable package has neither npm nor the page. */
export type Place = 'checkout' | 'portable';

/** Every line of the screen; the first three are what --quiet prints. */
export function summaryLines(
  report: Report,
  strictness: 'strict' | 'lenient',
  paint: Paint = PLAIN,
  place: Place = 'checkout',
): string[] {
  return [
    ...headLines(report),
    outcomeLine(report, strictness, paint),
    '',
    ...claimLines(report.claims, paint),
    ...costLines(report),
    ...trainingLines(report),
    ...speedLines(report),
    ...noteLines(report),
    ...nextLines(report, place),
  ].map((line) => cut(line));
}

/** Colour codes take no columns. */
function cut(line: string): string {
  // eslint-disable-next-line no-control-regex
  const bare = line.replaceAll(/\u001b\[\d+m/g, '');
  return bare.length <= WIDTH ? line : `${bare.slice(0, WIDTH - 3).replace(/\s+\S*$/, '')}...`;
}

function headLines(report: Report): string[] {
  const { config, engine, environment, durationMs, versions } = report;
  const checked = engine.checkedOnGpu ?? engine.checkedOnCpu;
  const kind =
    environment.software === true ? ' (software)' : environment.software === false ? ' (hardware)' : '';
  const counted =
    checked && checked.jobs > 0
      ? [`${formatCount(checked.groups)} groups of ${checked.jobs} jobs counted alike`]
      : [];
  const stepped =
    checked && checked.steps.length > 0
      ? [`${checked.steps.length} ${checked.steps.length === 1 ? 'kind' : 'kinds'} of steps held`]
      : [];
  const alike = [...counted, ...stepped].join(', ');
  const check =
    checked && alike !== ''
      ? `${alike}, on ${engine.checkedOnGpu ? 'WebGPU' : 'the CPU engine'} (${checked.adapter})`
      : engine.missing === null
        ? 'no second engine checked it'
        : `no WGSL was exercised: ${engine.missing}`;
  return [
    `passk-bench ${versions['passk-bench']}, ${config.preset}, seed ${config.seed}: ${engine.name} engine, ` +
      `${environment.adapter.replace(' of the host', '')}${kind}; ${formatDuration(durationMs)}`,
    check,
  ];
}

/** "NOT OK: ...", "OK: ...": how many checks, what became of them, and the deliberate mistakes. */
function outcomeLine(report: Report, strictness: 'strict' | 'lenient', paint: Paint): string {
  const verdicts = verdictsOf(report);
  const count = (verdict: Parameters<typeof countVerdicts>[1]): number => countVerdicts(verdicts, verdict);
  const controls = controlsOf(report).filter(({ power }) => power >= REQUIRED_POWER);
  const caught = controls.filter(({ flagged }) => flagged).length;
  const counts =
    `${count('agree') + count('disagree')} decided, ${count('out of reach')} out of reach, ${count('inconclusive')} inconclusive` +
    (controls.length > 0 ? `; ${caught}/${controls.length} mistakes seen` : '');
  if (report.outcome === 'incomplete')
    return `${paint.bad('INCOMPLETE')}: ${finished(report)} of ${reached(report).length} begun are finished. Checks: ${counts}`;
  if (report.outcome === 'disagrees')
    return `${paint.bad('NOT OK')}: ${whyNot(report, count('disagree'))}. Checks: ${counts}`;
  if (verdicts.length === 0) return `NOTHING CHECKED by samples${printedWords(report)}`;
  if (strictness === 'strict' && count('inconclusive') > 0)
    return `${paint.bad('NOT OK')} (--strict). Checks: ${counts}`;
  return `${paint.good('OK')}: nothing disagrees. Checks: ${counts}`;
}

const finished = (report: Report): number =>
  reached(report).filter(({ result }) => result.complete !== false).length;

/** Numbers printed in papers need no samples. */
function printedWords({ published }: Report): string {
  const printed = (published?.rows ?? []).filter(({ agrees }) => agrees !== null);
  const agreeing = printed.filter(({ agrees }) => agrees).length;
  return printed.length > 0 ? `; ${agreeing} of ${printed.length} published numbers and formulas agree` : '';
}

/** The first reason that a run has for not being well. */
function whyNot(report: Report, disagreeing: number): string {
  if (report.engine.differences.length > 0) return 'engines differ';
  if (disagreeing > 0) return `${disagreeing} disagree`;
  const rejected = familiesOf(report).reduce((sum, family) => sum + family.rejected, 0);
  if (rejected > 0) return `${rejected} comparisons rejected`;
  const missed = controlsOf(report).filter(
    ({ power, flagged }) => power >= REQUIRED_POWER && !flagged,
  ).length;
  return missed > 0 ? `${missed} mistakes not seen` : 'fewer slopes decided than planned';
}

function claimLines(claims: readonly Claim[], paint: Paint): string[] {
  const run = claims.filter(({ verdict }) => verdict !== 'not-run');
  const missing = claims.filter(({ verdict }) => verdict === 'not-run').map(({ id }) => id);
  const colour = (verdict: ClaimVerdict): ((text: string) => string) =>
    verdict === 'holds' ? paint.good : verdict === 'fails' ? paint.bad : String;
  return [
    ...run.flatMap(({ verdict, title, words, decided, total, kind, rejected }) => {
      const mark = colour(verdict)(WORDS[verdict].padEnd(VERDICT_WIDTH));
      const of = `${decided} of ${total}, ${kind}${rejected > 0 ? `, ${rejected} REJECTED` : ''}`;
      const room = WIDTH - VERDICT_WIDTH - 1 - of.length - 1;
      return [`${mark} ${title.padEnd(room)} ${of}`, paint.quiet(`${' '.repeat(VERDICT_WIDTH + 1)}${words}`)];
    }),
    ...missingLines(missing),
  ];
}

/** What no verdict can be given of, by name. */
function missingLines(ids: readonly string[]): string[] {
  const lines: string[] = [];
  for (const id of ids) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + id.length + 2 < WIDTH) lines[lines.length - 1] = `${last}, ${id}`;
    else lines.push(`${(lines.length === 0 ? WORDS['not-run'] : '').padEnd(VERDICT_WIDTH)} ${id}`);
  }
  return lines;
}

/** k = 1 against the pass@k estimators, at two J1. */
function costLines(report: Report): string[] {
  const costs = costRows(report);
  if (!costs) return [];
  const { groupSize, k } = costs;
  const shown = costs.rows.slice(-2);
  const prompts = (report.variance?.prompts ?? []).filter((prompt) => prompt.groupSize === groupSize);
  const names = ['pkpo', 'pkpo-loo', 'pkpo-loo1', 'ordergrad'].filter((name) =>
    prompts.some(({ cells }) => cells.some((cell) => cell.estimator === name && cell.k === k)),
  );
  const table = plainTable(
    [`  samples for SNR 1, n = ${groupSize}`, 'k = 1', ...names.map((name) => `${name} k = ${k}`)],
    shown.map(({ successProb, first }) => {
      const cells = prompts.find((prompt) => prompt.successProb === successProb)?.cells ?? [];
      return [
        `  J1 = ${Number(successProb.toPrecision(2))}`,
        `${formatSamples(first.samples)} (${first.estimator})`,
        ...names.map((name) => {
          const samples = cells.find((cell) => cell.estimator === name && cell.k === k)?.samplesForSnr1;
          return samples == null ? '-' : formatSamples(samples);
        }),
      ];
    }),
  );
  return table.split('\n');
}

/** Where each objective leads: the workload with the most modes, the ends of the range. */
function trainingLines({ objectives }: Report): string[] {
  const workload = [...(objectives?.workloads ?? [])].sort((a, b) => b.modeCount - a.modeCount).at(0);
  const ends = (workload?.curves ?? []).flatMap(({ objective, points }) => {
    const last = points.at(-1);
    return last ? [{ objective, ...last }] : [];
  });
  if (!workload || ends.length < 2) return [];
  const by = (
    value: (end: (typeof ends)[number]) => number,
  ): [(typeof ends)[number], (typeof ends)[number]] => {
    const sorted = [...ends].sort((a, b) => value(a) - value(b));
    return [sorted[0], sorted[sorted.length - 1]];
  };
  const [fewest, most] = by(({ modes }) => modes.median);
  const [, best] = by(({ passAt1 }) => passAt1.median);
  return [
    `Training (${workload.id}, medians of ${objectives!.replicaCount} replicas): modes kept of ${workload.modeCount}: ${fewest.modes.median.toFixed(1)} ` +
      `(${fewest.objective}) to ${most.modes.median.toFixed(1)} (${most.objective})`,
    `         pass@1 ${best.passAt1.median.toFixed(3)} (${best.objective}), ${most.passAt1.median.toFixed(3)} with ${most.objective}` +
      (workload.k > 1 ? `, whose pass@${workload.k} is ${most.passAtK.median.toFixed(3)}` : ''),
  ];
}

function speedLines({ throughput, updates }: Report): string[] {
  const rows = (throughput ? rowsOf(throughput) : []).filter(({ name }) => name === BASE_NAME);
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  const sampling = engines.map((engine) => {
    const own = rows.filter((row) => row.engine === engine);
    const speeds = own
      .map(({ tokensPerSecond }) => (tokensPerSecond === null ? '?' : formatCount(tokensPerSecond.median)))
      .join(', ');
    return `${engine} ${speeds} tokens/s (${own.map(({ level }) => level).join(', ')})`;
  });
  // Training of the engine that works; the sections have the others.
  const trained = updates?.rates ?? [];
  const steps = trained
    .filter(({ engine }) => engine === trained[0].engine)
    .map(({ updatesPerSecond }) => updatesPerSecond);
  const training =
    steps.length > 0
      ? [`trains ${formatCount(Math.min(...steps))} to ${formatCount(Math.max(...steps))} steps/s`]
      : [];
  // The engine that works and its training on one line, others below it.
  const parts = [[...sampling.slice(0, 1), ...training].join('; '), ...sampling.slice(1)].filter(Boolean);
  return parts.length > 0 ? parts.map((part, row) => `${row === 0 ? 'Speed:' : '      '} ${part}`) : [];
}

function noteLines({ published, engine, recoveryCount }: Report): string[] {
  const differing = (published?.rows ?? []).filter(
    ({ kind, agrees }) => kind === 'printed' && agrees === false,
  );
  return [
    ...differing.map(
      ({ source, published: theirs, ours }) =>
        `Note: ${source.split(',')[0]} prints ${theirs}, where we compute ${ours} (see: run published)`,
    ),
    ...engine.differences.map((difference) => `ENGINES DIFFER: ${difference}`),
    ...(recoveryCount > 0 ? [`Note: a fresh host took over ${recoveryCount} times`] : []),
  ];
}

/** What to type next. */
function nextLines({ config, outcome }: Report, place: Place): string[] {
  const larger: Readonly<Record<string, string>> = {
    quick: 'run --preset standard',
    standard: 'run --preset full',
  };
  const next = larger[config.preset] ?? 'compare A B';
  if (outcome === 'incomplete')
    return [
      'Next: the same again, whole: sampling gives the same counts (--verbose for all that was measured)',
    ];
  return [
    outcome === 'disagrees'
      ? 'Next: run --verbose (every section); identify FILE (your own advantage)'
      : place === 'portable'
        ? `Next: passk-bench ${next}; --verbose shows every section`
        : `Next: npm run passk -- ${next}; npm start (the page); --verbose shows every section`,
  ];
}

/** Contract: the last line counts what is inconclusive. */
export function lastLine(report: Report, strictness: 'strict' | 'lenient'): string {
  if (report.outcome === 'incomplete') return 'INCOMPLETE: the run was cut short.';
  const verdicts = verdictsOf(report);
  const inconclusive = countVerdicts(verdicts, 'inconclusive');
  if (verdicts.length === 0) return 'NOTHING CHECKED: nothing was compared with samples, 0 inconclusive.';
  const beyond = countVerdicts(verdicts, 'out of reach');
  const open = `${inconclusive} inconclusive${beyond > 0 ? `, ${beyond} out of reach of any run` : ''}`;
  if (report.outcome === 'disagrees')
    return `NOT OK: something disagrees, a mistake was not seen, or too few slopes were decided; ${open}.`;
  if (strictness === 'strict' && inconclusive > 0) return `NOT OK (--strict): ${open}.`;
  return `OK: nothing disagrees; ${countVerdicts(verdicts, 'agree')} agree, ${open}.`;
}

/** The screen as text. */
export function summaryText(
  report: Report,
  {
    strictness,
    amount,
    paint,
    place = 'checkout',
  }: {
    readonly strictness: 'strict' | 'lenient';
    readonly amount: 'quiet' | 'usual';
    readonly paint: Paint;
    readonly place?: Place;
  },
): string {
  const lines = summaryLines(report, strictness, paint, place);
  // Experiments that were cut short have nothing judged; what they measured is in the report.
  const cutShort = reached(report).flatMap(({ experiment, result }) =>
    result.complete === false
      ? [
          `${experiment.name}: cut short after ${formatCount(result.tokenCount ?? 0)} tokens, so nothing is judged`,
        ]
      : [],
  );
  if (amount === 'quiet') return lines.slice(0, 3).join('\n');
  return [...lines, ...cutShort, lastLine(report, strictness)].join('\n');
}
