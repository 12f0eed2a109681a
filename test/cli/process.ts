/** The command line as another program meets it: a process, its two outputs and its exit code. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const script = fileURLToPath(new URL('../../bench/passk.mjs', import.meta.url));
export const oracle = fileURLToPath(new URL('../oracle/', import.meta.url));
/** empty, and gone after the file's tests */
export const folder = mkdtempSync(join(tmpdir(), 'passk-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const passk = (...args: string[]): Finished => passkWith('', ...args);

/** @param input what stands on standard input */
export function passkWith(input: string | Uint8Array, ...args: string[]): Finished {
  return spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    cwd: folder,
    maxBuffer: 2 ** 28,
    input,
  });
}

/** @returns its path */
export function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
