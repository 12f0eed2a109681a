/** GitHub Actions: annotations as workflow commands, and the claims in the step's summary. */
import { appendFileSync } from 'node:fs';
import type { Report } from '../../lab/suite/report.ts';
import { casesOf } from './cases.ts';
import { reportMarkdown } from './markdown.ts';

/** GitHub shows no more of a kind. */
const MOST_ANNOTATIONS = 10;
/** A step's summary may be 1 MiB. */
const MOST_SUMMARY_BYTES = 2 ** 20 - 2 ** 10;

/** The text of a command's message. */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
/** A property of a command. */
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** `::error` for what disagrees, `::warning` for a missed plan and for what could not be checked; at most ten of each. */
export function annotations(report: Report): string[] {
  const cases = casesOf(report);
  const errors = cases.filter(({ outcome, suite }) => outcome === 'failed' && suite !== 'plans');
  const warnings = cases.filter(
    ({ outcome, suite }) =>
      (outcome === 'failed' && suite === 'plans') || (outcome === 'skipped' && suite === 'engines'),
  );
  const lines = (kind: 'error' | 'warning', own: typeof cases): string[] => {
    const shown = own.slice(0, own.length > MOST_ANNOTATIONS ? MOST_ANNOTATIONS - 1 : MOST_ANNOTATIONS);
    const rest = own.length - shown.length;
    return [
      ...shown.map(
        ({ name, words }) => `::${kind} title=${property(`passk-bench: ${name}`)}::${data(words)}`,
      ),
      ...(rest > 0 ? [`::${kind} title=passk-bench::${rest} more; the report has them all`] : []),
    ];
  };
  return [...lines('error', errors), ...lines('warning', warnings)];
}

/** Appends the claims to the step's summary, where there is one. */
export function writeStepSummary(report: Report, path: string | undefined): void {
  if (path === undefined || path === '') return;
  const bytes = Buffer.from(`${reportMarkdown(report)}\n`, 'utf8');
  // Cut at a line's end: half a row is no table.
  const end =
    bytes.length <= MOST_SUMMARY_BYTES ? bytes.length : bytes.lastIndexOf(10, MOST_SUMMARY_BYTES) + 1;
  appendFileSync(path, bytes.subarray(0, end));
}
