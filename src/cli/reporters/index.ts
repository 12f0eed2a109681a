/** `--reporter junit=FILE,markdown=FILE,github`: what a run leaves for machines, beside its report. */
import { InputError, printable, shown } from '../../input/inputError.ts';
import type { Report } from '../../lab/suite/report.ts';
import { dirname } from 'node:path';
import { requireWritable, saveFile } from '../results.ts';
import { annotations, writeStepSummary } from './github.ts';
import { junitXml } from './junit.ts';
import { reportMarkdown } from './markdown.ts';

export interface Reporters {
  readonly junit: string | null;
  readonly markdown: string | null;
  readonly github: boolean;
}

const KINDS = 'junit=FILE, markdown=FILE, github';

/**
 * @param texts the flag's values, each a list separated by commas
 * @param isAction whether GitHub runs this: its reporter is on by itself
 * @throws InputError
 */
export function readReporters(texts: readonly string[], isAction: boolean): Reporters {
  let reporters: Reporters = { junit: null, markdown: null, github: isAction };
  for (const entry of texts.flatMap((text) => text.split(','))) {
    const [kind, ...rest] = entry.split('=');
    const file = rest.join('=');
    if (kind === 'github' && rest.length === 0) reporters = { ...reporters, github: true };
    else if ((kind === 'junit' || kind === 'markdown') && file !== '')
      reporters = { ...reporters, [kind]: file };
    else throw new InputError('--reporter', KINDS, shown(printable(entry, 100)));
  }
  return reporters;
}

/** Before the work: a place that cannot be written is found now. @throws InputError */
export function requireReporters({ junit, markdown }: Reporters): void {
  for (const file of [junit, markdown]) if (file !== null) requireWritable(dirname(file));
}

/** @param print where annotations go: GitHub reads both outputs */
export function writeReporters(
  { junit, markdown, github }: Reporters,
  report: Report,
  print: (line: string) => void,
): void {
  if (junit !== null) saveFile(junit, '--reporter junit', junitXml(report));
  if (markdown !== null) saveFile(markdown, '--reporter markdown', `${reportMarkdown(report)}\n`);
  if (!github) return;
  for (const line of annotations(report)) print(line);
  writeStepSummary(report, process.env.GITHUB_STEP_SUMMARY);
}
