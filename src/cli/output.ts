/** Standard output: results alone. Progress and faults go to standard error. */

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
