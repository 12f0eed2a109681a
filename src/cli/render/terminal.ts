/**
 * A report for a terminal: the answer first, then what it rests on, in one screen. Renders only what the report holds.
 */
import type { ControlResult, SlopeCheck } from '../../lab/results.ts';
import { reached } from '../../lab/suite/experiments.ts';
import { familiesOf, controlsOf, type Report } from '../../lab/suite/report.ts';
import type { ThroughputResult } from '../../experiments/throughput/result.ts';
import type { RelationResult } from '../../experiments/relation/result.ts';
import { formatCount, formatDuration, formatNumber } from '../../view/format.ts';
import { countVerdicts, verdictsOf } from '../../lab/suite/report.ts';
import { plainTable } from './plainTable.ts';
import { collapseSection, crossoverSection, objectivesSection, updatesSection } from './trainingSections.ts';
import {
  aggregateSection,
  familiesTable,
  figure1Section,
  publishedSection,
  signalSection,
  temperatureSection,
  varianceSection,
} from './sections.ts';

export function terminalSummary(report: Report, strictness: 'strict' | 'lenient' = 'lenient'): string {
  const { relation, figure1, signal, variance, aggregate, temperature, published, throughput } = report;
  const { updates, collapse, objectives, crossover } = report;
  const controls = controlsOf(report);
  const families = familiesOf(report);
  const reached = <Result>(result: Result | undefined, section: (result: Result) => string): string[] =>
    result === undefined ? [] : [section(result)];
  return [
    heading(report),
    ...(relation ? relationParts(relation, report.config.preset) : []),
    ...reached(figure1, figure1Section),
    ...reached(signal, signalSection),
    ...reached(variance, varianceSection),
    ...reached(aggregate, aggregateSection),
    ...reached(temperature, temperatureSection),
    ...reached(updates, updatesSection),
    ...reached(collapse, collapseSection),
    ...reached(objectives, objectivesSection),
    ...reached(crossover, crossoverSection),
    ...reached(published, publishedSection),
    ...(families.length > 0 ? [familiesTable(families)] : []),
    ...(controls.length > 0 ? [controlsTable(controls)] : []),
    ...(throughput && throughput.rows.length > 0 ? [throughputLine(throughput)] : []),
    timingLine(report),
    lastLine(report, strictness),
  ].join('\n\n');
}

function heading(report: Report): string {
  const { config, environment, recoveryCount } = report;
  const kind = environment.software === null ? '' : environment.software ? ' (software)' : ' (hardware)';
  const sampled = reached(report).flatMap(({ result }) => (result.samplingMs === undefined ? [] : [result]));
  const tokens = sampled.reduce((sum, { tokenCount }) => sum + (tokenCount ?? 0), 0);
  const milliseconds = sampled.reduce((sum, { samplingMs }) => sum + (samplingMs ?? 0), 0);
  const amount =
    sampled.length > 0 ? `; ${formatCount(tokens)} tokens sampled in ${formatDuration(milliseconds)}` : '';
  const recovered = recoveryCount > 0 ? `; a fresh host took over ${recoveryCount} times` : '';
  return (
    `passk-bench, preset ${config.preset}${sampled.length > 0 ? `, seed ${config.seed}, n = ${config.groupSize}` : ''}\n` +
    `${environment.runtime} on ${environment.adapter}${kind}${amount}${recovered}`
  );
}

function relationParts(relation: RelationResult, preset: string): string[] {
  const hasSlopes = relation.problems.some(({ prompts }) => prompts.some(({ slopes }) => slopes.length > 0));
  return [relationAnswer(relation, preset), ...(hasSlopes ? [slopesTable(relation)] : [])];
}

/** Presets with more groups than this one. */
const LARGER: Readonly<Record<string, string>> = {
  quick: ' (--preset standard, full)',
  standard: ' (--preset full)',
};

