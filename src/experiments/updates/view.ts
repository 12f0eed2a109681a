/** Whether the update kernel is right, and how fast it is. */
import { leftOut } from '../../lab/trainedTables.ts';
import { table, type Section, type Table } from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatCount, formatNumber } from '../../view/format.ts';
import type { UpdateRate, UpdatesResult } from './result.ts';

export function updatesView({ cells, replicas, rates, description }: UpdatesResult): Section {
  const agreeing = cells.filter(({ verdict }) => verdict === 'agree').length;
  const numbers = [
    table(
      'First gradients: mean over replicas along ∇J1 (standard error in the last digits) and exact',
      ['estimator', 'k', 'problem', 'measured', 'exact', 'verdict'],
      cells.map(({ estimator, k, problem, measured, exact, verdict }) => [
        estimator,
        k === null ? '–' : String(k),
        problem,
        formatConcise(measured.value, measured.standardError),
        formatNumber(exact),
        verdict,
      ]),
    ),
    table(
      'Many steps, kernel against twin: two-sample tests over replicas',
      ['workload', 'replicas', 'J1: Kolmogorov-Smirnov p', 'modes kept: chi-square p'],
      replicas.map(({ description: words, replicaCount, successPValue, modesPValue }) => [
        words,
        String(replicaCount),
        formatNumber(successPValue),
        formatNumber(modesPValue),
      ]),
    ),
  ];
  return {
    title: 'Does the update kernel train as theory says, and how fast?',
    parts: [
      `${agreeing} of ${cells.length} mean first gradients agree with their exact law (${description}). ` +
        'Kernel and twin are timed in this run; the twin is one thread of plain TypeScript.',
      rateTable('Replica-updates per second', rates),
      { kind: 'fold', title: 'Numbers', parts: numbers },
    ],
  };
}

export function updatesSummary({ cells, replicas, rates, notDefined, description }: UpdatesResult): Section {
  const largest = Math.max(0, ...cells.map(({ z }) => Math.abs(z ?? 0)));
  return {
    title: `The update kernel (${description}):`,
    parts: [
      `mean first gradients ${verdictWords(cells)}, largest |z| ${largest.toFixed(1)}.`,
      ...(replicas.length > 0 ? ['Many steps against the twin, two-sample tests:'] : []),
      ...replicas.map(
        ({ description: words, successPValue, modesPValue }) =>
          `${words}: J1 p = ${formatNumber(successPValue)}, modes kept p = ${formatNumber(modesPValue)}`,
      ),
      ...(rates.length > 0 ? [rateTable('', rates)] : []),
      ...leftOut(notDefined).map((line) => `${line}.`),
    ],
  };
}

/** A row for each workload and engine; the ratio is to the twin, by the clock. */
function rateTable(title: string, rates: readonly UpdateRate[]): Table {
  return table(
    title,
    ['replica-updates', 'engine', 'per second', 'per CPU-second', 'tokens/s', 'TypeScript, 1 core', 'ratio'],
    rates.map((rate) => [
      rate.description,
      rate.engine,
      formatCount(rate.updatesPerSecond),
      rate.updatesPerCpuSecond === null ? '–' : formatCount(rate.updatesPerCpuSecond),
      formatCount(rate.tokensPerSecond),
      formatCount(rate.twinUpdatesPerSecond),
      rate.ratio.toFixed(1),
    ]),
  );
}
