/** What a file is shows in its beginning, whatever its name says. */

export type FileKind = 'report' | 'problem' | 'estimator' | 'evaluation';

/** So much of a file says what it is. */
export const HEAD_CHARACTERS = 65536;

const REPORT = /"format"\s*:\s*"passk-report@1"/;
const PROBLEM = /"format"\s*:\s*"passk-problem@1"/;
const ESTIMATOR = /"format"\s*:\s*"passk-estimator@1"/;
/** What a log of a trainer has, and an evaluation has not. */
const ADVANTAGES = ['advantage', 'advantages', 'adv', 'advs'];
const ADVANTAGE_KEY = /"(advantages?|advs?)"\s*:/i;

export function kindOf(head: string): FileKind {
  const start = head.slice(0, HEAD_CHARACTERS);
  if (REPORT.test(start)) return 'report';
  if (PROBLEM.test(start)) return 'problem';
  if (ESTIMATOR.test(start)) return 'estimator';
  if (/^\s*[[{]/.test(start)) return ADVANTAGE_KEY.test(start) ? 'estimator' : 'evaluation';
  const header = start
    .trimStart()
    .split(/[\r\n]/, 1)[0]
    .split(/[,;\t|]/)
    .map((field) =>
      field
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .toLowerCase(),
    );
  return header.some((column) => ADVANTAGES.includes(column)) ? 'estimator' : 'evaluation';
}
