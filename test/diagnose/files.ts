/** Files of results as a host would hand them over, and what came of them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diagnoseFiles, type Diagnosed, type TextSource } from '../../src/diagnose/readFiles.ts';
import type { SettingTexts } from '../../src/diagnose/settings.ts';

export const FORMATS_FOLDER = fileURLToPath(new URL('formats', import.meta.url));

const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** @param pieceLength bytes of a piece, as a pipe may cut them */
export function sourceOf(path: string, content: string | Uint8Array, pieceLength = 1000): TextSource {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.slice(at, at + pieceLength);
  }
  const name = path.split('/').at(-1) ?? path;
  return { name, path, sizeBytes: bytes.length, pieces };
}

export function diagnoseSources(
  sources: readonly TextSource[],
  texts: SettingTexts = {},
): Promise<Diagnosed> {
  return diagnoseFiles(sources, { resamples: '100', ...texts }, flagOf, () => undefined);
}

/** { path: content } */
export function diagnoseTexts(
  files: Readonly<Record<string, string | Uint8Array>>,
  texts: SettingTexts = {},
  pieceLength = 1000,
): Promise<Diagnosed> {
  return diagnoseSources(
    Object.entries(files).map(([path, content]) => sourceOf(path, content, pieceLength)),
    texts,
  );
}

/** The files of one of the folder's entries, as a command would find them. */
export function fixture(name: string): TextSource[] {
  const path = join(FORMATS_FOLDER, name);
  if (!statSync(path).isDirectory()) return [sourceOf(name, readFileSync(path))];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({
      ...sourceOf(relative(FORMATS_FOLDER, file), readFileSync(file)),
      mayBeOther: true as const,
    }));
}

export type Counts = Readonly<Record<string, readonly [n: number, correct: number]>>;

export function countsOf({ report }: Diagnosed, model = 0): Counts {
  return Object.fromEntries(
    report.models[model].problems.map(({ problem, n, correct }) => [problem, [n, correct]] as const),
  );
}

/** What was designed, whatever it calls its problems. */
export function truthOf(name: string, key?: string): (readonly [number, number])[] {
  const all = JSON.parse(readFileSync(join(FORMATS_FOLDER, `${name}.truth.json`), 'utf8')) as Record<
    string,
    unknown
  >;
  return sortedCounts((key === undefined ? all : all[key]) as Counts);
}

export const sortedCounts = (counts: Counts): (readonly [number, number])[] =>
  Object.values(counts)
    .map(([n, correct]) => [n, correct] as const)
    .sort(([n, c], [otherN, otherC]) => n - otherN || c - otherC);
