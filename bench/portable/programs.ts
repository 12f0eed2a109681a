/** The programs of this system that packing needs. Each ends with the packing: a signal is passed on. */
import { spawn, spawnSync } from 'node:child_process';
import { InputError } from '../../src/input/inputError.ts';

/**
 * @param args that make it say its version
 * @param sign what the answer must hold
 * @throws InputError
 */
export function requireProgram(name: string, args: readonly string[], sign: string, install: string): void {
  const answer = spawnSync(name, args, { encoding: 'utf8' });
  if (answer.error === undefined && answer.status === 0 && answer.stdout.includes(sign)) return;
  const got = answer.error === undefined ? 'another' : 'none in PATH';
  throw new InputError(name, `the program ${sign}`, got, install);
}

export const hasProgram = (name: string): boolean =>
  spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;

/**
 * Runs to the end.
 *
 * @throws Error with the program's first line where it fails; AbortError
 */
export function runProgram(name: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { signal, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`${name} failed: ${said.trim().split('\n')[0] || (killedBy ?? `exit code ${code}`)}`),
        );
    });
  });
}
