/** A report as JUnit XML, in the form that most servers read: testsuites, testsuite, testcase with failure or skipped. */
import type { Report } from '../../lab/suite/report.ts';
import { casesOf, type Case } from './cases.ts';

/** XML 1.0 has no place for most control characters, escaped or not. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\t\n\r]/g, ' ');
}

function caseXml({ suite, name, outcome, words }: Case): string {
  const open = `    <testcase classname="passk-bench.${escaped(suite)}" name="${escaped(name)}" time="0"`;
  if (outcome === 'failed')
    return `${open}>\n      <failure message="${escaped(words)}" type="disagree">${escaped(words)}</failure>\n    </testcase>`;
  if (outcome === 'skipped') return `${open}>\n      <skipped message="${escaped(words)}"/>\n    </testcase>`;
  return `${open}>\n      <system-out>${escaped(words)}</system-out>\n    </testcase>`;
}

export function junitXml(report: Report): string {
  const cases = casesOf(report);
  const counts = (own: readonly Case[]): string => {
    const count = (outcome: Case['outcome']): number =>
      own.filter((entry) => entry.outcome === outcome).length;
    return `tests="${own.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}"`;
  };
  const seconds = (report.durationMs / 1000).toFixed(3);
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((suite) => {
    const own = cases.filter((entry) => entry.suite === suite);
    return `  <testsuite name="${escaped(suite)}" ${counts(own)} time="0" timestamp="${escaped(report.startedAt)}">\n${own.map(caseXml).join('\n')}\n  </testsuite>`;
  });
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="passk-bench" ${counts(cases)} time="${seconds}">\n` +
    `${suites.join('\n')}\n</testsuites>\n`
  );
}
