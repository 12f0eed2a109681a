/** A diagnosis for a terminal. */
import type { DiagnosisReport } from '../../diagnose/report.ts';
import { diagnosisTables, findingsOf, methodsLine, sourcesLine } from '../../diagnose/tables.ts';
import { tableText, wrapped } from './section.ts';

export function diagnosisText(report: DiagnosisReport): string {
  return [
    sourcesLine(report),
    findingsOf(report)
      .map((finding) => wrapped(`  ${finding}.`))
      .join('\n'),
    ...diagnosisTables(report).map((table) =>
      tableText({ ...table, title: wrapped(table.title).trimStart() }),
    ),
    methodsLine(report)
      .map((line) => wrapped(`  ${line}.`))
      .join('\n'),
  ].join('\n\n');
}
