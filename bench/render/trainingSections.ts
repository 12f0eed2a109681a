/** The experiments that train, each as a few lines for a terminal. */
import { formatCount, formatNumber } from '../../src/experiment/format.ts';
import type {
  CollapseResult,
  CrossoverCurve,
  CrossoverResult,
  ObjectivesResult,
  UpdatesResult,
} from '../../src/experiment/trainingResult.ts';
import type { Band } from '../../src/stats/quantiles.ts';
import { plainTable } from './plainTable.ts';
import { tally, wrapped } from './sections.ts';

export function updatesSection({ cells, replicas, rates, description }: UpdatesResult): string {
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
    `The update kernel (${description}): mean first gradients ${tally(cells)}, largest |z| ${largest.toFixed(1)}.`,
    ...(replicas.length > 0 ? ['  Many steps against the CPU twin, two-sample tests:', tests] : []),
    ...(rates.length > 0 ? [table] : []),
  ].join('\n');
}

export function collapseSection({ cases, statements, curves, kept, findings, description }: CollapseResult): string {
  if (cases.length === 0) return 'Theorem 3.2, exploration collapse: cut short.';
  const table = plainTable(
    ['  samples weighted', 'read as', 'holds', 'fails', 'open'],
    statements.map(({ rule, statement, holds, fails, open }) => [
      `  ${rule}`,
      statement,
      String(holds),
      String(fails),
      String(open),
    ]),
  );
  const conditions = statements
    .filter(({ fails }) => fails > 0)
    .map(({ rule, statement, condition }) => wrapped(`  ${rule}, ${statement}: ${condition}.`));
  const rares = [...new Set(kept.map(({ rareProb }) => rareProb))];
  const sizes = [...new Set(kept.map(({ groupSize }) => groupSize))];
  const names = [...new Set(kept.map(({ estimator }) => estimator))];
  const keptTable = plainTable(
    ['  replicas that end with one mode', ...sizes.flatMap((n) => rares.map((eps) => `n=${n} ${eps}`))],
    names.map((name) => [
      `  ${name}`,
      ...sizes.flatMap((n) =>
        rares.map((eps) => {
          const cell = kept.find(
            ({ estimator, groupSize, rareProb }) => estimator === name && groupSize === n && rareProb === eps,
          );
          return cell ? `${Math.round(100 * cell.oneMode.value)} %` : '-';
        }),
      ),
    ]),
  );
  return [
    `Theorem 3.2, exploration collapse (${description}):`,
    `  "An update on a batch without M2 never lowers the mass of M1", in ${cases.length} cases:`,
    table,
    ...conditions,
    ...findings.map((finding) => wrapped(`  ${finding}.`)),
    `  Discovery of M2: ${tally(cases.map(({ discovery }) => discovery))}. ` +
      `Gaps along training: ${tally(curves.flatMap(({ points }) => points))}.`,
    ...(kept.length > 0 ? [keptTable] : []),
  ].join('\n');
}

const bandText = ({ median, low, high }: Band, digits: number): string =>
  `${median.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;

export function objectivesSection({ workloads, findings, description }: ObjectivesResult): string {
  return [
    `Objectives (${description}): medians at the end, middle 80 % of replicas`,
    ...workloads.map(({ id, description: words, curves, k, modeCount, target }) =>
      plainTable(
        [
          `  ${id}: ${words}`.slice(0, 40),
          'pass@1',
          `pass@${k}`,
          'entropy',
          `modes of ${modeCount}`,
          `steps to ${target}`,
        ],
        curves.map(({ objective, points, stepsToTarget }) => {
          const end = points[points.length - 1];
          return [
            `  ${objective}`,
            bandText(end.passAt1, 3),
            bandText(end.passAtK, 3),
            bandText(end.entropy, 2),
            bandText(end.modes, 1),
            stepsToTarget === null ? '-' : String(stepsToTarget),
          ];
        }),
      ),
    ),
    ...findings.map((finding) => wrapped(`  ${finding}.`)),
  ].join('\n');
}

export function crossoverSection({ workloads, curves, findings, description }: CrossoverResult): string {
  const names = [...new Set(curves.map(({ objective }) => objective))];
  const cell = (curve: CrossoverCurve | undefined): string => {
    if (!curve) return '-';
    if (!curve.overtakesAtK) return 'never';
    return `${Math.round(curve.overtakesAtK.median)} (${Math.round(100 * curve.overtaken.value)} %)`;
  };
  return [
    `Crossover (${description}): least k at which the initial policy wins, median (share of replicas)`,
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
  ].join('\n');
}
