/** What may be asked for on the command line. */
import { parseArgs } from 'node:util';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError, shown } from '../../src/input/inputError.ts';
import { MAX_SEED } from '../../src/math/random/stream.ts';

export interface Options {
  /** about how long a job of a peer shall take */
  readonly seconds: number;
  readonly rounds: number;
  readonly seed: number;
  /** where the report goes; null for nowhere */
  readonly json: string | null;
  readonly markdown: boolean;
  readonly python: string;
}

export const USAGE = `npm run peers -- [options]

  --seconds S    about how long a job of each peer takes, 0.05 to 60 (default 1)
  --rounds N     jobs of each peer that count, 3 to 200 (default 7)
  --seed N       of the order in which peers take turns, of the draws and of the intervals (default 1)
  --json FILE    writes all that was measured, too
  --markdown     prints the table as Markdown
  --python NAME  the Python to ask for NumPy, PyTorch and JAX (default python3)
  --help`;

/** @returns 'help' where that is asked for @throws InputError */
export function optionsOf(args: readonly string[]): Options | 'help' {
  const values = parsed(args);
  if (values.help === true) return 'help';
  if (values.json !== undefined) checkPlace(values.json);
  return {
    seconds: numberOf(values.seconds, '--seconds', 0.05, 60),
    rounds: integerOf(values.rounds, '--rounds', 3, 200),
    seed: integerOf(values.seed, '--seed', 0, MAX_SEED),
    json: values.json ?? null,
    markdown: values.markdown === true,
    python: values.python,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '7' },
        seed: { type: 'string', default: '1' },
        json: { type: 'string' },
        markdown: { type: 'boolean' },
        python: { type: 'string', default: 'python3' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    // Node's own words name the flag; what follows them is advice on how to pass such a word as a value.
    const reason = (error instanceof Error ? error.message : String(error)).split(/[\n.]/)[0];
    throw new InputError('npm run peers', 'the flags of --help', reason);
  }
}

function numberOf(text: string, flag: string, low: number, high: number): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= low && value <= high) return value;
  throw new InputError(flag, `a number from ${low} to ${high}`, shown(text));
}

function integerOf(text: string, flag: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= low && value <= high) return value;
  throw new InputError(flag, `a whole number from ${low} to ${high}`, shown(text));
}

/** Before a minute is spent on what cannot be written. */
function checkPlace(path: string): void {
  const isFolder = (name: string): boolean =>
    statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
  if (path !== '' && isFolder(dirname(path)) && !isFolder(path)) return;
  throw new InputError(`--json ${shown(path)}`, 'a file in a folder that exists', 'none');
}
