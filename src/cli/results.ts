/** Report files: written whole or not at all, and a folder that cannot be written is found before the run. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, shown } from '../input/inputError.ts';

/** @throws InputError unless files can be made in the folder */
export function requireWritable(folder: string): void {
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw new InputError(
      `--out ${shown(folder)}`,
      'a folder that can be written',
      code,
      'mend its rights or name another',
    );
  }
}

/** Writes a file whole or not at all. @throws InputError naming the flag where it cannot be written */
export function saveFile(path: string, flag: string, text: string): void {
  try {
    writeAtomically(dirname(path), basename(path), text);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw new InputError(
      `${flag} ${shown(path)}`,
      'a place that can be written',
      code,
      'mend its rights or name another',
    );
  }
}

/** @returns the path written */
export function writeAtomically(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  const unfinished = `${path}.${process.pid}.tmp`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
  return path;
}
