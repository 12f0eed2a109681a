/**
 * A report for a terminal at length (--verbose): what each experiment found, then what it rests on. Renders only what the report holds.
 */
import type { Experiment, ExperimentResult } from '../../lab/experiment.ts';
import { reached } from '../../lab/suite/experiments.ts';
import type { Report } from '../../lab/suite/report.ts';
import { checkedLine, checkTables } from '../../lab/suite/views.ts';
import { formatCount, formatDuration } from '../../view/format.ts';
import { sectionText, tableText } from './section.ts';
import { lastLine } from './summary.ts';

export function terminalSummary(report: Report, strictness: 'strict' | 'lenient' = 'lenient'): string {
  return [
    heading(report),
    ...reached(report).map(({ experiment, result }) =>
      result.complete === false
        ? cutShortLine(experiment, result)
        : sectionText(experiment.summary(result, report.config)),
    ),
    ...checkTables(report).map(tableText),
    timingLine(report),
    lastLine(report, strictness),
  ].join('\n\n');
}

/** Tables of what was hardly begun would be tables of zeros. */
function cutShortLine({ name }: Experiment, { tokenCount = 0 }: ExperimentResult): string {
  return `${name}: cut short after ${formatCount(tokenCount)} tokens, so nothing is judged; the report has what was measured.`;
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
  const checked = checkedLine(report.engine);
  return (
    `passk-bench, preset ${config.preset}${sampled.length > 0 ? `, seed ${config.seed}, n = ${config.groupSize}` : ''}\n` +
    `${environment.runtime} on ${environment.adapter}${kind}${amount}${recovered}` +
    (checked === null ? '' : `\n${checked}`)
  );
}

function timingLine({ timings, durationMs }: Report): string {
  const { compileMs, uploadMs, firstRunMs, steadyMs, readbackMs } = timings;
  const stages: readonly (readonly [string, number])[] = [
    ['compile', compileMs],
    ['upload', uploadMs],
    ['first runs', firstRunMs],
    ['steady', steadyMs],
    ['readback', readbackMs],
  ];
  // An engine on the host's own threads has no compiling, uploading or reading back.
  const parts = stages.filter(([, ms]) => ms > 0).map(([name, ms]) => `${name} ${formatDuration(ms)}`);
  return `Time ${formatDuration(durationMs)}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`;
}
