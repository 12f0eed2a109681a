/** One tar.xz of a folder, the same bytes for the same files: names sorted, no times, no owners. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { dirname, basename } from 'node:path';
import { requireProgram, runProgram } from './programs.ts';

export interface Archive {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** @throws InputError */
export function requireArchivers(): void {
  // Others cannot sort names, or set times.
  requireProgram('tar', ['--version'], 'GNU tar', 'install it (Debian, Ubuntu: apt-get install tar)');
  requireProgram('xz', ['--version'], 'XZ Utils', 'install it (Debian, Ubuntu: apt-get install xz-utils)');
}

/**
 * @param preset of xz: 0 to 9, and e for its slower form
 * @throws Error with what tar says; AbortError
 */
export async function writeArchive(
  folder: string,
  file: string,
  preset: string,
  signal: AbortSignal,
): Promise<Archive> {
  await runProgram(
    'tar',
    [
      '--create',
      '--format=ustar',
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      // One thread: with more, the bytes depend on how many there are. At -9 a block is longer than all of it anyhow.
      `--use-compress-program=xz -T1 -${preset}`,
      `--directory=${dirname(folder)}`,
      `--file=${file}`,
      '--',
      basename(folder),
    ],
    signal,
  );
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return { sizeBytes: statSync(file).size, sha256: hash.digest('hex') };
}
