/**
 * An error in something a person gave: a file, a flag, a field of the form. Callers branch on it: the command line
 * prints its one line and exits with 2, the page shows the line beside the field.
 */
export class InputError extends Error {
  override name = 'InputError';

  /**
   * @param where the place, as the person knows it: "problem.json: prompts[0].logits[2]"
   * @param expected what would be accepted
   * @param got what came, shortened by `shown`
   * @param advice what to do, if it is more than "change it"
   */
  constructor(where: string, expected: string, got: string, advice?: string) {
    super(`${where}: expected ${expected}, got ${got}${advice ? `; ${advice}` : ''}`);
  }
}

/** Any value as a short, single-line, printable text: what came from outside is never echoed whole or raw. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object with ${Object.keys(value).length} keys`;
  // JSON would write these as null.
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value);
  // eslint-disable-next-line no-control-regex -- control characters are what must not reach a terminal
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable;
}
