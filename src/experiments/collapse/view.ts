/** Theorem 3.2: the gap along training, the readings of its second part, and the modes that survive. */
import {
  charted,
  cutShort,
  figurePart,
  sentence,
  table,
  type Section,
  type Table,
} from '../../view/section.ts';
import { verdictWords } from '../../view/verdicts.ts';
import { formatConcise, formatNumber, formatShare } from '../../view/format.ts';
import { leftOut } from '../../lab/trainedTables.ts';
import { collapseShown, gapFigure } from './figures.ts';
import type { CollapseResult, KeptCell } from './result.ts';

export function collapseView(result: CollapseResult): Section {
  const { cases, statements, curves, kept, findings, notDefined, description } = result;
  const title = 'Does training collapse onto one mode?';
  if (cases.length === 0) return cutShort(title);
  const k = curves.at(0)?.k ?? 1;
  const numbers = [
    table(
      '“An update on a batch without M2 never lowers the mass of M1”, reading by reading',
      ['samples weighted', 'read as', 'holds', 'fails', 'open', 'of these sampled', 'known of every policy'],
      statements.map(({ rule, statement, holds, fails, open, sampled, law }) => [
        rule,
        statement,
        String(holds),
        String(fails),
        String(open),
        sampled === 0 ? 'none' : String(sampled),
        law,
      ]),
    ),
    table(
      'Each case: batches without M2 that lower π(M1), mean change at rate 1 (exact, and as sampled), and its first-order value',
      [
        'case',
        'chance to find M2: exact',
        'measured',
        'n eps',
        'rule',
        'lowering',
        'worst batch tried',
        'mean change',
        'sampled',
        'first order',
      ],
      cases.flatMap(({ id, discovery, cells }) =>
        cells.map(({ rule, loweringShare, worst, meanChange, exactChange, firstOrder }) => [
          id,
          formatNumber(discovery.exact),
          formatConcise(discovery.measured.value, discovery.measured.standardError),
          formatNumber(discovery.bound),
          rule,
          loweringShare ? `${(100 * loweringShare.value).toFixed(2)} %` : '–',
          worst.finiteStep.change < 0
            ? `${formatNumber(worst.finiteStep.change)}: ${worst.finiteStep.words}`
            : 'none lowers it',
          exactChange === null ? 'not enumerated' : formatNumber(exactChange),
          meanChange ? formatConcise(meanChange.value, meanChange.standardError) : '–',
          formatNumber(firstOrder),
        ]),
      ),
    ),
    table(
      `Replicas that end with one mode (${description})`,
      ['estimator', 'n', 'eps', 'one mode (99.9 %)', 'rare mode at the end', 'J1 at the end'],
      kept.map(({ estimator, k: own, groupSize, rareProb, oneMode, rareAtEnd, successAtEnd }) => [
        own === null ? estimator : `${estimator} k = ${own}`,
        String(groupSize),
        String(rareProb),
        formatShare(oneMode),
        formatNumber(rareAtEnd),
        formatNumber(successAtEnd),
      ]),
    ),
  ];
  return charted(
    title,
    [
      `The gap pass@${k} − pass@1 along training, mean over replicas: points measured, solid lines exact (δ − δ^k with ` +
        'δ = 1 − J1), dashed what it would be with δ = 1 − π(M1).',
      ...findings.map(sentence),
      ...leftOut(notDefined).map(sentence),
    ],
    figurePart(gapFigure, collapseShown(result)),
    numbers,
  );
}

export function collapseSummary(result: CollapseResult): Section {
  const { cases, statements, curves, kept, findings, description, notDefined } = result;
  if (cases.length === 0) return { title: 'Theorem 3.2, exploration collapse: cut short.', parts: [] };
  const rules = [...new Set(statements.map(({ rule }) => rule))];
  const readings = [...new Set(statements.map(({ statement }) => statement))];
  const readingTable = table(
    '',
    ['samples weighted', ...readings],
    rules.map((rule) => [
      rule,
      ...readings.map((reading) => {
        const found = statements.find((entry) => entry.rule === rule && entry.statement === reading);
        return found ? `${found.holds} hold, ${found.fails} fail, ${found.open} open` : '-';
      }),
    ]),
  );
  return {
    title: 'Theorem 3.2, exploration collapse',
    parts: [
      `(${description}):`,
      ...(statements.length > 0
        ? [
            `(2) "An update on a batch without M2 never lowers the mass of M1", in ${cases.length} cases (decided by theory and enumeration, ` +
              `but for ${statements.reduce((sum, { sampled }) => sum + sampled, 0)} means at a finite step, by samples):`,
            readingTable,
            ...statements
              .filter(({ statement }) => statement !== 'in mean, finite step')
              .map(({ rule, statement, law }) => `${rule}, ${statement}: ${law}.`),
          ]
        : ['Cut short: nothing is said of its second part.']),
      ...findings.map((finding) => `${finding}.`),
      `Discovery of M2: ${verdictWords(cases.map(({ discovery }) => discovery))}. ` +
        `Gaps along training: ${verdictWords(curves.flatMap(({ points }) => points))}.`,
      ...(kept.length > 0 ? [keptTable(kept)] : []),
      ...leftOut(notDefined).map((line) => `${line}.`),
    ],
  };
}

/** At the largest group size; the report and the page have the others. */
function keptTable(kept: CollapseResult['kept']): Table {
  const rares = [...new Set(kept.map(({ rareProb }) => rareProb))];
  const most = Math.max(...kept.map(({ groupSize }) => groupSize));
  const shown = kept.filter(({ groupSize }) => groupSize === most);
  const nameOf = ({ estimator, k }: KeptCell): string => (k === null ? estimator : `${estimator} k=${k}`);
  return table(
    '',
    [`replicas that end with one mode, n = ${most} (99.9 %)`, ...rares.map((eps) => `eps = ${eps}`)],
    [...new Set(shown.map(nameOf))].map((name) => [
      name,
      ...rares.map((eps) => {
        const cell = shown.find((entry) => nameOf(entry) === name && entry.rareProb === eps);
        return cell ? formatShare(cell.oneMode) : '-';
      }),
    ]),
  );
}
