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
    super(
      printable(
        `${where}: expected ${expected}, got ${got}${advice ? `; ${advice}` : ''}`,
        MAX_MESSAGE_LENGTH,
      ),
    );
  }
}

/** Longer than any sentence of ours: only what came from outside can reach it. */
const MAX_MESSAGE_LENGTH = 600;
const MAX_SHOWN_LENGTH = 60;

/** One line without control, format or unassigned characters, at most so long: safe for a terminal. */
export function printable(text: string, maxLength: number): string {
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 3)}...` : clean;
}

/** Any value as a short, single-line, printable text: what came from outside is never echoed whole or raw. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object with ${Object.keys(value).length} keys`;
  // JSON would write these as null.
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return printable(JSON.stringify(value), MAX_SHOWN_LENGTH);
}
