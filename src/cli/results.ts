/**
 * Files that a command writes: whole or not at all, nothing half-written left, and a folder that cannot be written is found
 * before the work.
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, shown } from '../input/inputError.ts';

/** @throws InputError unless files can be made in the folder */
export function requireWritable(folder: string): void {
  const where = `--out ${shown(folder)}`;
  if (folder === '') throw new InputError('--out', 'a folder', 'an empty name', 'name one');
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw unwritable(where, 'a folder that can be written', error);
  }
}

/**
 * Writes a file whole or not at all; a link keeps pointing, to the new content. A character device is written into; what is
 * neither that nor a file is refused.
 *
 * @throws InputError naming the flag
 */
export function saveFile(path: string, flag: string, text: string): void {
  const where = `${flag} ${shown(path)}`;
  if (path === '') throw new InputError(flag, 'a file', 'an empty name', 'name one');
  try {
    const target = linkTarget(resolve(path));
    const status = statSync(target, { throwIfNoEntry: false });
    if (status?.isCharacterDevice()) {
      writeFileSync(target, text);
      return;
    }
    if (status && !status.isFile()) {
      const kind = status.isDirectory() ? 'a folder' : 'something else';
      throw new InputError(where, 'a file', kind, 'name a file, or leave it out and redirect the output');
    }
    writeAtomically(dirname(target), basename(target), text, status?.mode);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unwritable(where, 'a place that can be written', error);
  }
}

/** Links followed, the last one also where it points to nothing yet. */
function linkTarget(path: string, followed = 0): string {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (!status?.isSymbolicLink()) return path;
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || followed > 40) throw error;
    return linkTarget(resolve(dirname(path), readlinkSync(path)), followed + 1);
  }
}

/** @param mode of the file that is replaced @returns the path written @throws the system's own error, nothing left behind */
export function writeAtomically(folder: string, name: string, text: string, mode?: number): string {
  const path = join(folder, name);
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, text, { flag: 'wx' });
    if (mode !== undefined) chmodSync(unfinished, mode & 0o7777);
    renameSync(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(unfinished, { force: true });
    throw error;
  }
  return path;
}

function unwritable(where: string, expected: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? 'an error';
  const advice =
    code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
      ? 'free some space or name another'
      : 'mend its rights or name another';
  return new InputError(where, expected, code, advice);
}
