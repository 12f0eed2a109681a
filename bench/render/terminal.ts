/**
 * A report for a terminal: the answer first, then what it rests on, in one screen. Renders only what the report holds.
 */
import type {
  CheckSummary,
  RelationResult,
  Report,
  SlopeCheck,
  ThroughputResult,
} from '../../src/experiment/result.ts';
import { formatCount, formatDuration, formatNumber } from '../../src/experiment/format.ts';
import { plainTable } from './plainTable.ts';

export function terminalSummary(report: Report, strictness: 'strict' | 'lenient' = 'lenient'): string {
  const { relation, throughput } = report;
  return [
    heading(report),
    ...(relation ? relationParts(relation) : []),
    ...(throughput && throughput.rows.length > 0 ? [throughputLine(throughput)] : []),
    timingLine(report),
    lastLine(report, strictness),
  ].join('\n\n');
}

function heading({ config, environment, relation, recoveryCount }: Report): string {
  const kind = environment.software === null ? '' : environment.software ? ' (software)' : ' (hardware)';
  const sampled = relation
    ? `; ${formatCount(relation.tokenCount)} tokens sampled in ${formatDuration(relation.samplingMs)}`
    : '';
  const recovered = recoveryCount > 0 ? `; a fresh host took over ${recoveryCount} times` : '';
  return (
    `passk-bench, preset ${config.preset}${relation ? `, seed ${config.seed}, n = ${config.groupSize}` : ''}\n` +
    `${environment.runtime} on ${environment.adapter}${kind}${sampled}${recovered}`
  );
}

function relationParts(relation: RelationResult): string[] {
  const hasSlopes = relation.problems.some(({ prompts }) => prompts.some(({ slopes }) => slopes.length > 0));
  return [relationAnswer(relation), ...(hasSlopes ? [slopesTable(relation)] : []), relationChecks(relation)];
}

function relationAnswer({ complete, problems, slopeCount }: RelationResult): string {
  const prompts = problems.reduce((sum, problem) => sum + problem.prompts.length, 0);
  const claim = `Theorem 3.1, E[G_k] = alpha_k grad J1, on ${prompts} prompts with J1 from 1e-4 to 1 - 1e-4:`;
  if (!complete) return `${claim}\n  the run was cut short, so there is no verdict.`;
  const { agree, inconclusive, disagree } = slopeCount;
  return (
    `${claim}\n  ${agree} slopes agree (a deviation of 10 % would have been seen), ${disagree} disagree,\n` +
    `  ${inconclusive} are inconclusive: they need more groups (--preset standard, full).`
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

function relationChecks({ families, controls, aggregate }: RelationResult): string {
  const familyTable = plainTable(
    ['All checks, one false alarm in 1000 honest runs', 'comparisons', 'smallest p <=', 'rejected'],
    families.map((family) => [
      `  ${family.question}`,
      String(family.comparisons),
      formatNumber(family.smallestPValue),
      rejection(family),
    ]),
  );
  const controlTable = plainTable(
    ['Deliberate mistakes that must be seen', 'power', 'p', 'seen'],
    controls.map(({ description, power, pValue, flagged }) => [
      `  ${description}`,
      power > 0.999999 ? '>0.999999' : power.toFixed(6),
      formatNumber(pValue),
      flagged ? 'yes' : power > 0.999999 ? 'NO' : 'no power',
    ]),
  );
  const opposing = aggregate.rows.find(({ k }) => k === 8) ?? aggregate.rows[aggregate.rows.length - 1];
  const limit =
    `Limit of the theorem (exact): it holds per prompt. Averaged over\n  ${aggregate.description},\n` +
    `  the gradients of J_${opposing.k} and J_1 have cosine ${formatNumber(opposing.cosine)}: they oppose each other.`;
  return [
    ...(families.length > 0 ? [familyTable] : []),
    ...(controls.length > 0 ? [controlTable] : []),
    limit,
  ].join('\n\n');
}

function rejection({ rejected, comparisons }: CheckSummary): string {
  if (comparisons === 0) return 'not run';
  return rejected === 0 ? 'none' : `${rejected} REJECTED`;
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
function lastLine({ outcome, relation }: Report, strictness: 'strict' | 'lenient'): string {
  if (outcome === 'incomplete') return 'INCOMPLETE: the run was cut short.';
  if (!relation) return 'OK: nothing was compared, 0 inconclusive.';
  const open = `${relation.slopeCount.inconclusive} inconclusive`;
  if (outcome === 'disagrees') {
    return `NOT OK: something disagrees, a mistake was not seen, or too few slopes were decided; ${open}.`;
  }
  if (strictness === 'strict' && relation.slopeCount.inconclusive > 0) return `NOT OK (--strict): ${open}.`;
  return `OK: nothing disagrees; ${open}.`;
}
