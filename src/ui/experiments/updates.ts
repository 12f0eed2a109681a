/** Whether the update kernel is right, and how fast it is. */
import { formatConcise, formatCount, formatNumber } from '../../view/format.ts';
import type { UpdatesResult } from '../../experiments/updates/result.ts';
import { element } from '../dom.ts';
import { framedTable } from '../tables.ts';
import type { Section } from './section.ts';

export function updatesSection({ cells, replicas, rates, description }: UpdatesResult): Section {
  const agreeing = cells.filter(({ verdict }) => verdict === 'agree').length;
  const numbers = element(
    'details',
    {},
    element('summary', {}, 'Numbers'),
    framedTable(
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
    framedTable(
      'Many steps, kernel against twin: two-sample tests over replicas',
      ['workload', 'replicas', 'J1: Kolmogorov-Smirnov p', 'modes kept: chi-square p'],
      replicas.map(({ description: words, replicaCount, successPValue, modesPValue }) => [
        words,
        String(replicaCount),
        formatNumber(successPValue),
        formatNumber(modesPValue),
      ]),
    ),
  );
  const node = element(
    'section',
    { class: 'experiment' },
    element('h2', {}, 'Does the update kernel train as theory says, and how fast?'),
    element(
      'p',
      {},
      `${agreeing} of ${cells.length} mean first gradients agree with their exact law (${description}). ` +
        'Kernel and CPU twin are timed in this run; the twin is one thread of plain TypeScript.',
    ),
    framedTable(
      'Replica-updates per second',
      ['workload', 'updates/s', 'tokens/s', 'twin, updates/s', 'ratio'],
      rates.map(({ description: words, updatesPerSecond, tokensPerSecond, twinUpdatesPerSecond, ratio }) => [
        words,
        formatCount(updatesPerSecond),
        formatCount(tokensPerSecond),
        formatCount(twinUpdatesPerSecond),
        ratio.toFixed(1),
      ]),
    ),
    numbers,
  );
  return { node, redraw: () => undefined };
}
