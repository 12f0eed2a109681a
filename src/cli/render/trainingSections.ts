/** The experiments that train, each as a few lines for a terminal. */
import { formatCount, formatNumber } from '../../view/format.ts';
import type { CrossoverCurve, CrossoverResult } from '../../experiments/crossover/result.ts';
import type { ObjectivesResult } from '../../experiments/objectives/result.ts';
import type { CollapseResult, KeptCell } from '../../experiments/collapse/result.ts';
import type { UpdatesResult } from '../../experiments/updates/result.ts';
import { leftOut } from '../../lab/trainedTables.ts';
import { plainTable } from './plainTable.ts';
import { tally, wrapped } from './sections.ts';

export function updatesSection({ cells, replicas, rates, notDefined, description }: UpdatesResult): string {
  const largest = Math.max(0, ...cells.map(({ z }) => Math.abs(z ?? 0)));
  const tests = replicas
    .map(
      ({ description: words, successPValue, modesPValue }) =>
        `  ${words}: J1 p = ${formatNumber(successPValue)}, modes kept p = ${formatNumber(modesPValue)}`,
    )
    .join('\n');
  const table = plainTable(
    ['  replica-updates per second', 'updates/s', 'tokens/s', 'TypeScript, 1 core', 'ratio'],
    rates.map(({ description: words, updatesPerSecond, tokensPerSecond, twinUpdatesPerSecond, ratio }) => [
      `  ${words}`,
      formatCount(updatesPerSecond),
      formatCount(tokensPerSecond),
      formatCount(twinUpdatesPerSecond),
      ratio.toFixed(1),
    ]),
  );
  return [
    `The update kernel (${description}):\n  mean first gradients ${tally(cells)}, largest |z| ${largest.toFixed(1)}.`,
    ...(replicas.length > 0 ? ['  Many steps against the CPU twin, two-sample tests:', tests] : []),
    ...(rates.length > 0 ? [table] : []),
    ...leftOut(notDefined).map((line) => wrapped(`  ${line}.`)),
  ].join('\n');
}

export function collapseSection({
  cases,
  statements,
  curves,
  kept,
  findings,
  description,
  notDefined,
}: CollapseResult): string {
  if (cases.length === 0) return 'Theorem 3.2, exploration collapse: cut short.';
  const rules = [...new Set(statements.map(({ rule }) => rule))];
  const readings = [...new Set(statements.map(({ statement }) => statement))];
  const table = plainTable(
    ['  samples weighted', ...readings],
    rules.map((rule) => [
      `  ${rule}`,
      ...readings.map((reading) => {
        const found = statements.find((entry) => entry.rule === rule && entry.statement === reading);
        return found ? `${found.holds} hold, ${found.fails} fail, ${found.open} open` : '-';
      }),
    ]),
  );
  const conditions = statements
    .filter(({ fails }) => fails > 0)
    .map(({ rule, statement, condition }) => wrapped(`  ${rule}, ${statement}: ${condition}.`));
  const rares = [...new Set(kept.map(({ rareProb }) => rareProb))];
  // The report and the page have the other group sizes.
  const most = Math.max(...kept.map(({ groupSize }) => groupSize));
  const shown = kept.filter(({ groupSize }) => groupSize === most);
  const nameOf = ({ estimator, k }: KeptCell): string => (k === null ? estimator : `${estimator} k=${k}`);
  const names = [...new Set(shown.map(nameOf))];
  const keptTable = plainTable(
    [`  replicas that end with one mode, n = ${most}`, ...rares.map((eps) => `eps = ${eps}`)],
    names.map((name) => [
      `  ${name}`,
      ...rares.map((eps) => {
        const cell = shown.find((entry) => nameOf(entry) === name && entry.rareProb === eps);
        return cell ? `${Math.round(100 * cell.oneMode.value)} %` : '-';
      }),
    ]),
  );
  return [
    `Theorem 3.2, exploration collapse\n  (${description}):`,
    ...(statements.length > 0
      ? [`  "An update on a batch without M2 never lowers the mass of M1", in ${cases.length} cases:`, table]
      : ['  Cut short: nothing is said of its second part.']),
    ...conditions,
    ...findings.map((finding) => wrapped(`  ${finding}.`)),
    `  Discovery of M2: ${tally(cases.map(({ discovery }) => discovery))}. ` +
      `Gaps along training: ${tally(curves.flatMap(({ points }) => points))}.`,
    ...(kept.length > 0 ? [keptTable] : []),
    ...leftOut(notDefined).map((line) => wrapped(`  ${line}.`)),
  ].join('\n');
}

export function objectivesSection({
  workloads,
  findings,
  description,
  notDefined,
}: ObjectivesResult): string {
  const names = workloads.at(0)?.curves.map(({ objective }) => objective) ?? [];
  const table = plainTable(
    [
      '  objective',
      ...workloads.flatMap(({ id, k, modeCount }) => [
        `${id} pass@1`,
        `pass@${k}`,
        'entropy',
        `modes/${modeCount}`,
        'steps',
      ]),
    ],
    names.map((name) => [
      `  ${name}`,
      ...workloads.flatMap(({ curves }) => {
        const curve = curves.find(({ objective }) => objective === name);
        const end = curve?.points.at(-1);
        if (!curve || !end) return ['-', '-', '-', '-', '-'];
        return [
          end.passAt1.median.toFixed(3),
          end.passAtK.median.toFixed(3),
          end.entropy.median.toFixed(2),
          end.modes.median.toFixed(1),
          curve.stepsToTarget === null ? '-' : String(curve.stepsToTarget),
        ];
      }),
    ]),
  );
  return [
    `Objectives (${description}): medians at the end, modes kept, steps to pass@1 ${workloads.at(0)?.target ?? ''}`,
    ...(names.length > 0 ? [table] : []),
    ...findings.map((finding) => wrapped(`  ${finding}.`)),
    ...leftOut(notDefined).map((line) => wrapped(`  ${line}.`)),
  ].join('\n');
}

export function crossoverSection({
  workloads,
  curves,
  findings,
  description,
  notDefined,
}: CrossoverResult): string {
  const names = [...new Set(curves.map(({ objective }) => objective))];
  const cell = (curve: CrossoverCurve | undefined): string => {
    if (!curve) return '-';
    if (!curve.overtakesAtK) return '-';
    return `${Math.round(curve.overtakesAtK.median)} (${Math.round(100 * curve.overtaken.value)} %)`;
  };
  return [
    `Crossover (${description}):\n  least k up to 1024 at which the initial policy is ahead by half a point: median over the replicas\n  in which it ever is (their share; - where in none)`,
    plainTable(
      ['  trained with', ...workloads.map(({ id }) => id)],
      names.map((name) => [
        `  ${name}`,
        ...workloads.map(({ id }) =>
          cell(curves.find(({ objective, workload }) => objective === name && workload === id)),
        ),
      ]),
    ),
    ...findings.map((finding) => wrapped(`  ${finding}.`)),
    ...leftOut(notDefined).map((line) => wrapped(`  ${line}.`)),
  ].join('\n');
}
