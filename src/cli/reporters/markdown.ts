/** A report as Markdown: the claims table, and what does not stand. */
import type { Report } from '../../lab/suite/report.ts';
import { sectionMarkdown } from '../../view/markdown.ts';
import { table, type Section } from '../../view/section.ts';
import { summaryLines } from '../render/summary.ts';
import { casesOf } from './cases.ts';

export function reportSection(report: Report): Section {
  const [first, check, outcome] = summaryLines(report, 'lenient');
  const failed = casesOf(report).filter((entry) => entry.outcome === 'failed');
  return {
    title: 'passk-bench',
    parts: [
      outcome,
      first,
      check,
      table(
        'Claims',
        ['verdict', 'claim', 'source', 'decided', 'what was found'],
        report.claims.map(({ verdict, title, formula, source, decided, total, kind, words }) => [
          verdict,
          `${title}: ${formula}`,
          source,
          `${decided} of ${total}, ${kind}`,
          words,
        ]),
      ),
      ...(failed.length > 0
        ? [
            table(
              'What does not stand',
              ['', 'which', 'found'],
              failed.map(({ suite, name, words }) => [suite, name, words]),
            ),
          ]
        : []),
    ],
  };
}

export const reportMarkdown = (report: Report): string => sectionMarkdown(reportSection(report));
