/** What a file is shows in its beginning, whatever its name says. */

export type FileKind = 'report' | 'problem' | 'estimator' | 'evaluation';

/** So much of a file says what it is. */
export const HEAD_CHARACTERS = 4096;

const REPORT = /"format"\s*:\s*"passk-report@1"/;
const PROBLEM = /"format"\s*:\s*"passk-problem@1"/;
const ESTIMATOR = /"format"\s*:\s*"passk-estimator@1"/;
/** Columns that a log of advantages has, and an evaluation has not. */
const LOG_COLUMNS = ['n', 'c', 'reward', 'advantage'];

export function kindOf(head: string): FileKind {
  const start = head.slice(0, HEAD_CHARACTERS);
  if (REPORT.test(start)) return 'report';
  if (PROBLEM.test(start)) return 'problem';
  if (ESTIMATOR.test(start)) return 'estimator';
  const header = start
    .trimStart()
    .split(/[\r\n]/, 1)[0]
    .split(',')
    .map((field) =>
      field
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .toLowerCase(),
    );
  return LOG_COLUMNS.every((column) => header.includes(column)) ? 'estimator' : 'evaluation';
}