function relationAnswer({ complete, problems, slopeCount }: RelationResult, preset: string): string {
  const prompts = problems.reduce((sum, problem) => sum + problem.prompts.length, 0);
  const claim = `Theorem 3.1, E[G_k] = alpha_k grad J1, on ${prompts} prompts with J1 from 1e-4 to 1 - 1e-4:`;
  if (!complete) return `${claim}\n  the run was cut short, so there is no verdict.`;
  const { agree, inconclusive, disagree } = slopeCount;
  return (
    `${claim}\n  ${agree} slopes agree (a deviation of 10 % would have been seen), ${disagree} disagree,\n` +
    `  ${inconclusive} are inconclusive: they need more groups${LARGER[preset] ?? ''}.`
  );
}

/** Rows estimators, columns k: prompts whose slope agrees, and the largest |z| among all. */
function slopesTable({ problems, notDefined }: RelationResult): string {
  const prompts = problems.flatMap((problem) => problem.prompts);
  const slopes = prompts.flatMap((prompt) => prompt.slopes);
  const ks = [...new Set(slopes.map(({ k }) => k))].sort((a, b) => (a ?? 0) - (b ?? 0));
  const ids = [...new Set(slopes.map(({ estimator }) => estimator))];
  const table = plainTable(
    ['', ...ks.map((k) => (k === null ? 'k-free' : `k = ${k}`))],
    ids.map((id) => [
      `  ${id}`,
      ...ks.map((k) => slopeCell(slopes.filter((slope) => slope.estimator === id && slope.k === k))),
    ]),
  );
  const dropped = notDefined.map(
    ({ estimator, k, reason }) => `  not defined: ${estimator}${k === null ? '' : ` k = ${k}`}, ${reason}`,
  );
  const heading = `Of ${prompts.length} prompts, how many agree (largest |z| of all; where weights are rare z is far from normal):`;
  return [heading, table, ...dropped].join('\n');
}

function slopeCell(slopes: readonly SlopeCheck[]): string {
  if (slopes.length === 0) return '-';
  const agree = slopes.filter(({ verdict }) => verdict === 'agree').length;
  const disagree = slopes.filter(({ verdict }) => verdict === 'disagree').length;
  const largest = Math.max(...slopes.map(({ z }) => Math.abs(z ?? 0)));
  return `${agree} (${largest.toFixed(1)})${disagree > 0 ? ` ${disagree} DISAGREE` : ''}`;
}

function controlsTable(controls: readonly ControlResult[]): string {
  return plainTable(
    ['Deliberate mistakes that must be seen', 'power', 'p', 'seen'],
    controls.map(({ description, power, pValue, flagged }) => [
      `  ${description}`,
      power > 0.999999 ? '>0.999999' : power.toFixed(6),
      formatNumber(pValue),
      flagged ? 'yes' : power > 0.999999 ? 'NO' : 'no power',
    ]),
  );
}

function throughputLine({ description, rows }: ThroughputResult): string {
  const rates = rows.map(({ level, tokensPerSecond }) => `${level} ${formatCount(tokensPerSecond)}`);
  return `Tokens per second by tally level: ${rates.join(', ')}\n  (${description})`;
}

function timingLine({ timings, durationMs }: Report): string {
  const parts = [
    `compile ${formatDuration(timings.compileMs)}`,
    `upload ${formatDuration(timings.uploadMs)}`,
    `first runs ${formatDuration(timings.firstRunMs)}`,
    `steady ${formatDuration(timings.steadyMs)}`,
    `readback ${formatDuration(timings.readbackMs)}`,
  ];
  return `Time ${formatDuration(durationMs)}: ${parts.join(', ')}.`;
}

/** Contract: the last line counts what is inconclusive. */
function lastLine(report: Report, strictness: 'strict' | 'lenient'): string {
  if (report.outcome === 'incomplete') return 'INCOMPLETE: the run was cut short.';
  const verdicts = verdictsOf(report);
  if (verdicts.length === 0) return 'OK: nothing was compared with samples, 0 inconclusive.';
  const inconclusive = countVerdicts(verdicts, 'inconclusive');
  const open = `${inconclusive} inconclusive`;
  if (report.outcome === 'disagrees') {
    return `NOT OK: something disagrees, a mistake was not seen, or too few slopes were decided; ${open}.`;
  }
  if (strictness === 'strict' && inconclusive > 0) return `NOT OK (--strict): ${open}.`;
  return `OK: nothing disagrees; ${countVerdicts(verdicts, 'agree')} agree, ${open}.`;
}
