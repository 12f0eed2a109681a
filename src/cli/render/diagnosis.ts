/** A diagnosis for a terminal. */
import type { DiagnosisReport } from '../../diagnose/report.ts';
import { diagnosisTables, findingsOf, methodsLine, sourcesLine } from '../../diagnose/tables.ts';
import { plainTable } from './plainTable.ts';
import { wrapped } from './section.ts';

export function diagnosisText(report: DiagnosisReport): string {
  return [
    sourcesLine(report),
    findingsOf(report)
      .map((finding) => wrapped(`  ${finding}.`))
      .join('\n'),
    ...diagnosisTables(report).map(
      ({ title, head, rows }) =>
        `${wrapped(title).trimStart()}\n${plainTable(
          [`  ${head[0]}`, ...head.slice(1)],
          rows.map(([first, ...rest]) => [`  ${first}`, ...rest]),
        )}`,
    ),
    methodsLine(report)
      .map((line) => wrapped(`  ${line}.`))
      .join('\n'),
  ].join('\n\n');
}
