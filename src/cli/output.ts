/** Standard output: results alone. Progress and faults go to standard error. */
import { InputError } from '../input/inputError.ts';

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A line for the person, beside the results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

let fault: NodeJS.ErrnoException | null = null;

/** Hears what becomes of the two outputs, so that neither ends the process with a stack trace. */
export function guardOutputs(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => (fault ??= error));
  // Nobody is left to be told.
  process.stderr.on('error', () => undefined);
  // A file size limit: the write fails with EFBIG instead.
  if (process.platform !== 'win32') process.on('SIGXFSZ', () => undefined);
}

/**
 * Waits until all is written. A reader that has gone, as `head` does, has what it wanted.
 *
 * @throws InputError where standard output could not take it: a full disk, say
 */
export async function flushOutput(): Promise<void> {
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  // The event of a failed write comes a turn after its callback.
  await new Promise((resolve) => setImmediate(resolve));
  if (fault === null || fault.code === 'EPIPE') return;
  throw new InputError('standard output', 'a place that can be written', fault.code ?? 'an error');
}
